"""Evenly sampled series of one gap-free stretch, and their power spectra."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded

from biotune.analysis.series import FloatArray

RATE_HZ = 4.0  # Kubios' and the Task Force's usual rate of interpolation
LEAST_KNOTS = 4  # below, a cubic has more freedom than there are beats
LEAST_SAMPLES = 16  # 4 s: below, not even one breath's wave fits
PEAK_BAND_HZ = (0.04, 0.26)  # where the peak of rhythm regularity may lie; docs/method.md
PEAK_HALF_WIDTH_HZ = 0.015
WHOLE_BAND_HZ = (0.0033, 0.4)


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Power spectral density of one stretch.

    Attributes
    ----------
    frequency_hz : ndarray, shape (n_frequencies,)
        From 0 to half the sampling rate.
    density : ndarray, shape (n_frequencies,) or (n_windows, n_frequencies)
        One-sided density, ms²/Hz.
    """

    frequency_hz: FloatArray
    density: FloatArray

    def power(self, low_hz: float, high_hz: float) -> FloatArray:
        """Power between two frequencies: trapezoids, the density interpolated at the exact edges.

        Returns
        -------
        ndarray, shape () or (n_windows,)
            Power in ms².
        """
        inside = (self.frequency_hz > low_hz) & (self.frequency_hz < high_hz)
        edges = np.clip([low_hz, high_hz], self.frequency_hz[0], self.frequency_hz[-1])
        at_edges = self._interpolate(edges)
        frequency_hz = np.concatenate(([edges[0]], self.frequency_hz[inside], [edges[1]]))
        density = np.concatenate(
            (at_edges[..., :1], self.density[..., inside], at_edges[..., 1:]),
            axis=-1,
        )
        power: FloatArray = np.trapezoid(density, frequency_hz, axis=-1)
        return power

    def power_up_to(self, limits_hz: FloatArray) -> FloatArray:
        """Power of each window from 0 to a limit of its own, by the same trapezoids; shape (n_windows,).

        Parameters
        ----------
        limits_hz : ndarray, shape (n_windows,)
            From 0 to half the sampling rate.
        """
        step = self.frequency_hz[1] - self.frequency_hz[0]
        rows = np.arange(len(limits_hz))
        left = np.clip((limits_hz / step).astype(np.int64), 0, len(self.frequency_hz) - 2)
        share = limits_hz / step - left
        highest = int(left.max(initial=1)) + 1
        whole = np.cumsum((self.density[:, 1:highest] + self.density[:, : highest - 1]) / 2, axis=1)
        below = np.where(left > 0, whole[rows, np.maximum(left - 1, 0)], 0.0)
        low, high = self.density[rows, left], self.density[rows, left + 1]
        power: FloatArray = step * (below + share * (low + share * (high - low) / 2))
        return power

    def _interpolate(self, at_hz: FloatArray) -> FloatArray:
        step = self.frequency_hz[1] - self.frequency_hz[0]
        left = np.clip((at_hz / step).astype(np.int64), 0, len(self.frequency_hz) - 2)
        share = at_hz / step - left
        between: FloatArray = self.density[..., left] * (1 - share) + self.density[..., left + 1] * share
        return between


def resample(time_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Natural cubic spline through a stretch's intervals, read at 4 Hz from its first beat on.

    Parameters
    ----------
    time_s, values : ndarray, shape (n_beats,)
        Beat times, strictly increasing, and intervals. Excluded beats are simply not there: the spline bridges them.

    Returns
    -------
    tuple of ndarray, shape (n_samples,), or None
        Times and values; None where the stretch is too short for a spectrum.
    """
    n = len(values)
    if n < LEAST_KNOTS:
        return None
    samples = int((time_s[-1] - time_s[0]) * RATE_HZ + 1e-9) + 1
    if samples < LEAST_SAMPLES:
        return None
    grid_s = time_s[0] + np.arange(samples) / RATE_HZ
    return grid_s, _spline(time_s, values, np.minimum(grid_s, time_s[-1]))


def _spline(time_s: FloatArray, values: FloatArray, at_s: FloatArray) -> FloatArray:
    """Evaluate the natural cubic spline at rising times; its curvatures solve a system of three diagonals."""
    step = np.diff(time_s)
    slope = np.diff(values) / step
    bands = np.zeros((2, len(values) - 2))
    bands[1] = (step[:-1] + step[1:]) / 3
    bands[0, 1:] = step[1:-1] / 6
    curvature = np.zeros(len(values))
    curvature[1:-1] = solveh_banded(bands, np.diff(slope), check_finite=False)
    # a cubic between each two knots, in the time since the first; counted from the knots, which are the fewer
    left = np.cumsum(np.bincount(np.searchsorted(at_s, time_s[1:-1]), minlength=len(at_s) + 1))[:-1]
    since = at_s - time_s.take(left)
    at: FloatArray = (np.diff(curvature) / (6 * step)).take(left)
    for coefficient in (curvature / 2, slope - step * (2 * curvature[:-1] + curvature[1:]) / 6, values):
        at *= since
        at += coefficient.take(left)
    return at


def windows(values: FloatArray, window_s: float) -> tuple[Spectrum, FloatArray]:
    """Spectrum of each Hann window along an evenly sampled stretch, half overlapping.

    Where whole half-steps do not reach the end, one more window ends there, weighted by the share of a
    half-step that it adds. A beat more or less at the end then moves nothing by a jump: without it, the same
    beat can bring a whole new window.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        At 4 Hz; their mean is removed here.
    window_s : float
        Length of a window; a shorter stretch is one window of its own length.

    Returns
    -------
    tuple of (Spectrum, ndarray of shape (n_windows,))
        Densities by window, and the windows' weights, which sum to 1.
    """
    size = min(len(values), max(LEAST_SAMPLES, round(window_s * RATE_HZ)))
    step = size // 2
    starts = list(range(0, len(values) - size + 1, step))
    weights = [1.0] * len(starts)
    rest = len(values) - size - starts[-1]
    if rest:
        starts.append(len(values) - size)
        weights.append(rest / step)
    pieces = np.lib.stride_tricks.sliding_window_view(values - values.mean(), size)[starts]
    return densities(pieces), np.array(weights) / sum(weights)


def densities(pieces: FloatArray) -> Spectrum:
    """One-sided periodogram of each row, tapered by a periodic Hann window.

    Parameters
    ----------
    pieces : ndarray, shape (n_windows, n_samples)
        At 4 Hz, their mean removed.
    """
    size = pieces.shape[1]
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)  # periodic Hann, as for spectra
    wave = np.fft.rfft(pieces * taper, axis=1)
    density = (wave.real**2 + wave.imag**2) / (RATE_HZ * np.sum(taper**2))
    density[:, 1 : None if size % 2 else -1] *= 2  # one-sided: all but 0 and half the rate stand for two
    return Spectrum(np.arange(density.shape[1], dtype=np.float64) * (RATE_HZ / size), density)


def welch(values: FloatArray, window_s: float) -> Spectrum:
    """Welch's spectrum of one evenly sampled stretch: the weighted mean of its `windows`.

    References
    ----------
    Welch, IEEE Trans Audio Electroacoust 15:70-73, 1967.
    """
    single, share = windows(values, window_s)
    return Spectrum(single.frequency_hz, share @ single.density)


def regularity(values: FloatArray, window_s: float) -> float | None:
    """Power around the highest peak against the rest, the mean over windows.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        At 4 Hz, one gap-free stretch.
    window_s : float
        Length of a window.

    Returns
    -------
    float or None
        Mean of peak / rest; None where nothing varies.

    References
    ----------
    McCraty, Atkinson, Tomasino & Bradley, Integral Review 5(2):10-115, 2009.
    """
    single, share = windows(values, window_s)
    ratios = peak_ratios(single)
    return None if ratios is None else float(share @ ratios)


def peak_ratios(single: Spectrum) -> FloatArray | None:
    """Power around each window's highest peak against the rest; None where a window does not vary.

    Returns
    -------
    ndarray, shape (n_windows,), or None
    """
    total = single.power(*WHOLE_BAND_HZ)
    allowed = np.flatnonzero((single.frequency_hz >= PEAK_BAND_HZ[0]) & (single.frequency_hz <= PEAK_BAND_HZ[1]))
    if not len(allowed) or not np.all(total > 0):
        return None
    peaks_hz = single.frequency_hz[allowed[np.argmax(single.density[:, allowed], axis=1)]]
    peak = single.power_up_to(peaks_hz + PEAK_HALF_WIDTH_HZ) - single.power_up_to(peaks_hz - PEAK_HALF_WIDTH_HZ)
    ratios: FloatArray = peak / (total - peak)
    return ratios
