"""``biotune correct``: what a log says wrongly is set right in a further line, never changed."""

import argparse
import os
import sys

from biotune.domain import RrUnit


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("correct", help="set right what a strap told wrongly; its packets are kept")
    parser.add_argument("source", metavar="SESSION", help="a session (S12, S12/2)")
    parser.add_argument(
        "--rr-unit",
        choices=[str(each) for each in RrUnit],
        required=True,
        help="what the strap's RR numbers count: 1/1024 s, as the standard says, or ms",
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.domain import PacketReceived, RrUnitSet
    from biotune.errors import SessionNotFound, UsageError
    from biotune.settings import Settings
    from biotune.storage.store import SessionReference, Store

    reference = SessionReference.parse(args.source)
    if reference is None:
        raise UsageError(
            f"{args.source!r} is not a session", hint="A session is called S and a number; see: biotune sessions"
        )
    session_id = f"S{reference.number}"
    with Store.open(Settings.read(home=args.home).database) as store:
        recording = store.session(session_id).recording(reference.recording)
        if not any(isinstance(line.entry, PacketReceived) for line in recording.lines):
            raise SessionNotFound(
                f"{args.source} holds no strap's packets", why="An imported file's intervals have their own unit."
            )
        stamp = store.last_stamp(session_id)
        if stamp is not None:
            unit = RrUnitSet(RrUnit(args.rr_unit))
            store.append(session_id, f"cli:{os.getpid()}", stamp, unit, recording=reference.recording)
    print(f"{args.source} is read with RR intervals in {args.rr_unit} from now on", file=sys.stderr)
    return 0
