"""``biotune export``."""

import argparse
import sys
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export",
        help="a session as a file for other programs",
        description="Write a session's intervals, phases and results for other programs. Notes, circumstances and "
        "other free text stay out, unless --with-notes.",
    )
    parser.add_argument("source", metavar="SOURCE", help="a session (S12, S12/2) or a file")
    parser.add_argument(
        "--format",
        dest="format_name",
        metavar="FORMAT",
        required=True,
        help="csv (intervals, times, phases), kubios (RR text), bids (a folder), edf (EDF+), xlsx (a spreadsheet with "
        "a codebook), json (the log, and what was computed of it)",
    )
    parser.add_argument("-o", "--output", metavar="PATH", type=Path, required=True, help="the file, or bids' folder")
    parser.add_argument("--with-notes", action="store_true", help="free text that people typed goes out as well")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from biotune.formats import exporting, writing
    from biotune.library import Library, open_library
    from biotune.library.subjects import find, material

    writer = exporting.writer(args.format_name)
    if not writer.is_folder:
        writing.check(args.output, force=args.force)
    with ExitStack() as stack:
        opened: list[Library] = []

        def library() -> Library:
            opened.append(stack.enter_context(open_library(args.home)))
            return opened[-1]

        subject = find(args.source, library)
        made = exporting.write(material(subject, with_notes=args.with_notes), writer.name)
        was_there = args.output.exists()
        if writer.is_folder:
            written = writing.write_folder(args.output, made, force=args.force)
        else:
            writing.write(args.output, made[""], force=args.force)
            written = (args.output,)
        if opened:
            opened[-1].eraser.note_written(
                written,
                client=subject.session.client,
                session_id=subject.session.id,
                folder=args.output if writer.is_folder and not was_there else None,
            )
    print(f"wrote {args.output}{f', {len(written)} files' if writer.is_folder else ''}", file=sys.stderr)
    return 0
