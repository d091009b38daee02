"""How often an assessment of slow breathing rates names a rate, and how often a wrong one.

    python tests/soak/resonance.py                 300 simulated hearts of each kind (a minute or two)
    python tests/soak/resonance.py --hearts 20     fewer

A heart without a resonance swings equally at every rate: to name one is wrong. A heart with one swings widest at a
known rate, more or less above the others: to name another is wrong, to name none is honest, and the true one must then
be among those that cannot be told apart. Breathing wanders by 5 % around the pacer, and slow waves, drift and scatter
are those of `biotune.sensor.physiology`.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from biotune.analysis import resonance
from biotune.analysis.resonance import Resonance, Swing
from biotune.analysis.series import NNSeries
from biotune.sensor.physiology import PROFILES, Body, Level, Stretch
from biotune.session import protocol

PLANNED = protocol.load("resonance").phases
RATES = [phase.breaths_per_min for phase in PLANNED if phase.breaths_per_min]
REST_MS, WIDTH_PER_MIN = 30.0, 0.8
PEAKS_MS = (
    0.0,
    15.0,
    30.0,
    60.0,
)  # above `REST_MS`, at the resonance; the breath swings heart rate by about twice that
MOST_WRONG = 0.05


class Resonant(Body):
    """A heart whose arrhythmia is widest at one breathing rate."""

    at_per_min = 6.0
    peak_ms = 0.0

    def _target(self, time_s: float) -> Level:
        level = super()._target(time_s)
        nearness = math.exp(-(((level.breathing_per_min - self.at_per_min) / WIDTH_PER_MIN) ** 2))
        return replace(level, rsa_ms=REST_MS + self.peak_ms * nearness)


def assess(seed: int, at_per_min: float, peak_ms: float) -> Resonance:
    """Let one heart go through the protocol, and assess it."""
    stretches = [Stretch(each.kind, each.seconds, each.activity, each.breaths_per_min) for each in PLANNED]
    body = Resonant(PROFILES["resting"], stretches, np.random.default_rng(seed))
    body.at_per_min, body.peak_ms = at_per_min, peak_ms
    whole_s = sum(each.seconds for each in PLANNED)
    rows: list[tuple[float, float]] = []
    for beat in body.beats():
        if beat.time_s > whole_s:
            break
        rows.append((beat.time_s, beat.rr_ms))
    time_s, rr_ms = np.array(rows).T
    nn = NNSeries(time_s, rr_ms, np.zeros(len(time_s), dtype=np.int64), np.arange(len(time_s)))
    swings: list[Swing] = []
    left_out: list[float] = []
    begins_s = 0.0
    for phase in PLANNED:
        ends_s = begins_s + phase.seconds
        if phase.breaths_per_min:
            found = resonance.swing(nn, begins_s + resonance.SETTLE_S, ends_s, phase.breaths_per_min)
            swings += [found] if found else []
            left_out += [] if found else [phase.breaths_per_min]
        begins_s = ends_s
    return resonance.choose(swings, left_out)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hearts", type=int, default=300, help="of each kind (300)")
    count = parser.parse_args(argv).hearts
    print(
        "peak above the others   true one named   none, true one among the alike   wrong: another, or true one left out"
    )
    failed = False
    for peak_ms in PEAKS_MS:
        named = honest = wrong = 0
        for seed in range(count):
            at_per_min = RATES[seed % len(RATES)]
            found = assess(seed, at_per_min, peak_ms)
            widest = found.widest.per_min if found.widest else None
            named += bool(peak_ms) and found.per_min == at_per_min
            honest += found.per_min is None and (not peak_ms or at_per_min in {widest, *found.alike})
            wrong += found.per_min is not None and (not peak_ms or found.per_min != at_per_min)
        missed = count - named - honest - wrong
        failed |= wrong + missed > MOST_WRONG * count
        shares = [f"{100 * each / count:5.1f} %" for each in (named, honest, wrong, missed)]
        print(f"{peak_ms:>17.0f} ms   {shares[0]:>16}   {shares[1]:>30}   {shares[2]:>17}, {shares[3]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
