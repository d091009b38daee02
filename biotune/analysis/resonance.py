"""At which breathing rate the heart's rhythm swings widest: the client's own resonance rate.

In the assessment a pacer leads two minutes at each of several slow rates. Near six breaths a minute the swing of heart
rate with the breath is widest, at a rate that differs between people (Vaschillo et al. 2002; Lehrer & Gevirtz 2014; the
procedure after Shaffer & Meehan 2020, whose first criterion is the swing from peak to trough). Here a wave of the paced
rate is fitted to each breath, so that drift and slower or faster waves count for little, and rates are told apart only
where the breaths' own scatter allows it: six or ten breaths a rate often do not.

References
----------
Lehrer, Vaschillo & Vaschillo, Appl Psychophysiol Biofeedback 25:177-191, 2000.
Vaschillo, Lehrer, Rishe & Konstantinov, Appl Psychophysiol Biofeedback 27:1-27, 2002.
Lehrer & Gevirtz, Front Psychol 5:756, 2014.
Shaffer & Meehan, Front Neurosci 14:570400, 2020.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from biotune.analysis import phases
from biotune.analysis.phases import Prepared
from biotune.analysis.series import FloatArray, NNSeries
from biotune.domain import Activity, PacerSet, Phase, PhaseStarted, Recording
from biotune.settings import Limits

SETTLE_S = 30.0  # of each rate: a convention, for the breath to take it up and the swing to build
LEAST_BREATHS = 4
FOLLOWS_PER_MIN = 0.75  # how near to the pacer's rate the rhythm's peak must lie; 90 s tell 0.7 a minute apart
_SOUGHT_PER_MIN = np.arange(3.0, 12.01, 0.25)
_NAMED = re.compile(r"breathing-(\d+(?:\.\d+)?)(?:-\d+)?")
_LEAST_BEATS = 4  # in a breath


@dataclass(frozen=True, slots=True)
class Swing:
    """How wide heart rate swings with the breath at one paced rate.

    Attributes
    ----------
    per_min : float
        The pacer's rate.
    bpm : float
        From trough to peak, the mean over breaths.
    low, high : float
        Its 95 % interval, from the breaths' scatter.
    breaths : int
        How many whole breaths without a gap were measured.
    sd_bpm : float
        The breaths' scatter.
    """

    per_min: float
    bpm: float
    low: float
    high: float
    breaths: int
    sd_bpm: float


@dataclass(frozen=True, slots=True)
class Resonance:
    """What an assessment found.

    Attributes
    ----------
    swings : tuple of Swing
        One for each rate that could be measured, the fastest first.
    widest : Swing or None
        The widest; None where fewer than two rates could be measured.
    alike : tuple of float
        Rates whose swing cannot be told apart from the widest.
    left_out : tuple of float
        Rates that could not be measured: poor signal, an irregular rhythm, or breathing that did not follow the pacer.
    """

    swings: tuple[Swing, ...]
    widest: Swing | None
    alike: tuple[float, ...]
    left_out: tuple[float, ...]

    @property
    def per_min(self) -> float | None:
        """The client's own rate; None where it cannot be told apart from another."""
        return self.widest.per_min if self.widest and not self.alike else None

    @property
    def words(self) -> tuple[str, ...]:
        """What may be said of it."""
        told = []
        if self.widest is None:
            told.append("No resonance rate could be found: fewer than two breathing rates could be measured.")
        else:
            best = self.widest
            told.append(
                f"Heart rate swung widest at {best.per_min:g} breaths a minute: {best.bpm:.1f} bpm from trough to peak "
                f"(95 % interval {best.low:.1f} to {best.high:.1f})."
            )
            if self.alike:
                told.append(
                    f"That is not distinguishable from the swing at {_listed(self.alike)}: "
                    "which of them is this client's own, one assessment does not tell."
                )
            else:
                told.append(
                    "That was wider than at every other rate by more than the breaths' own scatter explains. "
                    "Another day may give a neighbouring rate."
                )
        if self.left_out:
            told.append(
                f"Left out: {_listed(self.left_out)} a minute, where the signal was poor or breathing did not "
                "follow the pacer."
            )
        return tuple(told)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "per_min": self.per_min,
            "widest_per_min": self.widest.per_min if self.widest else None,
            "not_distinguishable": list(self.alike),
            "left_out": list(self.left_out),
            "swings": [
                {"per_min": each.per_min, "bpm": each.bpm, "low": each.low, "high": each.high, "breaths": each.breaths}
                for each in self.swings
            ],
            "words": list(self.words),
        }


def is_assessment(recording: Recording) -> bool:
    """Tell whether a recording has paced breathing at two rates or more, from its phases' names and the pacer alone."""
    paced = [
        line.entry
        for line in recording.lines
        if isinstance(line.entry, PhaseStarted) and line.entry.activity is Activity.PACED_BREATHING
    ]
    rates = {entry.per_min for line in recording.lines if isinstance(entry := line.entry, PacerSet) and entry.on}
    return len(paced) > 1 and len({entry.name for entry in paced} | rates) > 1


def assess(recording: Recording, *, limits: Limits | None = None, prepared: Prepared | None = None) -> Resonance | None:
    """Find the breathing rate at which heart rate swings widest.

    Parameters
    ----------
    recording : Recording
        With phases of paced breathing at several rates.
    limits : Limits, optional
        When the signal of a phase is too poor.
    prepared : Prepared, optional
        The recording as `phases.prepare` made it.

    Returns
    -------
    Resonance or None
        None where the recording is no such assessment.
    """
    if not is_assessment(recording):
        return None
    prepared = prepared or phases.prepare(recording)
    pacer = [
        (time_s, line.entry) for time_s, line in recording.times_s() if isinstance(line.entry, PacerSet)
    ]  # the times are the session's own, as the phases'
    swings: list[Swing] = []
    left_out: list[float] = []
    for phase in prepared.timeline.phases:
        rate = _rate(phase, pacer)
        if rate is None:
            continue
        usable = phases.quality(prepared, phase, limits or Limits()).usable
        found = swing(prepared.nn, phase.start_s + SETTLE_S, phase.end_s, rate) if usable else None
        if found:
            swings.append(found)
        else:
            left_out.append(rate)
    if len({each.per_min for each in swings} | set(left_out)) < 2:  # noqa: PLR2004 - nothing to choose between
        return None
    return choose(swings, left_out)


def choose(swings: Sequence[Swing], left_out: Sequence[float] = ()) -> Resonance:
    """Name the widest swing, and those that cannot be told apart from it.

    Parameters
    ----------
    swings : sequence of Swing
        One for each rate that could be measured.
    left_out : sequence of float
        Rates that could not be.
    """
    ordered = sorted(swings, key=lambda each: -each.per_min)
    widest = max(ordered, key=lambda each: each.bpm) if len(ordered) > 1 else None
    alike = [each.per_min for each in ordered if widest and each is not widest and not _wider(widest, each)]
    return Resonance(tuple(ordered), widest, tuple(alike), tuple(sorted(left_out, reverse=True)))


def swing(nn: NNSeries, start_s: float, end_s: float, per_min: float) -> Swing | None:
    """Measure how wide heart rate swings with each breath of a paced stretch.

    Parameters
    ----------
    nn : NNSeries
        The intervals that were kept.
    start_s, end_s : float
        The stretch, seconds.
    per_min : float
        The pacer's rate.

    Returns
    -------
    Swing or None
        None where fewer than `LEAST_BREATHS` whole breaths have no gap, or where breathing did not follow the pacer.
    """
    breath_s = 60 / per_min
    count = int((end_s - start_s) / breath_s + 1e-9)
    fits = [
        fit
        for number in range(count)
        if (fit := _width(nn.between(start_s + number * breath_s, start_s + (number + 1) * breath_s), breath_s))
    ]
    if len(fits) < LEAST_BREATHS or not _follows(nn.between(start_s, end_s), per_min):
        return None
    widths: FloatArray = np.array(fits)
    n, mean, sd = len(widths), float(widths.mean()), float(widths.std(ddof=1))
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    return Swing(per_min, mean, mean - half, mean + half, n, sd)


def _rate(phase: Phase, pacer: Sequence[tuple[float, PacerSet]]) -> float | None:
    """Return the rate that was paced in a phase: as the pacer was set at its middle, else as its name says."""
    if phase.activity is not Activity.PACED_BREATHING:
        return None
    middle_s = (phase.start_s + phase.end_s) / 2
    latest = [entry for time_s, entry in pacer if time_s <= middle_s]
    if latest and latest[-1].on:
        return latest[-1].per_min
    named = _NAMED.fullmatch(phase.name)
    return float(named[1]) if named else None


def _width(nn: NNSeries, breath_s: float) -> float | None:
    """Fit a wave of the breath's length to one breath's heart rate, with a straight line, so that drift is no swing.

    Returns the wave's width from trough to peak; None where the breath has a gap.
    """
    if len(nn) < _LEAST_BEATS or not np.all(nn.adjacent):
        return None
    covered_s = float(nn.time_s[-1] - nn.time_s[0] + nn.nn_ms[0] / 1000)
    if covered_s < breath_s - 2 * float(nn.nn_ms.max()) / 1000:
        return None
    turn = 2 * np.pi * (nn.time_s - nn.time_s[0]) / breath_s
    design: FloatArray = np.column_stack([np.ones_like(turn), turn, np.sin(turn), np.cos(turn)])
    found, *_ = np.linalg.lstsq(design, 60_000 / nn.nn_ms, rcond=None)
    return 2 * float(np.hypot(*found[2:]))


def _follows(nn: NNSeries, per_min: float) -> bool:
    """Tell whether the rhythm's highest peak lies where the pacer led: the periodogram of the beats at their times."""
    bpm = 60_000 / nn.nn_ms
    turns = np.exp(-2j * np.pi * np.outer(_SOUGHT_PER_MIN / 60, nn.time_s))
    highest = int(np.argmax(np.abs(turns @ (bpm - bpm.mean()))))
    return abs(float(_SOUGHT_PER_MIN[highest]) - per_min) <= FOLLOWS_PER_MIN


def _wider(one: Swing, other: Swing) -> bool:
    """Tell whether the breaths' scatter leaves no doubt that one swing is wider: Welch's t at 5 %, two-sided.

    A rate is called the client's own only where it is wider than every other one. That this holds for the one that was
    chosen by looking, too, is measured: ``tests/soak/resonance.py`` names a wrong rate in less than 1 % of hearts, and
    leaves the true one out of those it cannot tell apart in at most 3 %.
    """
    first, second = one.sd_bpm**2 / one.breaths, other.sd_bpm**2 / other.breaths
    if first + second == 0:
        return one.bpm > other.bpm
    freedom = (first + second) ** 2 / (first**2 / (one.breaths - 1) + second**2 / (other.breaths - 1))
    return one.bpm - other.bpm > float(stats.t.ppf(0.975, freedom)) * math.sqrt(first + second)


def _listed(rates: Sequence[float]) -> str:
    words = [f"{rate:g}" for rate in rates]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
