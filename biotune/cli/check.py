"""``biotune check``: is the strap's signal good enough to begin a session with."""

import argparse
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from biotune.cli.record import read_seed

if TYPE_CHECKING:
    from biotune.domain import StrapEvent
    from biotune.sensor.source import Observation, Source

LEAST_S, MOST_S = 10, 600
_EVERY_S = 10


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="whether a strap's signal is good enough to begin; records nothing")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--strap", metavar="NAME_OR_ADDRESS", help="a strap nearby; see biotune scan")
    source.add_argument("--simulate", metavar="PROFILE", help="a simulated person, such as resting")
    parser.add_argument("--seconds", type=seconds, default=60.0, metavar="S", help="how long to listen (default 60)")
    parser.add_argument("--speed", metavar="N", help="of a simulation: times real time, or max")
    parser.add_argument("--seed", type=read_seed, default=0, metavar="N", help="where a simulation's chance starts (0)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def seconds(text: str) -> float:
    """Read ``--seconds``; argparse shows this function's name where it is no number."""
    value = float(text)
    if not LEAST_S <= value <= MOST_S:
        raise argparse.ArgumentTypeError(f"must be {LEAST_S} to {MOST_S}")
    return value


def _run(args: argparse.Namespace) -> int:
    import asyncio
    import signal

    from biotune.domain import Readiness
    from biotune.session.listening import listen

    source = _source(args)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a check that is given up lets go of the strap
    print(f"looking for {source.strap.name}, then listening for {args.seconds:g} s …", file=sys.stderr, flush=True)
    recording = asyncio.run(listen(source, args.seconds, told=_Progress()))

    from biotune.analysis.signal_check import check  # while a strap is listened to, nothing is imported

    found = check(recording, seconds=args.seconds)
    if args.json:
        print(
            json.dumps({**found.to_dict(), "strap": source.strap.name}, ensure_ascii=False, allow_nan=False, indent=1)
        )
    else:
        print("\n".join([found.words, *found.advice, *(notice.words for notice in found.notices)]))
    return 1 if found.readiness is Readiness.NOT_READY else 0


def _source(args: argparse.Namespace) -> "Source":
    from biotune.cli.record import read_speed, virtual_clock

    at_speed = read_speed(args)
    if args.simulate:
        from biotune.sensor.simulator import SimulatedSource

        return SimulatedSource(args.simulate, seed=args.seed, clock=virtual_clock(at_speed))
    _leave_to_its_recorder(args)
    from biotune.sensor.strap import StrapSource

    return StrapSource(args.strap)


def _leave_to_its_recorder(args: argparse.Namespace) -> None:
    """Refuse a strap that is being recorded; where there is no log yet, none is made."""
    from biotune.session.recorder import refuse_if_recorded
    from biotune.settings import Settings
    from biotune.storage.database import database_file
    from biotune.storage.store import Store

    url = Settings.read(home=args.home).database
    if not url.startswith("sqlite") or database_file(url).is_file():
        with Store.open(url) as store:
            refuse_if_recorded(store, args.strap)


class _Progress:
    """Tells on stderr what comes, every ten seconds."""

    def __init__(self) -> None:
        self._beats = 0
        self._began_ns: int | None = None
        self._told = 0

    def __call__(self, observation: "Observation") -> None:
        from biotune.domain import NS_PER_S, PacketReceived, StrapEvent
        from biotune.errors import WireError
        from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

        entry, at_ns = observation.entry, observation.stamp.monotonic_ns
        self._began_ns = at_ns if self._began_ns is None else self._began_ns
        if isinstance(entry, StrapEvent):
            self._tell(_told(entry))
        elif isinstance(entry, PacketReceived) and entry.characteristic == HEART_RATE_MEASUREMENT:
            with suppress(WireError):
                measured = decode(entry.data)
                self._beats += len(measured.rr_ticks)
                passed = (at_ns - self._began_ns) // (_EVERY_S * NS_PER_S)
                if passed > self._told:
                    self._told = passed
                    self._tell(f"{passed * _EVERY_S} s: {self._beats} beats, {measured.bpm} bpm")

    def _tell(self, words: str) -> None:
        print(words, file=sys.stderr, flush=True)


def _told(event: "StrapEvent") -> str:
    from biotune.domain import StrapChange

    if event.change is StrapChange.BATTERY:
        return f"battery {event.detail} %"
    about = event.detail or (event.strap.name if event.strap else "")
    return f"{event.change.value}{': ' if about else ''}{about}"
