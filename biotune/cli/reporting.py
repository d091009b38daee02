"""``biotune report``."""

import argparse
import sys
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report",
        help="a session on paper: HTML or PDF, for the client or a researcher",
        description="Write a session's report. The file's ending says what it is: .html (one file, no outside request) "
        "or .pdf (tagged for screen readers). Notes that people typed are left out; the researcher's has what was "
        "written into the record of the music.",
    )
    parser.add_argument("source", metavar="SOURCE", help="a session (S12, S12/2) or a file")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="FILE.html or FILE.pdf")
    parser.add_argument(
        "--for",
        dest="audience",
        choices=["client", "researcher"],
        default="client",
        help="client: plain words (default); researcher: every metric, settings, and the methods paragraph",
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from biotune.errors import UsageError
    from biotune.formats import writing
    from biotune.library import Library, open_library
    from biotune.library.subjects import find
    from biotune.report import printing

    ending = args.output.suffix.lower()
    if ending not in printing.ENDINGS:
        raise UsageError(f"{args.output} is neither .html nor .pdf", hint="The file's ending says what is written.")
    writing.check(args.output, force=args.force)
    with ExitStack() as stack:
        opened: list[Library] = []

        def library() -> Library:
            opened.append(stack.enter_context(open_library(args.home)))
            return opened[-1]

        subject = find(args.source, library)
        writing.write(args.output, printing.printed(subject, args.audience, ending), force=args.force)
        if opened:
            opened[-1].eraser.note_written([args.output], client=subject.session.client, session_id=subject.session.id)
    print(f"wrote {args.output}", file=sys.stderr)
    return 0
