"""How fast a piece is: spectral flux, its autocorrelation, and a prior for slow music; fed block by block."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import fft, ndimage

from biotune.analysis.series import FloatArray

SLOWEST_BPM: Final = 38.0
FASTEST_BPM: Final = 205.0
AMBIGUOUS_FROM: Final = 0.7  # of the best candidate's strength

_FRAMES_PER_S: Final = 100
_FRAME_S: Final = 0.046
_FRAMES_AT_ONCE: Final = 512
_BANDS: Final = 24
_LOWEST_HZ: Final = 40.0
_HIGHEST_HZ: Final = 8000.0
_COMPRESSION: Final = 0.85  # of amplitude: a hi-hat counts, and less than the drum it subdivides
_RISE: Final = 2  # frames between which a rise counts
_LEVEL_S: Final = 2.0  # what rises all the time is no beat
_PRIOR_BPM: Final = 85.0
_PRIOR_OCTAVES: Final = 1.0
_WINDOW_S: Final = 16.0
_WINDOW_STEP_S: Final = 4.0
_LONGEST_LAG_S: Final = 8.0  # more than four beats of the slowest tempo
_REFINED_OVER_S: Final = 60.0
_SHORTEST_S: Final = 0.12  # below any beat, but what a beat is counted in
_REFINED_IN_S: Final = 600.0  # of the piece: a longer one brings nothing new
_LEAST_S: Final = 8.0  # five beats of the slowest tempo
_NEARLY: Final = 0.7  # of the strongest peak: what repeats that well repeats
_ALIKE: Final = 0.88  # of a multiple's: it repeats for no reason of its own
_KEEPS: Final = 0.03  # of the beat: how far a stretch's own beat may lie from the piece's
_NEAR: Final = 0.45  # of the beat, to either side of where it should be
_FAR_S: Final = 3.0
_OTHERS: Final = 3
_TOLD: Final = 0.3  # of the best candidate's strength
_STEADY_FROM: Final = 0.7  # of the piece
_CLEAR_FROM: Final = 0.3  # autocorrelation at the best of the first eight beats, of 1
_WHOLLY_FROM: Final = 0.25  # the same, at all of them on average
_FAINTEST: Final = 0.005  # of the level: below, a rise is rounding
_OFTEN_PCT: Final = 98.0  # a piece that only begins has no beat


@dataclass(frozen=True, slots=True)
class Candidate:
    """One tempo that a person might tap to, and how strongly the sound speaks for it (the best one: 1)."""

    bpm: float
    strength: float


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast a piece is.

    Attributes
    ----------
    bpm : float or None
        Beats a minute; None where there is no steady beat.
    candidates : tuple of Candidate
        What the beat may be, the best first: half and double are often as good an answer.
    steadiness : float
        0 to 1: the share of the piece that keeps the best candidate's beat.
    """

    bpm: float | None
    candidates: tuple[Candidate, ...] = ()
    steadiness: float = 0.0

    @property
    def ambiguous(self) -> bool:
        """Another tempo is nearly as good an answer."""
        return any(each.strength >= AMBIGUOUS_FROM for each in self.candidates[1:])


class TempoMeter:
    """Measures the tempo of a stream.

    The rise of sound in 24 bands, summed (spectral flux: Masri 1996; Dixon 2006, "Onset detection revisited"), is
    correlated with itself in windows of 16 s. Of the lags that repeat about as well as the best one, the shortest is
    the beat, where a prior for slow music leaves a choice. Its length is then measured again over as many beats as
    stay together, up to a minute, so that a studio's round tempo comes out round.

    Parameters
    ----------
    rate_hz : int
        Sampling rate.
    """

    def __init__(self, rate_hz: int) -> None:
        self._frame = 2 ** round(math.log2(_FRAME_S * rate_hz))
        self._hop = max(1, round(rate_hz / _FRAMES_PER_S))
        self._rate_hz = rate_hz
        window = np.hanning(self._frame)
        self._window = (2 * window / window.sum()).astype(np.float32)
        self._bands = _band_weights(rate_hz, self._frame)
        self._rest = np.zeros(self._frame // 2, dtype=np.float32)
        self._last = np.zeros((0, _BANDS))
        self._rises: list[FloatArray] = []
        self._level = 0.0

    def feed(self, samples: FloatArray) -> None:
        """Take the next samples in: shape (n_samples,), one channel."""
        sound = np.concatenate([self._rest, samples.astype(np.float32)])
        count = max(0, (len(sound) - self._frame) // self._hop + 1)
        for first in range(0, count, _FRAMES_AT_ONCE):
            self._take(sound, first, min(count, first + _FRAMES_AT_ONCE))
        self._rest = sound[count * self._hop :]

    def finish(self) -> Tempo:
        """Return the tempo of what was fed."""
        flux = np.concatenate([np.zeros(0), *self._rises])
        if not len(flux) or np.percentile(flux, _OFTEN_PCT) <= _FAINTEST * self._level / len(flux):
            return Tempo(None)
        return tempo_of(flux, frames_per_s=self._rate_hz / self._hop)

    def _take(self, sound: FloatArray, first: int, end: int) -> None:
        begin = first * self._hop
        part = sound[begin : begin + (end - first - 1) * self._hop + self._frame]
        frames = np.lib.stride_tricks.sliding_window_view(part, self._frame)[:: self._hop]
        power = np.square(np.abs(fft.rfft(frames * self._window, axis=1))) @ self._bands
        level = np.concatenate([self._last, power ** (_COMPRESSION / 2)])
        self._rises.append(np.maximum(0, level[_RISE:] - level[:-_RISE]).sum(axis=1, dtype=np.float64))
        self._level += float(level.sum(dtype=np.float64))
        self._last = level[-_RISE:]


def tempo_of(flux: FloatArray, *, frames_per_s: float) -> Tempo:
    """Return the tempo of a series of rises in sound.

    Parameters
    ----------
    flux : ndarray, shape (n_frames,)
        How much rose in each frame.
    frames_per_s : float
        Frames a second.
    """
    if len(flux) < _LEAST_S * frames_per_s:
        return Tempo(None)
    above = flux - ndimage.uniform_filter1d(flux, size=round(_LEVEL_S * frames_per_s))
    onsets = ndimage.gaussian_filter1d(np.maximum(0, above), 1.0)
    local = _local(onsets, frames_per_s)
    found = _candidates(local.mean(axis=0), frames_per_s) if len(local) else []
    if not found:
        return Tempo(None)
    best_s = _refined(onsets, 60 / found[0].bpm, frames_per_s)
    scale = 60 / best_s / found[0].bpm
    candidates = tuple(Candidate(_together(each.bpm * scale, 60 / best_s), each.strength) for each in found)
    share, clarity, wholly = _steadiness(local, best_s, frames_per_s)
    steady = share >= _STEADY_FROM and clarity >= _CLEAR_FROM and wholly >= _WHOLLY_FROM
    return Tempo(60 / best_s if steady else None, candidates, share)


def fold(bpm: float, to_bpm: float, *, ratios: tuple[float, ...] = (1.0, 2.0, 0.5)) -> float:
    """Return `bpm` times that one of `ratios` which brings it nearest to another tempo.

    Examples
    --------
    >>> fold(119.0, 60.0)
    59.5
    """
    return min((bpm * ratio for ratio in ratios), key=lambda each: abs(math.log(each / to_bpm)))


def _band_weights(rate_hz: int, frame: int) -> FloatArray:
    """Return triangles evenly wide to the ear (mel scale), shape (n_bins, n_bands)."""
    highest_hz = min(_HIGHEST_HZ, rate_hz / 2)
    mels = np.linspace(_mel(_LOWEST_HZ), _mel(highest_hz), _BANDS + 2)
    edges_hz = 700 * (10 ** (mels / 2595) - 1)
    bins_hz = np.fft.rfftfreq(frame, 1 / rate_hz)[:, None]
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    return np.maximum(0, np.minimum((bins_hz - low) / (centre - low), (high - bins_hz) / (high - centre))).astype(
        np.float32
    )


def _mel(frequency_hz: float) -> float:
    return 2595 * math.log10(1 + frequency_hz / 700)


def _autocorrelation(series: FloatArray, lags: int) -> FloatArray:
    """Return the correlation at lags 0 to `lags`, each over its own number of pairs."""
    centred = series - series.mean()
    size = fft.next_fast_len(2 * len(series))
    raw = fft.irfft(np.square(np.abs(fft.rfft(centred, size))), size)[: lags + 1]
    return np.asarray(raw / np.arange(len(series), len(series) - lags - 1, -1))


def _local(onsets: FloatArray, rate: float) -> FloatArray:
    """Return the autocorrelation of every window in which anything happens, shape (n_windows, n_lags)."""
    size = min(len(onsets), round(_WINDOW_S * rate))
    lags = min(round(_LONGEST_LAG_S * rate), size // 2)
    step = round(_WINDOW_STEP_S * rate)
    floor = 1e-4 * float(np.square(onsets).mean())
    windows = (onsets[at : at + size] for at in range(0, len(onsets) - size + 1, step))
    found = [_autocorrelation(each, lags) for each in windows if np.square(each).mean() > floor > 0]
    return np.asarray([each / each[0] for each in found], dtype=np.float32)


def _candidates(correlation: FloatArray, rate: float) -> list[Candidate]:
    """Return the tempi at the correlation's peaks, the best first."""
    lags = np.arange(round(_SHORTEST_S * rate), min(math.ceil(60 / SLOWEST_BPM * rate), len(correlation) - 2) + 1)
    here = correlation[lags]
    peaks = lags[(here >= correlation[lags - 1]) & (here > correlation[lags + 1]) & (here > 0)]
    told = [int(lag) for lag in peaks if lag >= math.floor(60 / FASTEST_BPM * rate)]
    if not told:
        return []
    least = _NEARLY * max(correlation[lag] for lag in told)
    repeats = [int(lag) for lag in peaks if correlation[lag] >= least]
    weights = {lag: _strength(correlation, lag, rate) * _place(correlation, lag, repeats, told) for lag in told}
    # what repeats nearly as well as anything is the beat before anything that does not
    best = max(told, key=lambda lag: (lag in repeats, weights[lag]))
    others = sorted((lag for lag in told if lag != best), key=lambda lag: -weights[lag])[:_OTHERS]
    found = [Candidate(60 * rate / _vertex(correlation, k), min(1.0, weights[k] / weights[best])) for k in others]
    return [Candidate(60 * rate / _vertex(correlation, best), 1.0), *(each for each in found if each.strength > _TOLD)]


def _strength(correlation: FloatArray, lag: int, rate: float) -> float:
    """Return how well a lag repeats, and its double, fourfold and eightfold, weighed by the prior."""
    period = _vertex(correlation, lag)
    longer = [k * period for k in (2, 4, 8) if k * period * (1 + _KEEPS / 2) < len(correlation) - 1]
    support = [
        correlation[math.floor(at * (1 - _KEEPS / 2)) : math.ceil(at * (1 + _KEEPS / 2)) + 1].max() for at in longer
    ]
    repeats = 0.5 * (correlation[lag] + max(0.0, float(np.mean(support)))) if support else correlation[lag]
    return float(repeats) * _prior(60 * rate / period)


def _place(correlation: FloatArray, lag: int, repeats: list[int], told: list[int]) -> float:
    """Weigh a lag by its place above the shortest one that repeats.

    What repeats every beat repeats every two: where the shortest lag can be a beat, a multiple that repeats no better
    says nothing of its own. Where it is too short to be one, the beat is a group of it, sooner of two, four or eight
    than of three or five.
    """
    shortest = min(repeats, default=lag)
    multiple = round(lag / shortest)
    if lag == shortest or abs(lag / shortest - multiple) > 0.06 * multiple:
        return 1.0
    if shortest in told:
        return 0.5 if correlation[shortest] >= _ALIKE * correlation[lag] else 1.0
    return 1.0 if multiple in {1, 2, 4, 8} else 0.85


def _prior(bpm: float) -> float:
    return math.exp(-0.5 * (math.log2(bpm / _PRIOR_BPM) / _PRIOR_OCTAVES) ** 2)


def _vertex(values: FloatArray, at: int) -> float:
    """Return where the parabola through a peak and its neighbours is highest."""
    left, here, right = values[at - 1], values[at], values[at + 1]
    bend = left - 2 * here + right
    return at + (float(0.5 * (left - right) / bend) if bend < 0 else 0.0)


def _refined(onsets: FloatArray, beat_s: float, rate: float) -> float:
    """Measure a beat's length over as many beats as stay together."""
    onsets = onsets[: round(_REFINED_IN_S * rate)]
    longest = int(min(_REFINED_OVER_S * rate, len(onsets) // 2))
    correlation = _autocorrelation(onsets, longest)
    period, count, least = beat_s * rate, 1, 0.0
    while count * period + 4 < longest:
        near = round(count * period)
        reach = 3 if count > 1 else max(3, round(0.02 * period))
        first = max(1, near - reach)
        at = first + int(np.argmax(correlation[first : near + reach + 1]))
        if count == 1:
            least = 0.5 * correlation[at]
        if correlation[at] < least or at in {first, near + reach}:
            break
        period = _vertex(correlation, at) / count
        count *= 2
    return period / rate


def _steadiness(local: FloatArray, beat_s: float, rate: float) -> tuple[float, float, float]:
    """Return the share of windows that keep the beat, and how well it repeats at best and on the whole.

    Measured at one to eight beats: where the beat wanders, what agrees over one beat does not over five.
    """
    beat = beat_s * rate
    counts = [k for k in range(1, 9) if k * beat * (1 + _KEEPS) + 1 < local.shape[1]]
    if not counts:
        return 0.0, 0.0, 0.0
    near = [local[:, math.floor(k * beat * (1 - _KEEPS)) : math.ceil(k * beat * (1 + _KEEPS)) + 1] for k in counts]
    clarity = [float(np.median(each.max(axis=1))) for each in near]
    far = [k for k in range(len(counts)) if counts[k] * beat_s >= _FAR_S] or [len(counts) - 1]
    best = max(far, key=lambda k: clarity[k])
    centre = counts[best] * beat
    first, end = math.floor(centre - _NEAR * beat), min(math.ceil(centre + _NEAR * beat) + 1, local.shape[1])
    at = first + np.argmax(local[:, first:end], axis=1)
    value = local[np.arange(len(local)), at]
    keeps = (np.abs(at - centre) <= max(_KEEPS * centre, 1)) & (value >= _CLEAR_FROM)
    return float(keeps.mean()), clarity[best], float(np.mean(clarity))


def _together(bpm: float, best_bpm: float) -> float:
    """Return a candidate that is a plain multiple of the best one as exactly that."""
    for ratio in (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0):
        if abs(bpm / (best_bpm * ratio) - 1) < _KEEPS:
            return best_bpm * ratio
    return bpm
