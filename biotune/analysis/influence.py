"""What each second of a window adds to a metric: the tracks whose means the intervals are about.

Every metric compared is a mean, or a smooth function of means, of something that happens beat by
beat: the interval itself, a squared difference, the momentary power in a band, the variance left
in a box of beats. Its error is that of the mean. The series is the one of the `kubios` convention:
splined at 4 Hz, its slow trend taken off, except for the mean interval.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biotune.analysis import spectrum
from biotune.analysis.conventions import ALPHA1_BOXES, HF_HZ, KUBIOS_LAMBDA, LF_HZ, WELCH_WINDOW_S
from biotune.analysis.detrend import smoothness_trend
from biotune.analysis.intervals import Track
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.series import FloatArray, NNSeries
from biotune.domain import Convention

MS_PER_MIN = 60_000.0
_BREATH_BAND = 1 / 3
_TAPERED = frozenset({"lf", "hf", "total_power"})
_TOTAL_HZ = (0.0, HF_HZ[1])
_BOXES = ALPHA1_BOXES[Convention.KUBIOS]


ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """One gap-free stretch at 4 Hz: the second of the window each sample lies in, and what is averaged."""

    second: FloatArray
    taper: FloatArray
    values: Mapping[str, FloatArray]

    @property
    def length_s(self) -> float:
        return len(self.second) / spectrum.RATE_HZ


def tracks(nn: NNSeries, *, start_s: float, seconds: int) -> dict[str, Track]:
    """Tracks of every metric that is compared and can be tracked.

    Parameters
    ----------
    nn : NNSeries
        The intervals of one window.
    start_s : float
        Where the window starts, session time.
    seconds : int
        Its length.

    Returns
    -------
    dict of str to Track
        By metric key; empty where no stretch is long enough to be sampled. `mean_nn`'s mean is in ms, that of
        `rmssd`, `sdnn` and the powers in ms² (a mean square), that of `dfa_alpha1` is 0 (an influence).
    """
    stretches = [made for part in _parts(nn) if (made := _stretch(part, start_s)) is not None]
    keys = stretches[0].values if stretches else ()
    return {key: _track(key, _long_enough(key, stretches), seconds) for key in keys}


def _parts(nn: NNSeries) -> list[NNSeries]:
    """Split at the gaps."""
    bounds = [0, *(np.flatnonzero(np.diff(nn.stretch)) + 1).tolist(), len(nn)]
    return [
        NNSeries(nn.time_s[a:b], nn.nn_ms[a:b], nn.stretch[a:b], nn.ordinal[a:b]) for a, b in itertools.pairwise(bounds)
    ]


def _long_enough(key: str, stretches: Sequence[_Stretch]) -> Sequence[_Stretch]:
    """Of a metric that is never joined across a gap, the stretches that carry it."""
    if not CATALOGUE[key].unbroken:
        return stretches
    least_s = CATALOGUE[key].least.seconds
    return [each for each in stretches if each.length_s + 1 >= least_s] or [max(stretches, key=lambda s: s.length_s)]


def _track(key: str, stretches: Sequence[_Stretch], seconds: int) -> Track:
    taper = np.concatenate([each.taper for each in stretches]) if key in _TAPERED else None
    second = np.concatenate([each.second for each in stretches])
    return _per_second(second, np.concatenate([each.values[key] for each in stretches]), taper, seconds)


def _per_second(second: FloatArray, value: FloatArray, weight: FloatArray | None, seconds: int) -> Track:
    """Mean of the samples in each second of the window, and how much each second counts."""
    whole = np.clip(second, 0, seconds - 1).astype(np.int64)
    count = np.bincount(whole, minlength=seconds)
    mean = np.bincount(whole, value, seconds) / np.maximum(count, 1)
    counts = np.bincount(whole, weight, seconds).astype(np.float64)
    return Track(mean, counts / counts.sum())


def _sample(nn: NNSeries) -> tuple[FloatArray, FloatArray] | None:
    """Return times and intervals at 4 Hz; None where the stretch is too short."""
    if not len(nn):
        return None
    rising = np.r_[True, nn.time_s[1:] > np.maximum.accumulate(nn.time_s)[:-1]]
    return spectrum.resample(nn.time_s[rising], nn.nn_ms[rising])


def _stretch(nn: NNSeries, start_s: float) -> _Stretch | None:
    sampled = _sample(nn)
    if sampled is None:
        return None
    grid_s, nn_ms = sampled
    trend = smoothness_trend(nn_ms, KUBIOS_LAMBDA)
    wave_ms, beat_ms = nn_ms - trend, nn.nn_ms - np.interp(nn.time_s, grid_s, trend)
    squared = np.diff(beat_ms)[nn.adjacent] ** 2
    values = {
        "mean_nn": nn_ms,
        "sdnn": wave_ms**2,
        "rmssd": np.interp(grid_s, nn.time_s[1:][nn.adjacent], squared) if len(squared) else np.zeros(len(grid_s)),
        "lf": _power(wave_ms, LF_HZ),
        "hf": _power(wave_ms, HF_HZ),
        "total_power": _power(wave_ms, _TOTAL_HZ),
        "dfa_alpha1": np.interp(grid_s, nn.time_s, _exponent_influence(beat_ms)),
    }
    return _Stretch(grid_s - start_s, _taper(len(grid_s)), values)


def _power(wave_ms: FloatArray, band_hz: tuple[float, float]) -> FloatArray:
    """Momentary power between two frequencies: half the squared envelope of the filtered wave."""
    power: FloatArray = np.abs(_analytic(wave_ms, band_hz)) ** 2 / 2
    return power


def _analytic(wave_ms: FloatArray, band_hz: tuple[float, float]) -> ComplexArray:
    """Analytic signal of the part between two frequencies; the wave is mirrored, so that its ends meet."""
    spread = np.fft.fft(np.concatenate([wave_ms, wave_ms[::-1]]))
    hz = np.fft.fftfreq(len(spread), 1 / spectrum.RATE_HZ)
    spread[(hz <= band_hz[0]) | (hz > band_hz[1])] = 0
    analytic: ComplexArray = 2 * np.fft.ifft(spread)[: len(wave_ms)]
    return analytic


def _taper(samples: int) -> FloatArray:
    """How much Welch's Hann windows, half overlapping, let each sample count."""
    size = min(samples, round(WELCH_WINDOW_S * spectrum.RATE_HZ))
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)) ** 2
    weight = np.zeros(samples)
    for start in {*range(0, samples - size + 1, size // 2), samples - size}:
        weight[start : start + size] += hann
    return weight


def _exponent_influence(beat_ms: FloatArray) -> FloatArray:
    """Return what each beat adds to DFA's exponent: that of its box's variance, over all box sizes.

    The exponent is Σ c·log F with c from the regression on log size, so a box whose variance is v adds
    c·(v / F² - 1) / 2 for each of its beats.
    """
    influence = np.zeros(len(beat_ms))
    profile = np.cumsum(beat_ms - beat_ms.mean())
    log_size = np.log(np.array(_BOXES))
    share = (log_size - log_size.mean()) / np.sum((log_size - log_size.mean()) ** 2)
    for size, weight in zip(_BOXES, share, strict=True):
        variance = _box_variance(profile, size)
        if len(variance) and variance.mean() > 0:
            influence[: len(variance) * size] += np.repeat(weight * (variance / variance.mean() - 1) / 2, size)
    return influence


def _box_variance(profile: FloatArray, size: int) -> FloatArray:
    """Variance about a straight line in each whole box."""
    ramp = np.arange(size) - (size - 1) / 2
    boxes = profile[: len(profile) // size * size].reshape(-1, size)
    boxes = boxes - boxes.mean(axis=1, keepdims=True)
    boxes = boxes - np.outer(boxes @ ramp / (ramp @ ramp), ramp)
    variance: FloatArray = np.mean(boxes**2, axis=1)
    return variance


def heart_rate(mean_nn: Track) -> Track:
    """Heart rate second by second, straightened about its mean: a change of the one is a change of the other."""
    mean_ms = mean_nn.mean
    return Track(MS_PER_MIN / mean_ms * (2 - mean_nn.value / mean_ms), mean_nn.weight)


def received(time_s: FloatArray, bpm: FloatArray, seconds: int) -> Track:
    """Heart rate as the strap computed it itself, second by second.

    Parameters
    ----------
    time_s, bpm : ndarray, shape (n_packets,)
        Arrival, counted from the window's start, and rate; at least one.
    seconds : int
        Length of the window.
    """
    return _per_second(time_s, bpm, None, seconds)


def breathing(nn: NNSeries, rate_per_min: float, *, start_s: float, seconds: int) -> dict[str, Track]:
    """Breathing rate second by second: how fast the phase of the respiratory wave turns.

    Parameters
    ----------
    nn : NNSeries
        The intervals of one window.
    rate_per_min : float
        The window's breathing rate; the wave is looked for within a third of it.
    start_s, seconds
        The window.

    Returns
    -------
    dict of str to Track
        `breathing_rate`, 1/min; empty where no stretch is long enough.
    """
    low_hz, high_hz = rate_per_min / 60 * (1 - _BREATH_BAND), rate_per_min / 60 * (1 + _BREATH_BAND)
    second, rate = [], []
    for part in _parts(nn):
        sampled = _sample(part)
        if sampled is not None:
            turning = np.gradient(np.unwrap(np.angle(_analytic(sampled[1], (low_hz, high_hz)))))
            rate.append(turning * spectrum.RATE_HZ * 60 / (2 * np.pi))
            second.append(sampled[0] - start_s)
    if not rate:
        return {}
    return {"breathing_rate": _per_second(np.concatenate(second), np.concatenate(rate), None, seconds)}
