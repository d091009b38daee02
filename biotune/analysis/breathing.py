"""Breathing rate, from the wave that breathing leaves in the intervals.

Breathing is looked for in the spectrum of the intervals' rate of change, not of the intervals themselves: that
takes off their 1/f slope, so that a breath at 15/min is not hidden behind a larger wave of blood pressure at
0.1 Hz (6/min), while slow breathing, which outgrows any such wave, still stands out there. Peak and prominence
as in Schäfer & Kratky, Ann Biomed Eng 36:476-485, 2008, and Bailón et al., IEEE Trans Biomed Eng 53:1273-1285, 2006.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from biotune.analysis import spectrum
from biotune.analysis.series import FloatArray, NNSeries

WINDOW_S = 64.0  # four breaths at 4/min
LEAST_S = 30.0
SLOWEST_HZ = 0.065  # 3.9/min: the resonance protocol's slowest pace is 4.5
FASTEST_HZ = 0.5
_HALF_WIDTH_HZ = 0.03  # half the main lobe of a 64 s Hann window
_FLOOR_HZ = 0.045  # the lowest frequency that counts against the peak
# Share of the spectrum within the peak: what noise alone reaches, and what leaves no doubt.
_DOUBTFUL, _CERTAIN = 0.2, 0.5
# The same at the frequency of blood pressure's own wave, which is about as narrow (standing: up to 0.75).
_DOUBTFUL_SLOW, _CERTAIN_SLOW = 0.6, 0.9
_SLOW_HZ, _QUICK_HZ = 0.11, 0.15


@dataclass(frozen=True, slots=True)
class Breathing:
    """How fast the client breathed, and how far that can be trusted.

    Attributes
    ----------
    rate_per_min : float
        Breaths per minute.
    confidence : float
        From 0 to 1; below 0.5 the rate is not to be relied on.
    """

    rate_per_min: float
    confidence: float


def estimate(nn: NNSeries) -> Breathing | None:
    """Find the respiratory peak.

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
    found = _rate_of_change(nn)
    if found is None:
        return None
    return find_peak(*found, fastest_hz=min(FASTEST_HZ, 0.5 * 1000 / float(nn.nn_ms.mean())))


def find_peak(frequency_hz: FloatArray, density: FloatArray, *, fastest_hz: float = FASTEST_HZ) -> Breathing | None:
    """Find the respiratory peak in the spectrum of a wave's rate of change.

    Parameters
    ----------
    frequency_hz, density : ndarray, shape (n_frequencies,)
        From 0 on, evenly spaced.
    fastest_hz : float
        Above, breathing is not looked for.

    Returns
    -------
    Breathing or None
        None where no peak stands out.
    """
    inner = density[1:-1]
    peaks = 1 + np.flatnonzero((inner >= density[:-2]) & (inner > density[2:]))
    peaks = peaks[(frequency_hz[peaks] >= SLOWEST_HZ) & (frequency_hz[peaks] <= fastest_hz)]
    if not len(peaks):
        return None
    peak = int(peaks[np.argmax(density[peaks])])
    rate_hz = frequency_hz[peak] + _vertex(*density[peak - 1 : peak + 2]) * frequency_hz[1]
    whole = spectrum.Spectrum(frequency_hz, density)
    low_hz, high_hz = max(rate_hz - _HALF_WIDTH_HZ, _FLOOR_HZ), min(rate_hz + _HALF_WIDTH_HZ, fastest_hz)
    share = float(whole.power(low_hz, high_hz) / whole.power(_FLOOR_HZ, fastest_hz))
    doubtful = float(np.interp(rate_hz, (_SLOW_HZ, _QUICK_HZ), (_DOUBTFUL_SLOW, _DOUBTFUL)))
    certain = float(np.interp(rate_hz, (_SLOW_HZ, _QUICK_HZ), (_CERTAIN_SLOW, _CERTAIN)))
    if share <= doubtful:
        return None
    return Breathing(rate_per_min=float(rate_hz) * 60, confidence=min(1.0, (share - doubtful) / (certain - doubtful)))


def _rate_of_change(nn: NNSeries) -> tuple[FloatArray, FloatArray] | None:
    """Spectrum of the sampled intervals' differences, averaged over the stretches; None where there is none."""
    if not len(nn) or np.ptp(nn.nn_ms) == 0:
        return None
    grids = []
    edges = np.flatnonzero(np.diff(nn.stretch, prepend=-1, append=-1))
    for first, end in itertools.pairwise(edges):
        sampled = spectrum.resample(nn.time_s[first:end], nn.nn_ms[first:end])
        if sampled is not None and len(sampled[1]) > LEAST_S * spectrum.RATE_HZ:
            grids.append(np.diff(sampled[1]))
    if not grids:
        return None
    longest = max(len(grid) for grid in grids)
    window_s = min(WINDOW_S, longest / spectrum.RATE_HZ)
    grids = [grid for grid in grids if len(grid) >= round(window_s * spectrum.RATE_HZ)]
    spectra = [spectrum.welch(grid, window_s) for grid in grids]
    density = np.average([each.density for each in spectra], axis=0, weights=[len(grid) for grid in grids])
    return spectra[0].frequency_hz, density


def _vertex(left: float, middle: float, right: float) -> float:
    """Where the parabola through three logarithms has its top, in steps from the middle one."""
    if min(left, middle, right) <= 0:
        return 0.0
    a, b, c = math.log(left), math.log(middle), math.log(right)
    bend = a - 2 * b + c
    return 0.5 * (a - c) / bend if bend < 0 else 0.0
