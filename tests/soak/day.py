"""Record a day in which the strap falls away 200 times, and hold the log against the simulator's truth.

The product's own recorder, at full speed, into SQLite. Then every interval that was delivered is in the log and in the
timeline, none is there that was not, they lie in the same stretches between the same gaps, a replay gives the
same again, and the recorder's memory after a day is what it was after an hour. Run by hand or by ``make soak``::

    python tests/soak/day.py --hours 24 --drops 200 --seed 1
"""

import argparse
import asyncio
import dataclasses
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

import numpy as np

from biotune.analysis import timeline
from biotune.analysis.series import BeatSeries
from biotune.domain import NS_PER_S, TICKS_PER_S, PacketReceived, PhaseKind, Recording, Stamp
from biotune.sensor.physiology import Outage
from biotune.sensor.replay import ReplaySource
from biotune.sensor.simulator import SimulatedSource, Truth, _Journal
from biotune.sensor.source import Observation, Source, VirtualClock
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.recorder import record
from biotune.storage.store import Store

HOUR_S = 3600
LEAST_SPACING_S = 60.0  # from the end of a drop to the next
SHORTEST_S, LONGEST_S = 8.0, 90.0  # 5 s of silence are not yet noticed
LARGEST_GROWTH_MB = 8.0  # from the first hour to the last: allocators keep some of what passed through them
BEAT_WITHIN_S = 0.25  # the radio's delay varies by up to 0.2 s


def clock() -> VirtualClock:
    return VirtualClock(Stamp("virtual-day", 0, 1_800_000_000 * NS_PER_S), speed=math.inf)


def strap(hours: float, drops: int, seed: int) -> SimulatedSource:
    """A resting person's strap that falls away that often, half the times lost and half silent."""
    seconds, chance = hours * HOUR_S, random.Random(seed)
    source = SimulatedSource("resting", [(PhaseKind.OTHER, seconds)], seed=seed, clock=clock())
    room_s = seconds / drops
    assert room_s > LEAST_SPACING_S + LONGEST_S + SHORTEST_S, "so many do not fit"
    outages = []
    for number in range(drops):
        length_s = chance.uniform(SHORTEST_S, LONGEST_S)
        at_s = number * room_s + chance.uniform(LEAST_SPACING_S, room_s - length_s)
        outages.append(Outage(PhaseKind.OTHER, at_s / seconds, length_s, lost=chance.random() < 0.5))
    source.profile = dataclasses.replace(source.profile, outages=tuple(outages))
    return source


class Forgetful(list):  # type: ignore[type-arg]
    """Keeps nothing: a simulator's truth must not be taken for the recorder's memory."""

    def append(self, _: object) -> None:
        pass


class Watched:
    """A source that looks at this process's memory after every hour."""

    def __init__(self, source: SimulatedSource) -> None:
        self.kind, self.strap, self.clock = source.kind, source.strap, source.clock
        self.resident_mb: list[float] = []
        self._source = source

    async def observe(self) -> AsyncGenerator[Observation, None]:
        happenings: Callable[[_Journal], object] = self._source._happenings
        kept_nowhere = _Journal(*(Forgetful() for _ in dataclasses.fields(_Journal)))
        self._source._happenings = lambda _: happenings(kept_nowhere)  # type: ignore[method-assign]
        async with aclosing(self._source.observe()) as observations:
            async for each in observations:
                if each.stamp.monotonic_ns >= (len(self.resident_mb) + 1) * HOUR_S * NS_PER_S:
                    self.resident_mb.append(resident_mb())
                yield each


def resident_mb() -> float:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def sit(store: Store, source: Source, seconds: float) -> str:
    protocol = Protocol("day", "", "", (PlannedPhase("day", PhaseKind.OTHER, None, seconds),))
    return asyncio.run(record(store, source, protocol, client=""))


def child(url: str, hours: float, drops: int, seed: int) -> None:
    """Record, and print the memory after each hour."""
    source = Watched(strap(hours, drops, seed))
    with Store.open(url) as store:
        sit(store, source, hours * HOUR_S)
    sys.stdout.write(json.dumps([*source.resident_mb, resident_mb()]))


async def truth_of(source: SimulatedSource, seconds: float) -> Truth:
    async with aclosing(source.observe()) as observations:
        async for each in observations:
            if each.stamp.monotonic_ns >= seconds * NS_PER_S:
                break
    return source.truth


def packets(recording: Recording) -> list[bytes]:
    return [line.entry.data for line in recording.lines if isinstance(line.entry, PacketReceived)]


def against(truth: Truth, recording: Recording, seconds: float) -> list[str]:
    """Say where the timeline of a recording is not what happened."""
    laid, found = timeline.build(recording), []
    sent = truth.arrival_s < seconds
    ticks, peak_s = truth.ticks[sent], truth.peak_s[sent]
    invented, lost = max(0, len(laid.beats) - len(ticks)), max(0, len(ticks) - len(laid.beats))
    if invented or lost or not np.array_equal(laid.beats.rr_ms * TICKS_PER_S / 1000, ticks):
        return [f"{invented} beats invented, {lost} lost, or an interval is another"]
    gaps = [gap for gap in truth.gaps if gap.end_s < peak_s[-1]]
    true_stretch = np.searchsorted([gap.end_s for gap in gaps], peak_s)
    if not np.array_equal(np.unique(laid.beats.stretch, return_inverse=True)[1], true_stretch):
        found.append("the beats lie in other stretches")
    if [gap.reason for gap in laid.gaps][: len(gaps)] != [gap.reason for gap in gaps]:
        found.append(f"{len(laid.gaps)} gaps for {len(gaps)}, or for other reasons")
    apart_s = laid.beats.time_s - peak_s
    if np.max(np.abs(apart_s - np.median(apart_s))) > BEAT_WITHIN_S:
        found.append(f"a beat lies {np.max(np.abs(apart_s - np.median(apart_s))):.3f} s from where it was")
    return found


def same(one: BeatSeries, other: BeatSeries) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one)
    )


def day(hours: float, drops: int, seed: int, *, replayed: bool = True) -> tuple[list[str], str]:
    """Run one; return what is wrong, and one line of figures."""
    seconds, found = hours * HOUR_S, []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'biotune.db'}"
        began = time.monotonic()
        arguments = ["--child", url, "--hours", str(hours), "--drops", str(drops), "--seed", str(seed)]
        command = [sys.executable, __file__, *arguments]
        resident = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        took_s = time.monotonic() - began
        truth = asyncio.run(truth_of(strap(hours, drops, seed), seconds))
        with Store.open(url) as store:
            recording = store.session("S1").recording()
            found += against(truth, recording, seconds)
            if replayed:
                sit(store, ReplaySource(recording, clock=clock()), seconds)
                again = store.session("S2").recording()
                if packets(again) != packets(recording):
                    found.append("the replay's packets are others")
                if not same(timeline.build(again).beats, timeline.build(recording).beats):
                    found.append("the replay's beats are others")
    grown_mb = resident[-1] - resident[0]
    if grown_mb > LARGEST_GROWTH_MB:
        found.append(f"the recorder's memory grew by {grown_mb:.1f} MB")
    figures = (
        f"{hours:g} h, {len(truth.gaps)} drops, {len(packets(recording))} packets, {len(truth.ticks)} beats in "
        f"{took_s:.0f} s; memory {resident[0]:.1f} MB after the first hour, {resident[-1]:.1f} MB at the end"
    )
    return found, figures


def main() -> int:
    """Run; 0 where the log is what happened."""
    parser = argparse.ArgumentParser(description="Record a day with drops, and compare it with the truth.")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-replay", action="store_true")
    parser.add_argument("--child", metavar="URL", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.hours, args.drops, args.seed)
        return 0
    found, figures = day(args.hours, args.drops, args.seed, replayed=not args.no_replay)
    sys.stdout.write("".join(f"{fault}\n" for fault in found) + f"{figures}; {len(found)} differences\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
