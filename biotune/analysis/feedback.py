"""What may be shown while a sitting runs: heart rate, its rhythm's regularity and breathing, of about the last minute.

For looking at, not for a record: windows that are compared are measured as phases are, afterwards.
"""

from dataclasses import dataclass

import numpy as np

from biotune.analysis import phases
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Metric, MetricValue
from biotune.analysis.series import Options
from biotune.domain import Flag, Phase, PhaseKind, Reason, Recording
from biotune.settings import Limits

WINDOW_S = 70.0  # regularity needs 64 s without a gap, and a window's first beat is not all in it
SHOWN = ("mean_hr", "rhythm_regularity", "breathing_rate")
_BEGUN_S = 3.0  # a window without its first seconds was begun in the course of the sitting
TRACE_S = 24.0  # what a calm screen draws from: two slow breaths


@dataclass(frozen=True, slots=True)
class Told:
    """One number for people: its name, value, unit, and what must be said of it."""

    name: str
    value: str
    unit: str
    note: str


def tell(recording: Recording, now_s: float, limits: Limits) -> tuple[Told, ...]:
    """Measure what was heard last.

    Parameters
    ----------
    recording : Recording
        The log's last lines: somewhat more than `WINDOW_S`.
    now_s : float
        Session time, as `recording` counts it.
    limits : Limits
        When the signal is too poor.
    """
    prepared = phases.prepare(recording)
    window = Phase("now", PhaseKind.OTHER, None, now_s - WINDOW_S, now_s)
    measured = phases.measure_phase(prepared, window, Options(), limits)
    heard = prepared.timeline.beats.time_s
    early = not len(heard) or float(heard[0]) > window.start_s + _BEGUN_S
    return tuple(_told(key, measured.metrics[key], early=early) for key in SHOWN)


def trace(recording: Recording, now_s: float) -> tuple[tuple[float, float], ...]:
    """Return the last beats that can be trusted: session time and heart rate in bpm of each, artefacts left out.

    Parameters
    ----------
    recording, now_s
        As for `tell`.
    """
    nn = phases.prepare(recording).nn
    recent = nn.time_s >= now_s - TRACE_S
    pairs = np.column_stack([nn.time_s[recent], 60_000 / nn.nn_ms[recent]])
    return tuple((round(float(at_s), 3), round(float(bpm), 2)) for at_s, bpm in pairs)


def _told(key: str, metric: Metric, *, early: bool) -> Told:
    definition = CATALOGUE[key]
    unit = "" if definition.unit == "1" else definition.unit
    if not isinstance(metric, MetricValue):
        why = Reason.TOO_SHORT if early and metric.unavailable is Reason.POOR_SIGNAL else metric.unavailable
        return Told(definition.name, "–", unit, _WHY[why])
    text = f"{metric.value:.1f}" if key != "mean_hr" else f"{metric.value:.0f}"
    return Told(definition.name, text, unit, "uncertain" if Flag.LOW_CONFIDENCE in metric.flags else "")


_WHY = {
    Reason.TOO_SHORT: "after about a minute",
    Reason.TOO_FEW_BEATS: "after about a minute",
    Reason.POOR_SIGNAL: "the signal is too poor just now",
    Reason.IRREGULAR_RHYTHM: "not in an irregular rhythm",
    Reason.NO_RR: "the strap sends no intervals",
    Reason.NO_BREATHING: "no breath stands out",
}
