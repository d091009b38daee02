"""A recording to be looked at closely: what each phase's numbers are computed from, and how they went over time.

Nothing here is a result of its own. The spectrum's areas are the band powers of the analysis, the cloud's width and
length are its SD1 and SD2; the traces slide over the NN series as it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from biotune.analysis import hrv, phases, spectrum, strip, windows
from biotune.analysis.phases import Prepared
from biotune.analysis.results import Analysis, MetricValue, PhaseAnalysis
from biotune.analysis.series import FloatArray, NNSeries, Options
from biotune.analysis.strip import Strip
from biotune.analysis.windows import Sliding
from biotune.domain import Phase, Recording
from biotune.errors import AnalysisError

DRAWN_UP_TO_HZ = 0.5  # a little beyond HF, so that its edge is seen
MOST_POINTS = 2500  # of one phase's cloud: more lie on one another
MOST_WINDOWS = 360  # of a trace: more than a screen can tell apart
SLIDING_WINDOW_S = 60.0
SLIDING_STEP_S = 5.0
MAP_WINDOW_S = 120.0  # twelve waves of 0.1 Hz, and short beside a phase
MAP_STEP_S = 10.0
MAP_FLOOR_HZ = 0.02  # slower waves do not fit a window of two minutes often enough


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Each interval against the one before (Poincaré's plot).

    Attributes
    ----------
    first_ms, next_ms : ndarray, shape (n_pairs,)
        Adjacent pairs; of very many, every k-th.
    pairs : int
        How many there are.
    ellipse_first_ms, ellipse_next_ms : ndarray, shape (n_points,)
        The ellipse with half-axes SD2 along the line of identity and SD1 across it.
    sd1_ms, sd2_ms : float
        As the analysis has them.
    """

    first_ms: FloatArray
    next_ms: FloatArray
    pairs: int
    ellipse_first_ms: FloatArray
    ellipse_next_ms: FloatArray
    sd1_ms: float
    sd2_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One phase.

    Attributes
    ----------
    frequency_hz, density : ndarray, shape (n_frequencies,)
        Its spectrum up to 0.5 Hz, ms²/Hz; empty where there is none.
    cloud : Cloud or None
        None where SD1 and SD2 are unavailable.
    """

    phase: Phase
    frequency_hz: FloatArray
    density: FloatArray
    cloud: Cloud | None


@dataclass(frozen=True, slots=True, eq=False)
class TimeFrequency:
    """How the spectrum went over time.

    Attributes
    ----------
    time_s : ndarray, shape (n_windows,)
        Session time of each window's middle.
    frequency_hz : ndarray, shape (n_frequencies,)
    density : ndarray, shape (n_frequencies, n_windows)
        ms²/Hz; NaN where a window is not within one gap-free stretch.
    window_s : float
        Length of a window.
    """

    time_s: FloatArray
    frequency_hz: FloatArray
    density: FloatArray
    window_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Closeup:
    """A whole recording.

    Attributes
    ----------
    portraits : tuple of Portrait
        One a phase, in order.
    sliding : Sliding or None
        None where the recording has no intervals, or none long enough.
    time_frequency : TimeFrequency or None
        As `sliding`.
    strip : Strip or None
        The beats one by one; None where there are none.
    """

    portraits: tuple[Portrait, ...]
    sliding: Sliding | None
    time_frequency: TimeFrequency | None
    strip: Strip | None


def draw(recording: Recording, analysis: Analysis, prepared: Prepared) -> Closeup:
    """Draw everything that the detailed view shows beside the analysis.

    Parameters
    ----------
    recording : Recording
        What `analysis` was made from.
    analysis : Analysis
        Under the default options.
    prepared : Prepared
        The recording as `phases.prepare` made it.
    """
    options = Options(convention=analysis.convention.value)
    window_s = phases.common_window_s([each.phase for each in analysis.phases], options)
    return Closeup(
        portraits=tuple(portrait(prepared, each, options, window_s) for each in analysis.phases),
        sliding=_sliding(recording, prepared),
        time_frequency=time_frequency(prepared.nn),
        strip=strip.of(prepared),
    )


def portrait(prepared: Prepared, measured: PhaseAnalysis, options: Options, window_s: float | None) -> Portrait:
    """Draw one phase; empty where its signal or its rhythm allow no HRV.

    Parameters
    ----------
    prepared : Prepared
        The recording.
    measured : PhaseAnalysis
        One of its phases.
    options : Options
        As it was measured.
    window_s : float or None
        The Welch window that its phases share.
    """
    phase, nothing = measured.phase, np.empty(0)
    nn = prepared.nn.between(phase.start_s, phase.end_s)
    if not measured.quality.usable or not len(nn):
        return Portrait(phase, nothing, nothing, None)
    seen = hrv.pictured(nn, options=options, welch_window_s=window_s)
    sd1, sd2 = measured.metrics["sd1"], measured.metrics["sd2"]
    cloud = None
    if isinstance(sd1, MetricValue) and isinstance(sd2, MetricValue):
        cloud = _cloud(seen.values_ms[:-1][seen.adjacent], seen.values_ms[1:][seen.adjacent], sd1.value, sd2.value)
    if seen.spectrum is None or not isinstance(measured.metrics["hf"], MetricValue):
        return Portrait(phase, nothing, nothing, cloud)
    shown = seen.spectrum.frequency_hz <= DRAWN_UP_TO_HZ
    return Portrait(phase, seen.spectrum.frequency_hz[shown], seen.spectrum.density[shown], cloud)


def _cloud(first_ms: FloatArray, next_ms: FloatArray, sd1_ms: float, sd2_ms: float) -> Cloud:
    every = -(-len(first_ms) // MOST_POINTS) or 1
    angle = np.linspace(0.0, 2 * np.pi, 73)
    along, across = sd2_ms * np.cos(angle) / np.sqrt(2), sd1_ms * np.sin(angle) / np.sqrt(2)
    return Cloud(
        first_ms=first_ms[::every],
        next_ms=next_ms[::every],
        pairs=len(first_ms),
        ellipse_first_ms=float(first_ms.mean()) + along - across,
        ellipse_next_ms=float(next_ms.mean()) + along + across,
        sd1_ms=sd1_ms,
        sd2_ms=sd2_ms,
    )


def _sliding(recording: Recording, prepared: Prepared) -> Sliding | None:
    if not len(prepared.nn):
        return None
    length_s = float(prepared.nn.time_s[-1] - prepared.nn.time_s[0])
    step_s = max(SLIDING_STEP_S, length_s / MOST_WINDOWS)
    try:
        traced = windows.sliding(recording, window_s=SLIDING_WINDOW_S, step_s=step_s, prepared=prepared)
    except AnalysisError:
        return None
    return traced if len(traced.time_s) else None


def time_frequency(nn: NNSeries, *, window_s: float = MAP_WINDOW_S, step_s: float = MAP_STEP_S) -> TimeFrequency | None:
    """Return the spectrum of windows that slide along the NN series, each with its mean removed.

    Parameters
    ----------
    nn : NNSeries
        Any.
    window_s, step_s : float
        Length of a window and the step between two, seconds; the step grows with a long recording.

    Returns
    -------
    TimeFrequency or None
        None where no gap-free stretch holds a window.
    """
    if not len(nn):
        return None
    begins_s, ends_s = float(nn.time_s[0]), float(nn.time_s[-1])
    step_s = max(step_s, (ends_s - begins_s) / MOST_WINDOWS)
    count = max(0, int((ends_s - begins_s - window_s) / step_s + 1e-9) + 1)
    start_s: FloatArray = begins_s + step_s * np.arange(count, dtype=np.float64)
    size = round(window_s * spectrum.RATE_HZ)
    frequency_hz: FloatArray = np.arange(size // 2 + 1, dtype=np.float64) * (spectrum.RATE_HZ / size)
    density = np.full((len(start_s), len(frequency_hz)), np.nan)
    for number in np.unique(nn.stretch):
        inside = nn.stretch == number
        sampled = spectrum.resample(nn.time_s[inside], nn.nn_ms[inside])
        if sampled is None or len(sampled[1]) < size:
            continue
        grid_s, grid_ms = sampled
        at = np.round((start_s - grid_s[0]) * spectrum.RATE_HZ).astype(np.int64)
        wanted = np.flatnonzero((at >= 0) & (at + size <= len(grid_ms)))
        if len(wanted):
            pieces = sliding_window_view(grid_ms, size)[at[wanted]]
            density[wanted] = spectrum.densities(pieces - pieces.mean(axis=1, keepdims=True)).density
    if not len(start_s) or np.isnan(density).all():
        return None
    shown = (frequency_hz >= MAP_FLOOR_HZ) & (frequency_hz <= DRAWN_UP_TO_HZ)
    return TimeFrequency(start_s + window_s / 2, frequency_hz[shown], density[:, shown].T, window_s)
