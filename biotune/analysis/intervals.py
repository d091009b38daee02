"""How far chance alone moves the difference between two windows of one session.

Five minutes cannot show waves longer than themselves, yet those waves move a window's mean. So the
error of a contrast, "mean of the second window minus mean of the first", is taken from the
spectrum of what is averaged: the periodogram of both windows down to the lowest frequency they
resolve, a power law below it, times the squared transfer function of the contrast, integrated.
For adjacent windows of length T that function is 4·sin⁴(πfT)/(πfT)²: what is common to both windows
cancels. Here it is computed from the weights themselves, so that windows further apart, tapers
and gaps need no formula of their own.

Where all that varies is stronger in one window than in the other, it no longer cancels: each window
then weighs by its own standard deviation, so that the error is the one of two windows of unequal
variance whose slow waves go on from the one into the other.

The power law's level is the mean log density of the lowest bins: of four for heart rate, since the bins above
hold single waves that say nothing of the drift below. Its exponent is estimated from the same bins and
drawn towards an expected one, since so few bins say little about a slope.
docs/calibration.md has the measured coverage of what comes out.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from biotune.analysis.series import FloatArray

DEGREES_OF_FREEDOM = 12  # of the t quantile: what covers best, docs/calibration.md
LEAST_BINS = 4  # what the power law is fitted to at least
LOWEST_HZ = 0.02  # half of the VLF band, well below the 0.1 Hz wave: a level spectrum is fitted up to here
STEEPEST = 2.5  # from 3 on, a power law's contrast between two windows is infinite
COUNTS = 0.005  # of the largest weight: seconds that count less are edges, where filters and tapers say little
_RESOLUTION = 16  # the integral's steps per cycle of a wave from end to end; what is slower than one step is level
_FARTHEST_S = 2 * 86_400  # a file whose times jump by years is no reason to integrate over years
# Two windows' mean periodogram is χ² with four degrees of freedom; of its logarithm, mean and variance are:
_LOG_BIAS = 1 - np.euler_gamma - np.log(2)
_LOG_VARIANCE = np.pi**2 / 6 - 1
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Exponent:
    """What is expected of β in a density falling as f to the power of -β, before the windows are seen.

    Attributes
    ----------
    expected, spread : float
        Mean and standard deviation of β.
    up_to_hz : float
        The power law is fitted to the bins up to here, and to the four lowest at least.
    """

    expected: float
    spread: float
    up_to_hz: float


# Heart rate at rest is 1/f: Kobayashi & Musha, IEEE Trans Biomed Eng 29:456-457, 1982. Only the four lowest bins tell
# of it: above about 0.01 Hz a bin holds one of the few slow waves, or none, and so says nothing of the drift.
PINK = Exponent(expected=1.0, spread=0.4, up_to_hz=0.0)
# The strength of waves: nothing is known of its drift, so level, and the windows may say otherwise.
LEVEL = Exponent(expected=0.0, spread=0.5, up_to_hz=LOWEST_HZ)
# Breathing's rate and the strength of the 0.1 Hz waves: between the two, as docs/calibration.md found.
SLOW = Exponent(expected=0.25, spread=0.5, up_to_hz=LOWEST_HZ)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What a window's mean is a mean of, second by second.

    Attributes
    ----------
    value : ndarray, shape (n_seconds,)
        Finite everywhere; of no account where the weight is 0.
    weight : ndarray, shape (n_seconds,)
        How much each second counts, 0 where there are no beats. Sums to 1.
    """

    value: FloatArray
    weight: FloatArray

    @property
    def mean(self) -> float:
        """Weighted mean."""
        return float(self.value @ self.weight)

    def relative(self) -> "Track":
        """Return the same as a share of the mean: the influence on the mean's logarithm."""
        return Track(self.value / max(self.mean, _TINY), self.weight)


def standard_error(before: Track, after: Track, *, apart_s: float, exponent: Exponent) -> float:
    """Return the standard error of the difference between two windows' means.

    Parameters
    ----------
    before, after : Track
        The same quantity in two windows of the same number of seconds.
    apart_s : float
        From the start of one window to the start of the other; what is farther counts as two days.
    exponent : Exponent
        What is expected of the spectrum below the lowest frequency that a window resolves.

    Returns
    -------
    float
        In the unit of the tracks; 0 where neither varies.

    Raises
    ------
    ValueError
        Where the windows differ in length or hold too few seconds for a spectrum.
    """
    n = len(before.value)
    if len(after.value) != n or n // 2 < LEAST_BINS:
        raise ValueError(f"windows of {n} and {len(after.value)} seconds have no common spectrum")
    each = _periodogram(before), _periodogram(after)
    density = (each[0] + each[1]) / 2
    resolved_hz = np.arange(1, n // 2 + 1) / n
    level, slope, centre = _power_law(resolved_hz, density, exponent)
    first, second = (np.sqrt(of.sum() / max(density.sum(), _TINY)) for of in each)
    apart = min(abs(round(apart_s)), max(n, _FARTHEST_S))
    transfer, hz = _transfer(first * before.weight, second * after.weight, apart)
    below = hz < resolved_hz[0]
    spectrum = np.interp(hz, resolved_hz, density)
    spectrum[below] = np.exp(level - slope * (np.log(hz[below]) - centre))
    return float(np.sqrt(np.sum(spectrum * transfer) * hz[0]))


def half_width(error: float) -> float:
    """Half of the 95 % interval that belongs to a standard error."""
    return float(stats.t.ppf(0.975, DEGREES_OF_FREEDOM)) * error


def _periodogram(track: Track) -> FloatArray:
    """One-sided density at 1/n, 2/n … cycles a second, of the seconds that count; made up for those that do not."""
    counts = track.weight > COUNTS * track.weight.max()
    around_mean = np.where(counts, track.value - track.mean, 0.0)
    density: FloatArray = 2 * np.abs(np.fft.rfft(around_mean)) ** 2 / np.count_nonzero(counts)
    return density[1:]


def _power_law(hz: FloatArray, density: FloatArray, exponent: Exponent) -> tuple[float, float, float]:
    """Level (log density), slope and the log frequency where both hold."""
    bins = max(LEAST_BINS, int(np.searchsorted(hz, exponent.up_to_hz, side="right")))
    log_hz = np.log(hz[:bins])
    log_density = np.log(density[:bins] + _TINY) - _LOG_BIAS
    centre, level = float(log_hz.mean()), float(log_density.mean())
    offset = log_hz - centre
    seen = float(offset @ offset) / _LOG_VARIANCE
    known = 1 / exponent.spread**2
    fitted = -float(offset @ log_density) / _LOG_VARIANCE
    slope = float(np.clip((fitted + known * exponent.expected) / (seen + known), 0.0, STEEPEST))
    return level, slope, centre


def _transfer(before: FloatArray, after: FloatArray, apart: int) -> tuple[FloatArray, FloatArray]:
    """Squared transfer function of "after minus before", and its frequencies (without 0)."""
    contrast = np.zeros(apart + len(before))
    contrast[: len(before)] -= before
    contrast[apart:] += after
    size = fft.next_fast_len(_RESOLUTION * len(contrast), real=True)
    transfer: FloatArray = np.abs(np.fft.rfft(contrast, size)[1:]) ** 2
    return transfer, np.arange(1, len(transfer) + 1) / size
