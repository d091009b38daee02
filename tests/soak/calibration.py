"""How often the 95 % intervals hold, on resting sessions in which nothing changes.

    python tests/soak/calibration.py --table              the table of docs/calibration.md (1,500 sessions; minutes)
    python tests/soak/calibration.py --sessions 100       fewer

Each simulated session rests at one level throughout, so every change between two of its windows is
chance: an interval holds where it includes no change. The whole of `compare` is run, from imported intervals on.

The generator is the one of the method: rest at 50 to 90 bpm; a respiratory wave of 10 to 60 ms at 0.1 to
0.35 Hz, its rate wandering by 5 %; six slow waves of 4 to 14 ms at 0.003 to 0.12 Hz in random phase; drift as an
AR(1) process (0.995, innovation 0.6 ms a beat); 4 ms of noise; windows of 2 to 5 minutes, adjacent and 15
minutes apart. All ranges are uniform. The breathing rate wanders as an Ornstein-Uhlenbeck process whose
time constant, which the method leaves open, is `WANDER_S`; ``--wander`` tries another.
"""

import argparse
import itertools
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from biotune.analysis import comparison, phases
from biotune.analysis.results import Change
from biotune.domain import ChangeKind, IntervalImported, LogLine, Recording, Stamp, Verdict

SESSIONS = 1500
WINDOWS_S = (120, 180, 240, 300)
BREAKS_S = (0, 900)
WANDER_S = 10.0
DRIFT, INNOVATION_MS, NOISE_MS = 0.995, 0.6, 4.0
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rest:
    """One person at rest: what the generator drew."""

    level_ms: float
    breath_ms: float
    breath_hz: float
    slow_ms: np.ndarray
    slow_hz: np.ndarray
    slow_phase: np.ndarray


def draw(rng: np.random.Generator) -> Rest:
    """Draw one person."""
    return Rest(
        level_ms=60_000 / rng.uniform(50, 90),
        breath_ms=rng.uniform(10, 60),
        breath_hz=rng.uniform(0.1, 0.35),
        slow_ms=rng.uniform(4, 14, 6),
        slow_hz=rng.uniform(0.003, 0.12, 6),
        slow_phase=rng.uniform(0, 2 * math.pi, 6),
    )


def unchanged(rest: Rest, _time_s: float) -> tuple[float, float, float]:
    """Return the course of a person in whom nothing changes; see `beat`."""
    return rest.level_ms, 1.0, rest.breath_hz


def beat(
    rest: Rest,
    rng: np.random.Generator,
    seconds: float,
    *,
    wander_s: float = WANDER_S,
    course: Callable[[Rest, float], tuple[float, float, float]] = unchanged,
) -> Iterator[tuple[float, float]]:
    """Let the heart beat: time of each R peak (seconds) and the interval it ends (milliseconds).

    `course` tells of any instant the level (ms), by what everything that varies is multiplied, and the breathing (Hz).
    """
    time_s, breath_phase = 0.0, rng.uniform(0, 2 * math.pi)
    drift_ms = rng.normal(0, INNOVATION_MS / math.sqrt(1 - DRIFT**2))
    wander = rng.normal()
    while time_s < seconds:
        level_ms, strength, breath_hz = course(rest, time_s)
        waves_ms = rest.breath_ms * math.sin(breath_phase) + drift_ms + rng.normal(0, NOISE_MS)
        waves_ms += float(rest.slow_ms @ np.sin(2 * math.pi * rest.slow_hz * time_s + rest.slow_phase))
        rr_ms = level_ms + strength * waves_ms
        step_s = rr_ms / 1000
        time_s += step_s
        yield time_s, rr_ms
        drift_ms = DRIFT * drift_ms + rng.normal(0, INNOVATION_MS)
        kept = math.exp(-step_s / wander_s)
        wander = kept * wander + math.sqrt(1 - kept**2) * rng.normal()
        breath_phase += 2 * math.pi * breath_hz * (1 + 0.05 * wander) * step_s


def recording(beats: Iterator[tuple[float, float]], name: str) -> Recording:
    """Return beats as a recording, as if they had been imported."""
    stamp = Stamp("calibration", 0, 0)
    lines = tuple(
        LogLine(seq, "import", stamp, 1, IntervalImported(f"{rr_ms:.3f}", "ms", f"{time_s:.4f}"))
        for seq, (time_s, rr_ms) in enumerate(beats, start=1)
    )
    return Recording(name, lines)


def compare_all(rested: Recording) -> Iterator[tuple[Cell, Mapping[str, Change]]]:
    """Compare windows of every length, adjacent and 15 minutes apart."""
    prepared = phases.prepare(rested)
    for window_s, break_s in itertools.product(WINDOWS_S, BREAKS_S):
        start_s = window_s + break_s
        after = f"{start_s}-{start_s + window_s}"
        made = comparison.compare(rested, before=f"0-{window_s}", after=after, prepared=prepared)
        yield (window_s, break_s), made.changes


@dataclass(slots=True)
class Tally:
    """What became of one metric's intervals."""

    held: list[bool] = field(default_factory=list)
    clear: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Count one change, if it has an interval."""
        if change.low is None or change.high is None:
            return
        ratio = change.kind is ChangeKind.RATIO
        self.held.append(change.low <= (1 if ratio else 0) <= change.high)
        self.clear += change.verdict is Verdict.CLEAR
        self.widths.append(change.high / change.low if ratio else change.high - change.low)

    @property
    def coverage(self) -> float:
        """Share of intervals that include no change."""
        return float(np.mean(self.held))


Tallies = dict[str, dict[Cell, Tally]]


def run(sessions: int, *, seed: int = 31, wander_s: float = WANDER_S) -> Tallies:
    """Simulate and compare that many sessions.

    Returns
    -------
    dict
        Tallies by metric key, then by window length and break, both in seconds.
    """
    tallies: Tallies = defaultdict(lambda: defaultdict(Tally))
    longest_s = 2 * max(WINDOWS_S) + max(BREAKS_S) + 5
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(sessions), start=1):
        rng = np.random.default_rng(child)
        rested = recording(beat(draw(rng), rng, longest_s, wander_s=wander_s), f"rest {number}")
        for cell, changes in compare_all(rested):
            for key, change in changes.items():
                tallies[key][cell].add(change)
    return tallies


def pooled(cells: Mapping[Cell, Tally]) -> Tally:
    """Put the cells of one metric together."""
    whole = Tally()
    for tally in cells.values():
        whole.held += tally.held
        whole.clear += tally.clear
        whole.widths += tally.widths
    return whole


def table(tallies: Tallies) -> str:
    """Write the table of docs/calibration.md."""
    rows = [
        "| metric | intervals | coverage | by window and break | median width | clear |",
        "|---|---:|---:|---|---:|---:|",
    ]
    for key, cells in tallies.items():
        whole = pooled(cells)
        if not whole.held:
            continue
        parts = [
            f"{window_s // 60}+{break_s // 60}: {100 * tally.coverage:.1f}"
            for (window_s, break_s), tally in cells.items()
            if tally.held
        ]
        ratio = key not in {"mean_hr", "breathing_rate", "dfa_alpha1"}
        width = f"×{np.median(whole.widths):.2f}" if ratio else f"{np.median(whole.widths):.2f}"
        rows.append(
            f"| `{key}` | {len(whole.held)} | {100 * whole.coverage:.1f} % | {', '.join(parts)} "
            f"| {width} | {100 * whole.clear / len(whole.held):.2f} % |"
        )
    return "\n".join(rows)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="How often the 95 % intervals hold where nothing changes.")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--wander", type=float, default=WANDER_S, help="time constant of the breathing rate, seconds")
    parser.add_argument("--table", action="store_true", help="print only the table")
    args = parser.parse_args()
    made = table(run(args.sessions, seed=args.seed, wander_s=args.wander))
    if not args.table:
        sys.stdout.write(f"{args.sessions} sessions, seed {args.seed}, breathing wanders over {args.wander:g} s\n\n")
    sys.stdout.write(made + "\n")


if __name__ == "__main__":
    main()
