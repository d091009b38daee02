"""``biotune conformance``."""

import argparse
import json
import sys


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("conformance", help="known answers: how far off biotune is on this machine")
    parser.add_argument("--without-neurokit2", action="store_true", help="leave NeuroKit2's column out: quicker")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.analysis import conformance, known_answers
    from biotune.report import conformance as report

    print("Making recordings whose answers are known …", file=sys.stderr, flush=True)
    result = conformance.run(
        known_answers.cases(),
        with_neurokit2=not args.without_neurokit2,
        progress=lambda name: print(name, file=sys.stderr, flush=True),
    )
    document = json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) if args.json else None
    print(document or report.text(result))
    return 1 if result.failed else 0
