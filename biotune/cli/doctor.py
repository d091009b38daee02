"""``biotune doctor``: what works on this machine, and what to do about the rest."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biotune.cli.machine import Check


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="what works on this machine, and what to do about the rest")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run, port=None)


def _run(args: argparse.Namespace) -> int:
    from biotune.cli.app import port_of
    from biotune.cli.machine import look
    from biotune.settings import Settings

    print("Looking at this machine …", file=sys.stderr, flush=True)
    checks = []
    for check in look(Settings.read(home=args.home), port_of(args)):
        checks.append(check)
        if not args.json:
            print(as_text(check), flush=True)
    broken = [check.name for check in checks if check.needed and not check.ok]
    if args.json:
        print(as_json(checks))
    elif broken:
        print(f"\nA strap cannot be recorded here until this is mended: {', '.join(broken)}.")
    else:
        print("\nEverything that recording needs works.")
    return 1 if broken else 0


def as_text(check: "Check") -> str:
    """Return a line for a part, and one for its remedy."""
    mark = "ok" if check.ok else "BROKEN" if check.needed else "-"
    line = f"{mark:6}  {check.name:20}  {check.words}"
    return f"{line}\n{'':30}{check.remedy}" if check.remedy else line


def as_json(checks: "Sequence[Check]") -> str:
    """Return the document ``biotune.doctor/1``."""
    document = {"schema": "biotune.doctor/1", "checks": [check.to_dict() for check in checks]}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
