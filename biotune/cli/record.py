"""``biotune record``: run a session and record it."""

import argparse
import functools
import math
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from biotune.sensor.source import Source, VirtualClock
    from biotune.session.protocol import Protocol
    from biotune.session.recorder import Listeners
    from biotune.storage.store import Store

DEFAULT_PROTOCOL = "listening"


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("record", help="run a session and record it; Ctrl-C ends it")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--strap", metavar="NAME_OR_ADDRESS", help="a strap nearby; see biotune scan")
    source.add_argument("--simulate", metavar="PROFILE", help="a simulated person, such as responds")
    source.add_argument("--replay", metavar="SOURCE", help="a session's id or a file, played again")
    parser.add_argument("--speed", metavar="N", help="of a simulation or replay: times real time, or max")
    parser.add_argument(
        "--protocol", metavar="NAME", help=f"what to run, or a TOML file ({DEFAULT_PROTOCOL}; a replay's own phases)"
    )
    parser.add_argument("--client", metavar="CODE", default="", help="the client's code, not a name")
    parser.add_argument("--ecg", action="store_true", help="record ECG and accelerometer too, where there are any")
    parser.add_argument("--new", action="store_true", help="do not continue an unfinished session")
    parser.add_argument("--seed", type=read_seed, default=0, metavar="N", help="where a simulation's chance starts (0)")
    parser.add_argument("--verbose", "-v", action="store_true", help="tell of every line that is safe on the disk")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    import asyncio

    from biotune.cli.naming import code_named, note_on
    from biotune.session.recorder import record
    from biotune.settings import Settings
    from biotune.storage.store import Store

    speed, settings = read_speed(args), Settings.read(home=args.home)
    client = code_named(args.client, args.home)
    protocol = _protocol(args.protocol, settings.protocols) if args.protocol or not args.replay else None

    with ExitStack() as stack:

        @functools.cache
        def store() -> Store:
            """Open the log once all the words of the call are known to be right."""
            return stack.enter_context(Store.open(settings.database))

        source, planned = _source(args, store, speed, protocol)
        note_on(client, store())

        async def run() -> None:
            stop = asyncio.Event()
            _stop_on_signals(stop)
            listeners = _listeners(args)
            await record(
                store(),
                source,
                planned,
                client=client,
                new=args.new,
                own_protocols=settings.protocols,
                listeners=listeners,
                stop=stop,
            )

        asyncio.run(run())
    return 0


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _listeners(args: argparse.Namespace) -> "Listeners":
    from biotune.session.recorder import Listeners

    def begun(session_id: str) -> None:
        print(f"session {session_id}", flush=True)

    def acknowledged(seq: int) -> None:
        if args.verbose:
            _tell(f"acknowledged {seq}")

    return Listeners(begun=begun, announce=_tell, acknowledged=acknowledged)


def read_seed(text: str) -> int:
    """Read ``--seed``, which cannot be below 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("must be a whole number from 0 on")
    return int(text)


def read_speed(args: argparse.Namespace) -> float:
    """Read ``--speed``; `args` has `strap` too, which has a speed of its own."""
    from biotune.errors import UsageError

    if args.speed is None:
        return 1.0
    if args.strap:
        raise UsageError("a strap has its own speed", hint="--speed goes with --simulate and --replay.")
    try:
        speed = math.inf if args.speed == "max" else float(args.speed)
    except ValueError:
        speed = math.nan
    if not speed > 0:
        raise UsageError(f"{args.speed!r} is no speed", hint="Give a number above 0, or max.")
    return speed


def _protocol(name: str | None, folder: "Path | None" = None) -> "Protocol":
    from biotune.session.protocol import load

    return load(name or DEFAULT_PROTOCOL, folder)


def _source(
    args: argparse.Namespace, store: "Callable[[], Store]", speed: float, protocol: "Protocol | None"
) -> "tuple[Source, Protocol]":
    """Return the source, and the protocol: a replay brings its own where none is given."""
    if args.replay:
        from biotune.library import find_recording
        from biotune.sensor.replay import ReplaySource
        from biotune.session.protocol import repeated

        recording = find_recording(args.replay, store)
        replay = ReplaySource(recording, clock=virtual_clock(speed))
        return replay, protocol or repeated(recording.protocol or "replay", replay.phases)
    planned = protocol or _protocol(None)
    if args.simulate:
        return _simulated(args, speed, planned), planned
    from biotune.sensor.strap import StrapSource

    return StrapSource(args.strap, ecg=args.ecg), planned


def _simulated(args: argparse.Namespace, speed: float, planned: "Protocol") -> "Source":
    """Return the simulated strap: on the air where that can be, else without Bluetooth."""
    from biotune.errors import BiotuneError
    from biotune.sensor.simulator import SimulatedSource, Stretch
    from biotune.sensor.source import SystemClock

    phases = [Stretch(phase.kind, phase.seconds, phase.activity, phase.breaths_per_min) for phase in planned.phases]
    plain = SimulatedSource(args.simulate, phases, seed=args.seed, clock=virtual_clock(speed), ecg=args.ecg)
    if speed != 1:
        _tell("simulated without Bluetooth, which cannot run faster than time")
        return plain
    try:
        from biotune.sensor.aired import AiredSource
    except BiotuneError as error:
        _tell(f"{error}\nUntil then the strap is simulated without Bluetooth.")
        return plain
    return AiredSource(SimulatedSource(args.simulate, phases, seed=args.seed, clock=SystemClock(), ecg=args.ecg))


def virtual_clock(speed: float) -> "VirtualClock":
    """Return a clock that runs `speed` times as fast as this machine's."""
    from biotune.sensor.source import SystemClock, VirtualClock, virtual_start

    return VirtualClock(virtual_start(SystemClock().now(), speed=speed), speed=speed)


def _stop_on_signals(stop: "asyncio.Event") -> None:
    """End the session in good order at the first Ctrl-C or termination; a second Ctrl-C does so at once."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()

    def first() -> None:
        _tell("ending the session; once more ends it at once")
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        # not loop.add_signal_handler: Windows' event loop has none
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(first))
