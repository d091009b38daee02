"""``biotune analyse`` and ``biotune compare``."""

import argparse
import json

from biotune.domain import ArtefactHandling, Convention, RrUnit


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands."""
    analyse = commands.add_parser("analyse", help="heart rate and HRV of a session or a file")
    analyse.add_argument("source", metavar="SOURCE", help="a session (S12, S12/2) or a file")
    analyse.add_argument(
        "--convention",
        choices=[str(each) for each in Convention],
        default=str(Convention.KUBIOS),
        help="whose definitions",
    )
    analyse.add_argument("--no-correction", action="store_true", help="keep beats flagged as artefacts")
    analyse.add_argument(
        "--artefacts",
        choices=[str(each) for each in ArtefactHandling],
        default=str(ArtefactHandling.EXCLUDE),
        help="leave flagged beats out (the default), or put interpolated intervals in their place; the parts of an "
        "interval that an extra beat cut are added up either way",
    )
    analyse.add_argument("--any-length", action="store_true", help="give metrics below their least length, flagged")
    analyse.add_argument("--detrending", type=float, metavar="LAMBDA", help="smoothness priors; 0 for none")
    analyse.add_argument("--welch-window", type=float, metavar="SECONDS", help="length of the Welch window")
    _add_rr_unit(analyse)
    analyse.add_argument("--json", action="store_true", help="print one JSON document")
    analyse.set_defaults(run=_analyse)

    compare = commands.add_parser("compare", help="before and after: what changed, and how sure that is")
    compare.add_argument("source", metavar="SOURCE", help="a session (S12, S12/2) or a file")
    compare.add_argument("--before", metavar="PHASE", help="a phase's name, or START-END in seconds")
    compare.add_argument("--after", metavar="PHASE", help="a phase's name, or START-END in seconds")
    _add_rr_unit(compare)
    compare.add_argument("--json", action="store_true", help="print one JSON document")
    compare.set_defaults(run=_compare)


def _add_rr_unit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rr-unit",
        choices=[str(each) for each in RrUnit],
        help="what the strap's RR numbers count",
    )


def _analyse(args: argparse.Namespace) -> int:
    from biotune import library
    from biotune.report import text

    asked = {
        "convention": args.convention,
        "correct": not args.no_correction,
        "detrending": args.detrending,
        "welch_window": args.welch_window,
        "any_length": args.any_length,
        "artefacts": args.artefacts,
        "rr_unit": args.rr_unit,
    }
    if library.is_session_id(args.source):  # its pieces are known here
        with library.open_library(args.home) as opened:
            analysis = opened.analyse(args.source, **asked)
    else:
        analysis = library.analyse(library.read(args.source), **asked)
    print(_document(analysis.to_dict()) if args.json else text.analysis(analysis))
    return 0


def _compare(args: argparse.Namespace) -> int:
    from biotune import library
    from biotune.report import text

    asked = {"before": args.before, "after": args.after, "rr_unit": args.rr_unit}
    if library.is_session_id(args.source):  # held against the client's own quiet rest
        with library.open_library(args.home) as opened:
            comparison = opened.compare(args.source, **asked)
    else:
        comparison = library.compare(library.read(args.source), **asked)
    print(_document(comparison.to_dict()) if args.json else text.comparison(comparison))
    return 0


def _document(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
