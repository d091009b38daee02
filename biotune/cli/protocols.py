"""``biotune protocols``."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from biotune.session.protocol import PlannedPhase, Protocol


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("protocols", help="what can be run")
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell everything about this one (or about a file)")
    parser.add_argument("--check", metavar="FILE", help="tell whether a protocol of your own can be run")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.errors import UsageError
    from biotune.session import protocol

    if args.name and args.check:
        raise UsageError("a name or a file to check, not both")
    if args.check:
        chosen = [protocol.read(args.check)]
        print(f"{args.check} can be run.", file=sys.stderr)
    else:
        chosen = [protocol.load(name) for name in ([args.name] if args.name else protocol.names())]
    if args.json:
        document = {"schema": "biotune.protocols/1", "protocols": [_document(each) for each in chosen]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    elif args.name or args.check:
        print(_details(chosen[0]))
    else:
        width = max(len(each.name) for each in chosen)
        for each in chosen:
            print(f"{each.name:<{width}}  {each.seconds / 60:3.0f} min  {each.title}")
    return 0


def _document(protocol: "Protocol") -> dict[str, Any]:
    return {
        "name": protocol.name,
        "title": protocol.title,
        "description": protocol.description,
        "duration_s": protocol.seconds,
        "phases": [
            {
                "name": phase.name,
                "kind": phase.kind.value,
                "activity": phase.activity.value if phase.activity else None,
                "duration_s": phase.seconds,
                "posture": phase.posture,
                "paced": phase.paced,
                "breaths_per_min": phase.breaths_per_min,
                "explanation": phase.explanation,
            }
            for phase in protocol.phases
        ],
    }


def _details(protocol: "Protocol") -> str:
    lines = [f"{protocol.title} ({protocol.name}, {protocol.seconds / 60:g} min)", protocol.description, ""]
    return "\n".join([*lines, *map(_phase, protocol.phases)])


def _phase(phase: "PlannedPhase") -> str:
    about = ", ".join(filter(None, (phase.kind.value, phase.activity and phase.activity.value, phase.posture)))
    return f"{phase.seconds / 60:4g} min  {phase.name} ({about})\n          {phase.explanation}"
