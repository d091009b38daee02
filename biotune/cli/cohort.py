"""``biotune cohort``: many clients at once."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from biotune.library.cohort import Grouped, Query

_SEVERAL: Any = {"action": "extend", "nargs": "+", "default": []}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("cohort", help="many clients: what changed in each approach")
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="sessions or files; a file that names no client is one of its own"
    )
    parser.add_argument("--all", action="store_true", help="every session there is")
    parser.add_argument("--client", **_SEVERAL, metavar="CODE", help="these clients' sessions")
    parser.add_argument("--approach", **_SEVERAL, metavar="NAME", help="only these approaches")
    parser.add_argument("--since", type=_day, metavar="DAY", help="sessions from that day on (2026-05-14)")
    parser.add_argument("--until", type=_day, metavar="DAY", help="sessions up to that day")
    parser.add_argument(
        "--metric", **_SEVERAL, metavar="KEY", help="metrics declared in advance (mean_hr, rmssd, breathing_rate)"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes on this machine")
    parser.add_argument("--cluster", metavar="ADDRESS", default="", help="a dask scheduler instead: tcp://HOST:PORT")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print one JSON document")
    shape.add_argument("--csv", type=Path, metavar="FILE", help="write a row a session and metric, and a codebook")
    parser.add_argument("--force", action="store_true", help="with --csv: overwrite files that are no such table")
    parser.set_defaults(run=_run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-05-14") from None


def _run(args: argparse.Namespace) -> int:
    query = _query(args)  # a wrong call writes nothing, not even a data folder
    if args.csv:
        from biotune.formats import writing

        for file in (args.csv, _codebook(args.csv)):
            writing.check(file, force=args.force or _is_ours(file))
    from biotune.library.cohort import Cohorts
    from biotune.library.erasing import Eraser
    from biotune.report import cohort as report
    from biotune.settings import Settings
    from biotune.storage.store import Store

    settings = Settings.read(home=args.home)
    with Store.open(settings.database) as store:
        told = _Progress()
        grouped = Cohorts(store, settings.limits).gather(
            query, workers=args.workers, cluster=args.cluster, told=told.tell
        )
        told.end()
        if args.csv:
            _write(args.csv, grouped, force=args.force)
            Eraser(store).note_group(args.csv.name, _codes(grouped), path=args.csv)
    if args.csv:
        return 0
    if args.json:
        print(json.dumps(grouped.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(report.as_text(grouped.cohort))
    return 0


def _query(args: argparse.Namespace) -> "Query":
    from biotune.analysis.cohort import declared
    from biotune.cli.naming import code_named
    from biotune.errors import UsageError
    from biotune.library.cohort import Query
    from biotune.library.mapping import check_address

    if args.cluster:
        check_address(args.cluster)
    if not (args.all or args.client or args.sources):
        raise UsageError("which sessions?", hint="Name some, or --client CODE, or --all.")
    if args.all and (args.client or args.sources):
        raise UsageError("all sessions, or some: not both", hint="Leave --all out.")
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"{args.workers} workers cannot work", hint="Give a number from 1 on.")
    return Query(
        sources=tuple(args.sources),
        clients=tuple(code_named(code, args.home) for code in args.client),
        approaches=tuple(args.approach),
        since=args.since,
        until=args.until,
        metrics=declared(args.metric),
    )


def _codes(grouped: "Grouped") -> set[str]:
    """Return the clients of this data folder's sessions; a file's client is kept nowhere."""
    from biotune.library.measuring import is_session_id

    return {each.client for each in grouped.changes if is_session_id(each.source)}


def _codebook(file: Path) -> Path:
    return file.with_name(f"{file.stem}-codebook.csv")


def _is_ours(file: Path) -> bool:
    """Whether a file is an earlier table or codebook of this command, which anyone can make again, or empty."""
    from biotune.report import cohort as report

    try:
        with file.open(encoding="utf-8") as lines:
            first = lines.readline(1000)
    except (OSError, UnicodeDecodeError):
        return False
    return first in {"", report.csv_of((), ()), report.codebook().partition("\n")[0] + "\n"}


def _write(file: Path, grouped: "Grouped", *, force: bool) -> None:
    from biotune.formats import writing
    from biotune.report import cohort as report

    texts = {file: report.csv_of(grouped.changes, grouped.cohort.metrics), _codebook(file): report.codebook()}
    for path, text in texts.items():
        writing.write(path, text.encode(), force=force or _is_ours(path))
    print(f"wrote {file} and {_codebook(file)}", file=sys.stderr)


class _Progress:
    """Says on stderr how far it is: in one line on a terminal, else every tenth."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._tenth = 0
        self._open = False

    def tell(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        words = f"{done} of {total} sessions"
        if self._on_terminal:
            print(f"\r{words}", end="", file=sys.stderr, flush=True)
            self._open = True
        elif tenth > self._tenth:
            print(words, file=sys.stderr, flush=True)
        self._tenth = tenth

    def end(self) -> None:
        if self._open:
            print(file=sys.stderr)
