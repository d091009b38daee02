"""Recordings made for the known-answer suite: waves of known power, and artefacts where it is known that they are.

A wave is built into the intervals themselves: the interval that ends at t lasts level + Σ A·sin(2πft), so that the
series is an exact sample of its sines, each of power A²/2. Artefacts are built into the peaks, as a strap makes them:
one missed, one invented, one early. Nothing is random but Python's own generator, which is the same everywhere.
"""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from biotune.analysis.series import BoolArray, FloatArray, IntArray
from biotune.domain import (
    NS_PER_S,
    TICKS_PER_S,
    Entry,
    IntervalImported,
    LogLine,
    PacketReceived,
    PhaseStarted,
    Recording,
    Stamp,
    StrapChange,
    StrapEvent,
    kind_of_phase,
)
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

EARLY, INVENTED = 0.3, 0.4  # of the interval: how early a premature beat is, and where an invented peak lies
MARGIN = 5  # beats at either end that are left alone
_ROUNDS = 12  # each brings an interval to less than a tenth of its error, as A·2πf is far below 1000 ms/s
_NOISE_MS = 5.0

Wave = tuple[float, float]  # frequency in Hz, amplitude in ms


# ---------------------------------------------------------------- intervals


def waves(seconds: float, *sines: Wave, level_ms: float = 800.0) -> FloatArray:
    """Return intervals that are an exact sample of a sum of sines at the times of their beats; shape (n_beats,)."""
    return _sampled(
        seconds, lambda at_s: level_ms + sum(size_ms * math.sin(2 * math.pi * hz * at_s) for hz, size_ms in sines)
    )


def sighing(seconds: float) -> FloatArray:
    """Return a heart whose owner breathes 15 times a minute, and every 40th breath three times as deep; (n_beats,)."""

    def level_ms(at_s: float) -> float:
        breath = 30.0 if math.floor(at_s / 4 + 20) % 40 else 90.0
        return 800 + breath * math.sin(2 * math.pi * at_s / 4) + 25 * math.sin(2 * math.pi * 0.1 * at_s)

    return _sampled(seconds, level_ms)


def _sampled(seconds: float, level_ms: Callable[[float], float]) -> FloatArray:
    """Intervals each of which lasts what the level is when it ends."""
    rr_ms: list[float] = []
    at_s = 0.0
    while at_s < seconds:
        interval_ms = level_ms(at_s)
        for _ in range(_ROUNDS):
            interval_ms = level_ms(at_s + interval_ms / 1000)
        rr_ms.append(interval_ms)
        at_s += interval_ms / 1000
    return np.array(rr_ms)


def resting(seconds: float) -> FloatArray:
    """Return a heart at rest: breathing at 15/min, waves at 0.1 and 0.012 Hz, and 5 ms of noise; shape (n_beats,)."""
    rr_ms = waves(seconds, (0.25, 30.0), (0.1, 25.0), (0.012, 20.0))
    return rr_ms + math.sqrt(12) * _NOISE_MS * (_evenly(len(rr_ms), seed=1) - 0.5)


def fibrillating(seconds: float) -> FloatArray:
    """Return intervals that do not depend on each other, evenly spread from 450 to 1050 ms; shape (n_beats,)."""
    return 450 + 600 * _evenly(round(seconds / 0.75), seed=2)


def every_triple(levels_ms: Sequence[float], times: int) -> FloatArray:
    """Return a series in which each run of three levels occurs `times` times (de Bruijn); shape (k³·times + 2,)."""
    n = len(levels_ms)
    edges = {pair: list(range(n)) for pair in itertools.product(range(n), repeat=2)}
    path, circuit = [(0, 0)], []
    while path:  # Hierholzer: an Eulerian circuit through all pairs
        left = edges[path[-1]]
        if left:
            path.append((path[-1][1], left.pop()))
        else:
            circuit.append(path.pop())
    one = [levels_ms[pair[1]] for pair in circuit[:-1]]
    return np.array([*one * times, *one[:2]])


def _evenly(n: int, *, seed: int) -> FloatArray:
    draw = random.Random(seed)  # noqa: S311 - numbers that are the same everywhere; nothing secret
    return np.array([draw.random() for _ in range(n)])


# ---------------------------------------------------------------- artefacts


@dataclass(frozen=True, slots=True, eq=False)
class Spoilt:
    """A series with artefacts.

    Attributes
    ----------
    rr_ms : ndarray, shape (n_beats,)
        Between the peaks that a strap would have reported.
    spoilt : ndarray of bool, shape (n_beats,)
        Whether an interval is not between two true, neighbouring beats.
    """

    rr_ms: FloatArray
    spoilt: BoolArray


def spoil(
    rr_ms: FloatArray,
    *,
    missed: Sequence[int] = (),
    invented: Sequence[int] = (),
    early: Sequence[int] = (),
) -> Spoilt:
    """Miss peaks, invent some, let some come early with a compensatory pause.

    Parameters
    ----------
    rr_ms : ndarray, shape (n_beats,)
        Clean intervals; peak k begins interval k.
    missed, invented, early : sequence of int
        The peaks that are missed, that are followed by an invented one, and that come early.
    """
    at_s = np.concatenate(([0.0], np.cumsum(rr_ms)))
    number: IntArray = np.arange(len(at_s))
    at, of = list(at_s), list(number)
    for k in early:
        at[k] -= EARLY * rr_ms[k - 1]
        of[k] = -1
    kept = sorted(set(range(len(at))) - set(missed))
    peaks = [(at[k], of[k]) for k in kept] + [(at[k] + INVENTED * rr_ms[k], -1) for k in invented]
    peaks.sort()
    times, numbers = np.array([at for at, _ in peaks]), np.array([of for _, of in peaks])
    whole = (numbers[:-1] >= 0) & (np.diff(numbers) == 1) & (numbers[1:] >= 0)
    return Spoilt(np.diff(times), ~whole)


def places(beats: int, *, share: float) -> list[int]:
    """Return the peaks to spoil: `share` of them, one in each of as many equal parts of the series."""
    count = round(share * beats)
    part = (beats - 2 * MARGIN) / count
    return [round(MARGIN + part * (k + 0.25 + 0.5 * at)) for k, at in enumerate(_evenly(count, seed=3))]


# ---------------------------------------------------------------- recordings


def file(name: str, rr_ms: FloatArray, times_s: FloatArray | None = None) -> Recording:
    """Return a file of intervals in ms, with or without times of its own."""
    return _log(name, [(0.0, entry) for entry in _intervals(rr_ms, times_s)])


def before_and_after(name: str, baseline_ms: FloatArray, recovery_ms: FloatArray) -> Recording:
    """Return a file whose phases are a baseline and a recovery, one after the other."""
    both_ms = np.concatenate((baseline_ms, recovery_ms))
    turn_s = float(baseline_ms.sum()) / 1000 + 1e-3  # just after the last beat of the baseline
    entries: list[Entry] = []
    for phase, at_s in (("baseline", 0.0), ("recovery", turn_s)):
        kind, activity = kind_of_phase(phase)
        entries.append(PhaseStarted(phase, kind, activity, posture="sitting", at_s=at_s))
    entries += _intervals(both_ms, np.cumsum(both_ms) / 1000)
    return _log(name, [(0.0, entry) for entry in entries])


def strap(name: str, rr_ms: FloatArray, *, away_s: tuple[int, int]) -> Recording:
    """Return one packet a second from a strap that is out of reach between two seconds."""
    ticks = np.round(rr_ms * TICKS_PER_S / 1000).astype(np.int64)
    ends_s = np.cumsum(ticks) / TICKS_PER_S
    lost_s, found_s = away_s
    entries: list[tuple[float, Entry]] = [(0.0, StrapEvent(StrapChange.CONNECTED))]
    for second in range(1, math.floor(ends_s[-1]) + 1):
        if second == lost_s + 1:
            entries.append((lost_s + 0.5, StrapEvent(StrapChange.LOST)))
        if not lost_s < second <= found_s:
            inside = ticks[(ends_s > second - 1) & (ends_s <= second)]
            packet = encode(HeartRate(75, tuple(inside.tolist())))
            entries.append((float(second), PacketReceived(HEART_RATE_MEASUREMENT, packet)))
    return _log(name, entries)


def _intervals(rr_ms: FloatArray, times_s: FloatArray | None) -> list[Entry]:
    times = [""] * len(rr_ms) if times_s is None else [repr(float(at_s)) for at_s in times_s]
    return [IntervalImported(repr(float(rr)), "ms", at) for rr, at in zip(rr_ms, times, strict=True)]


def _log(name: str, entries: Sequence[tuple[float, Entry]]) -> Recording:
    lines = []
    for k, (at_s, entry) in enumerate(entries):
        at_ns = round(at_s * NS_PER_S)
        lines.append(LogLine(k + 1, "import", Stamp("made", at_ns, at_ns), 1, entry))
    return Recording(name, tuple(lines))
