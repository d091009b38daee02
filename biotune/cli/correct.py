"""``biotune correct``: what a log says wrongly is set right in a further line, never changed."""

import argparse
import getpass
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from biotune.domain import RrUnit

if TYPE_CHECKING:
    from biotune.library import Library

_EXAMPLES = """\
examples:
  biotune correct S12 --history                       what stands, and what was corrected
  biotune correct S12 --beat 81.34 --accept           use this beat though it is flagged
  biotune correct S12 --beat 81.34 --reject           leave this beat out
  biotune correct S12 --beat 80.90 --add              there is an R peak here that was missed
  biotune correct S12 --beat 81.34 --undecide         back to what the method says
  biotune correct S12 --marker new --label "door" --at 300
  biotune correct S12 --marker 412 --label "a door"   the marker on line 412 of the log
  biotune correct S12 --marker 412 --remove
  biotune correct S12 --phase music --at 492.5        it began then; the phase before ends there
  biotune correct S12 --client C07                    it is another client's session
  biotune correct S12 --rr-unit ms                    the strap sends milliseconds
  biotune correct S12 --undo 1371                     take the correction on line 1371 back

Times are seconds of session time; analyse --json lists every flagged beat with its time. Every correction is a
further line, with who and when, and so is its undoing: nothing is overwritten.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "correct",
        help="set right beats, markers, phases, the client, the strap's unit; what was recorded is kept",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_EXAMPLES,
    )
    parser.add_argument("source", metavar="SESSION", help="a session (S12; S12/2 for its second recording)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--beat", type=float, metavar="TIME", help="the beat whose R peak is then")
    what.add_argument("--marker", metavar="LINE", help="the marker on that line of the log, or: new")
    what.add_argument("--phase", metavar="NAME", help="the phase of that name; with --at")
    what.add_argument("--client", metavar="CODE", help="whose session it is; '' for nobody's")
    what.add_argument(
        "--rr-unit",
        choices=[str(each) for each in RrUnit],
        help="what the strap's RR numbers count: 1/1024 s, as the standard says, or ms",
    )
    what.add_argument("--undo", type=int, metavar="LINE", help="take the correction on that line back")
    what.add_argument("--history", action="store_true", help="what stands, and every correction so far")
    beat = parser.add_argument_group("with --beat").add_mutually_exclusive_group()
    beat.add_argument("--accept", action="store_const", dest="judgement", const="accepted", help="use it")
    beat.add_argument("--reject", action="store_const", dest="judgement", const="rejected", help="leave it out")
    beat.add_argument("--add", action="store_const", dest="judgement", const="added", help="there is one here")
    beat.add_argument("--undecide", action="store_const", dest="judgement", const="undecided", help="ask the method")
    marker = parser.add_argument_group("with --marker and --phase")
    marker.add_argument("--label", help="what the marker says")
    marker.add_argument("--at", type=float, metavar="SECONDS", help="when it is, or begins")
    marker.add_argument("--remove", action="store_true", help="take the marker back")
    parser.add_argument("--by", metavar="NAME", help="who corrects; this account's name by default")
    parser.add_argument("--json", action="store_true", help="with --history: print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.errors import UsageError
    from biotune.library import open_library
    from biotune.storage.store import SessionReference

    reference = SessionReference.parse(args.source)
    if reference is None:
        raise UsageError(
            f"{args.source!r} is not a session", hint="A session is called S and a number; see: biotune sessions"
        )
    _refuse_what_does_not_belong(args)
    with open_library(args.home) as library:
        if args.history:
            _tell_history(library, args)
            return 0
        if args.rr_unit:
            told = _set_unit(library, args.source, reference.recording, RrUnit(args.rr_unit))
        else:
            told = _correct(library, args)
    print(told, file=sys.stderr)
    return 0


def _refuse_what_does_not_belong(args: argparse.Namespace) -> None:
    from biotune.errors import UsageError

    if (args.beat is None) != (args.judgement is None):
        raise UsageError("--beat goes with one of --accept, --reject, --add, --undecide", hint=_HELP)
    if args.at is not None and args.marker is None and args.phase is None:
        raise UsageError("--at goes with --marker or --phase", hint=_HELP)
    if args.phase is not None and args.at is None:
        raise UsageError(f"when did {args.phase} begin?", hint="Give seconds of session time with --at.")
    if (args.label is not None or args.remove) and args.marker is None:
        raise UsageError("--label and --remove go with --marker", hint=_HELP)
    if args.json and not args.history:
        raise UsageError("--json goes with --history", hint=_HELP)
    if args.marker is not None:
        _refuse_half_a_marker(args)


def _refuse_half_a_marker(args: argparse.Namespace) -> None:
    from biotune.errors import UsageError

    new = args.marker == "new"
    if not new and not args.marker.isdecimal():
        raise UsageError(f"{args.marker[:60]!r} is no line of a log", hint="Lines of markers: --history. Or say: new")
    if new and (args.label is None or args.at is None or args.remove):
        raise UsageError("a new marker needs --label and --at", hint=_HELP)
    if args.remove and (args.label is not None or args.at is not None):
        raise UsageError("a marker is removed or changed, not both", hint=_HELP)
    if not args.remove and args.label is None and args.at is None:
        raise UsageError("what is to become of the marker?", hint="Give --label, --at or --remove.")


_HELP = "See: biotune correct --help"


def _correct(library: "Library", args: argparse.Namespace) -> str:
    """Append the line; return what is told of it."""
    from biotune.domain import BeatJudgement
    from biotune.library.corrections import Corrections

    by = _account() if args.by is None else args.by
    corrections, source = Corrections(library.store, writer=f"cli:{os.getpid()}"), args.source
    if args.beat is not None:
        line = corrections.judge_beat(source, args.beat, BeatJudgement(args.judgement), by=by)
    elif args.marker == "new":
        line = corrections.set_marker(source, args.label, args.at, by=by)
    elif args.marker is not None and args.remove:
        line = corrections.remove_marker(source, int(args.marker), by=by)
    elif args.marker is not None:
        line = corrections.correct_marker(source, int(args.marker), label=args.label, at_s=args.at, by=by)
    elif args.phase is not None:
        line = corrections.move_phase(source, args.phase, args.at, by=by)
    elif args.undo is not None:
        line = corrections.undo(source, args.undo, by=by)
    else:
        line = corrections.change_client(source, args.client, by=by)
    made = corrections.history(source)[-1]
    return f"{source}: {made.words} (line {line.seq}; --undo {line.seq} takes it back)"


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, in a container
        return ""


def _set_unit(library: "Library", source: str, number: int, unit: RrUnit) -> str:
    from biotune.domain import PacketReceived, RrUnitSet
    from biotune.errors import SessionNotFound

    recording = library.recording(source)
    if not any(isinstance(line.entry, PacketReceived) for line in recording.lines):
        raise SessionNotFound(
            f"{source} holds no strap's packets", why="An imported file's intervals have their own unit."
        )
    session_id = source.partition("/")[0]
    stamp = library.store.last_stamp(session_id)
    if stamp is not None:
        library.store.append(session_id, f"cli:{os.getpid()}", stamp, RrUnitSet(unit), recording=number)
    return f"{source} is read with RR intervals in {unit} from now on"


# ---------------------------------------------------------------- what stands


def _tell_history(library: "Library", args: argparse.Namespace) -> None:
    document = _document(library, args.source)
    if args.json:
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
        return
    print(f"{document['session']} · client {document['client'] or '-'}")
    print("\nPhases")
    for phase in document["phases"]:
        print(f"  {phase['start_s']:8.1f} s  {phase['name']}{' (corrected)' if phase['corrected'] else ''}")
    print("\nMarkers" if document["markers"] else "\nNo markers.")
    for marker in document["markers"]:
        print(f"  {marker['time_s']:8.1f} s  line {marker['line']}: {marker['label']}")
    if document["beats"]:
        print("\nBeats decided by hand")
    for beat in document["beats"]:
        added = " (added)" if beat["added"] and beat["judgement"] != "added" else ""
        print(f"  {beat['time_s']:8.2f} s  {beat['judgement']}{added}{' by ' + beat['by'] if beat['by'] else ''}")
    print("\nCorrections" if document["history"] else "\nNothing was corrected.")
    for made in document["history"]:
        when = f"{made['made'][:16].replace('T', ' ')} UTC" if made["made"] else "at an unknown time"
        print(f"  line {made['line']}: {made['words']} ({when}{', ' + made['by'] if made['by'] else ''})")


def _document(library: "Library", source: str) -> dict[str, Any]:
    corrections = library.corrections
    session = library.session(source)
    return {
        "schema": "biotune.corrections/1",
        "session": session.id,
        "client": session.client,
        "phases": [
            {
                "line": each.line,
                "name": each.name,
                "start_s": each.start_s,
                "end_s": each.end_s,
                "corrected": each.corrected,
            }
            for each in corrections.phases(source)
        ],
        "markers": [
            {"line": each.line, "time_s": each.time_s, "label": each.label, "corrected": each.corrected}
            for each in corrections.markers(source)
        ],
        "beats": [
            {"time_s": each.time_s, "judgement": each.judgement.value, "added": each.added, "by": each.by}
            for each in corrections.decisions(source)
        ],
        "history": [
            {
                "line": each.line,
                "recording": each.recording,
                "made": each.made.isoformat(timespec="seconds") if each.made else None,
                "by": each.by,
                "words": each.words,
            }
            for each in corrections.history(source)
        ],
    }
