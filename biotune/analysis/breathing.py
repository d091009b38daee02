"""Breathing rate, from the wave that breathing leaves in the intervals, in an ECG's beats or in the chest's tilt.

Breathing is looked for in the spectrum of the intervals' rate of change, not of the intervals themselves: that
takes off their 1/f slope, so that a breath at 15/min is not hidden behind a larger wave of blood pressure at
0.1 Hz (6/min), while slow breathing, which outgrows any such wave, still stands out there. Peak and prominence
as in Schäfer & Kratky, Ann Biomed Eng 36:476-485, 2008, and Bailón et al., IEEE Trans Biomed Eng 53:1273-1285, 2006.
What an ECG and an accelerometer add is in `respiration`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from biotune.analysis import spectrum
from biotune.analysis.series import FloatArray, IntArray, NNSeries
from biotune.analysis.spectrum import Spectrum

WINDOW_S = 64.0  # four breaths at 4/min
LEAST_S = 30.0
SLOWEST_HZ = 0.065  # 3.9/min: the resonance protocol's slowest pace is 4.5
FASTEST_HZ = 0.5
_HALF_WIDTH_HZ = 0.03  # half the main lobe of a 64 s Hann window
FLOOR_HZ = 0.045  # the lowest frequency that counts against the peak
# Share of the spectrum within the peak: what noise alone reaches, and what leaves no doubt.
_DOUBTFUL, _CERTAIN = 0.2, 0.5
# The same at the frequency of blood pressure's own wave, which is about as narrow (standing: up to 0.75).
_DOUBTFUL_SLOW, _CERTAIN_SLOW = 0.6, 0.9
# And in the mean of three waves, only one of which blood pressure moves much: that one alone stays below.
_DOUBTFUL_JOINED, _CERTAIN_JOINED = 0.4, 0.7
_SLOW_HZ, _QUICK_HZ = 0.11, 0.15


class Source(StrEnum):
    """What a breathing rate was read from."""

    ACCELEROMETER = "accelerometer"
    ECG = "ecg"
    RR = "rr"


@dataclass(frozen=True, slots=True)
class Breathing:
    """How fast the client breathed, and how far that can be trusted.

    Attributes
    ----------
    rate_per_min : float
        Breaths per minute.
    confidence : float
        From 0 to 1; below 0.5 the rate is not to be relied on.
    source : Source
        What it was read from.
    """

    rate_per_min: float
    confidence: float
    source: Source = Source.RR


def estimate(nn: NNSeries) -> Breathing | None:
    """Find the respiratory peak of the intervals.

    Parameters
    ----------
    nn : NNSeries
        The intervals of one window; never looked at across a gap.

    Returns
    -------
    Breathing or None
        None where no gap-free stretch lasts `LEAST_S`, or no peak stands out between 4/min and 30/min (or half the
        heart rate, beyond which breathing cannot be seen in the beats).
    """
    waves = beat_waves(nn.time_s, nn.nn_ms, nn.stretch)
    if not waves:
        return None
    found = density(waves, window_of(waves))
    return find_peak(found.frequency_hz, found.density, fastest_hz=fastest(float(nn.nn_ms.mean())))


def fastest(mean_nn_ms: float) -> float:
    """Return the highest frequency, in Hz, at which breathing can be seen in beats: half their rate, at most 30/min."""
    return min(FASTEST_HZ, 0.5 * 1000 / mean_nn_ms)


def beat_waves(time_s: FloatArray, values: FloatArray, stretch: IntArray) -> list[FloatArray]:
    """Rate of change, at 4 Hz, of something that is known at each beat, for each gap-free stretch that is long enough.

    Parameters
    ----------
    time_s, values, stretch : ndarray, shape (n_beats,)
        When, what, and in which stretch.

    Returns
    -------
    list of ndarray, shape (n_samples,)
        Empty where no stretch lasts `LEAST_S`, or nothing varies.
    """
    if not len(values) or np.ptp(values) == 0:
        return []
    waves = []
    edges = np.flatnonzero(np.diff(stretch, prepend=-1, append=-1))
    for first, end in itertools.pairwise(edges):
        sampled = spectrum.resample(time_s[first:end], values[first:end])
        if sampled is not None and len(sampled[1]) > LEAST_S * spectrum.RATE_HZ:
            waves.append(np.diff(sampled[1]))
    return waves


def window_of(waves: Sequence[FloatArray]) -> float:
    """Return the length in seconds of the windows in which waves at 4 Hz are looked at."""
    return min(WINDOW_S, max(len(wave) for wave in waves) / spectrum.RATE_HZ)


def density(waves: Sequence[FloatArray], window_s: float) -> Spectrum:
    """Welch's spectrum of waves at 4 Hz, averaged by their length; those shorter than a window are left out."""
    whole = [wave for wave in waves if len(wave) >= round(window_s * spectrum.RATE_HZ)]
    spectra = [spectrum.welch(wave, window_s) for wave in whole]
    mean = np.average([each.density for each in spectra], axis=0, weights=[len(wave) for wave in whole])
    return Spectrum(spectra[0].frequency_hz, mean)


def find_peak(
    frequency_hz: FloatArray, density: FloatArray, *, fastest_hz: float = FASTEST_HZ, joined: bool = False
) -> Breathing | None:
    """Find the respiratory peak in the spectrum of a wave's rate of change.

    Parameters
    ----------
    frequency_hz, density : ndarray, shape (n_frequencies,)
        From 0 on, evenly spaced.
    fastest_hz : float
        Above, breathing is not looked for.
    joined : bool
        Whether the spectrum is the mean of an ECG's waves, in which blood pressure's own counts for less.

    Returns
    -------
    Breathing or None
        None where no peak stands out.
    """
    (rate,), (confidence,) = find_peaks(frequency_hz, density[None], np.array([fastest_hz]), joined=joined)
    return Breathing(float(rate), float(confidence)) if confidence > 0 else None


def find_peaks(
    frequency_hz: FloatArray, density: FloatArray, fastest_hz: FloatArray, *, joined: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Find the respiratory peak in each of many spectra.

    Parameters
    ----------
    frequency_hz : ndarray, shape (n_frequencies,)
        From 0 on, evenly spaced.
    density : ndarray, shape (n_windows, n_frequencies)
        Of the rates of change.
    fastest_hz : ndarray, shape (n_windows,)
        Above, breathing is not looked for.
    joined : bool
        As for `find_peak`.

    Returns
    -------
    tuple of ndarray, shape (n_windows,)
        Breaths per minute, NaN where no peak stands out; and the confidence, 0 there.
    """
    inner, inner_hz = density[:, 1:-1], frequency_hz[1:-1]
    top = (inner >= density[:, :-2]) & (inner > density[:, 2:])
    top &= (inner_hz >= SLOWEST_HZ) & (inner_hz <= fastest_hz[:, None])
    peak = 1 + np.argmax(np.where(top, inner, -np.inf), axis=1)
    rows = np.arange(len(density))
    bent = _vertices(*(density[rows, peak + shift] for shift in (-1, 0, 1)))
    rate_hz = frequency_hz[peak] + bent * frequency_hz[1]
    whole = Spectrum(frequency_hz, density)
    floor = whole.power_up_to(np.full(len(density), FLOOR_HZ))
    high = whole.power_up_to(np.minimum(rate_hz + _HALF_WIDTH_HZ, fastest_hz))
    low = whole.power_up_to(np.maximum(rate_hz - _HALF_WIDTH_HZ, FLOOR_HZ))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (high - low) / (whole.power_up_to(fastest_hz) - floor)
    slow = (_DOUBTFUL_JOINED, _CERTAIN_JOINED) if joined else (_DOUBTFUL_SLOW, _CERTAIN_SLOW)
    doubtful = np.interp(rate_hz, (_SLOW_HZ, _QUICK_HZ), (slow[0], _DOUBTFUL))
    certain = np.interp(rate_hz, (_SLOW_HZ, _QUICK_HZ), (slow[1], _CERTAIN))
    found = top.any(axis=1) & (share > doubtful)
    confidence = np.where(found, np.minimum(1.0, (share - doubtful) / (certain - doubtful)), 0.0)
    return np.where(found, rate_hz * 60, np.nan), confidence


def _vertices(left: FloatArray, middle: FloatArray, right: FloatArray) -> FloatArray:
    """Where the parabola through three logarithms has its top, in steps from the middle one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, c = np.log(left), np.log(middle), np.log(right)
        bend = a - 2 * b + c
        shift = 0.5 * (a - c) / bend
    return np.where(np.isfinite(shift) & (bend < 0), shift, 0.0)
