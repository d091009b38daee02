"""A recorded ECG, beside the intervals that the strap itself sent.

R peaks are found by NeuroKit2 in each stretch without missing samples, at the true sampling rate, and placed between
samples by a parabola: at 130 Hz a sample lasts 7.7 ms, and the parabola leaves 0.4 ms of jitter of its 2.2 (two people
whose ECG was recorded at 360 and 1000 Hz; a band-limited interpolation would leave 0.3). Where noise hides the beats
(`ecg_quality`) none are told. How late the strap tells of a beat is not known (0 to 4 s), so
its intervals are laid beside the ECG's where most of them agree.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from biotune.analysis import ecg_quality, frames, motion, neurokit, timeline
from biotune.analysis.breathing import Breathing
from biotune.analysis.ecg_quality import Noisy
from biotune.analysis.frames import Samples
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, IntArray
from biotune.domain import PacketReceived, Phase, Recording
from biotune.wire.polar import POLAR_DATA, Stream

_BLOCK_S = 300.0  # within which two clocks do not part by more than some 30 ms
_LAGS_S = np.arange(-2.0, 6.0, 0.02)  # how much later the strap's beat may lie in session time
_SAME_MS = 15.0  # two intervals are the same: two samples' time
_NEAR_S = 0.1  # two beats are the same, once the lag is known
_LEAST_BEATS = 10  # by which a lag can be told
_SECOND_DETECTOR = "kalidas2017"
_HALF_QRS_S = 0.1
_LINE_S = (-0.3, -0.08)  # from the R peak: the line between the T wave before and the complex


@dataclass(frozen=True, slots=True)
class Agreement:
    """The strap's intervals against those between the ECG's R peaks.

    Attributes
    ----------
    beats : int
        Intervals of the strap within the ECG's time.
    matched : int
        Those with an interval of the ECG that ends at the same beat.
    median_ms, p95_ms : float
        Median and 95th percentile of the absolute difference, over the matched.
    bias_ms : float
        Mean of strap minus ECG.
    lag_s : float
        How much later the strap's beats lie in session time than the ECG's, in the median.
    """

    beats: int
    matched: int
    median_ms: float
    p95_ms: float
    bias_ms: float
    lag_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "beats": self.beats,
            "matched": self.matched,
            "median_ms": self.median_ms,
            "p95_ms": self.p95_ms,
            "bias_ms": self.bias_ms,
            "lag_s": self.lag_s,
        }


@dataclass(frozen=True, slots=True)
class PhaseMotion:
    """What the accelerometer tells of one phase; `moving_pct` of its recorded seconds, `breathing` where it can."""

    name: str
    moving_pct: float
    breathing: Breathing | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        found = self.breathing
        return {
            "name": self.name,
            "moving_pct": self.moving_pct,
            "breathing": {"rate_per_min": found.rate_per_min, "confidence": found.confidence} if found else None,
        }


@dataclass(frozen=True, slots=True)
class EcgAssessment:
    """What a strap streamed besides its heart rate.

    Attributes
    ----------
    rate_hz : float or None
        The ECG's true sampling rate; None where only the accelerometer was recorded.
    rate_fitted : bool
        Whether it could be fitted to the frames' stamps.
    duration_s : float
        Length of the ECG, missing stretches apart.
    stretches, r_peaks, frames_rejected : int
        In how many stretches, with how many R peaks, and how many frames were of no use.
    noisy : tuple of Noisy
        Where noise hides the beats; their share of the ECG's time is `noisy_pct`.
    agreement : Agreement or None
        None where the strap sent no intervals beside it, or too few agree to lay them side by side.
    motion : tuple of PhaseMotion
        By phase, for those in which the accelerometer was recorded.
    """

    rate_hz: float | None
    rate_fitted: bool
    duration_s: float
    stretches: int
    r_peaks: int
    frames_rejected: int
    agreement: Agreement | None
    motion: tuple[PhaseMotion, ...]
    noisy: tuple[Noisy, ...] = ()

    @property
    def noisy_pct(self) -> float:
        """Share of the ECG's time that is too noisy to be read, per cent."""
        noisy_s = sum(each.end_s - each.start_s for each in self.noisy)
        return min(100.0, 100 * noisy_s / self.duration_s) if self.duration_s else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "rate_hz": self.rate_hz,
            "rate_fitted": self.rate_fitted,
            "duration_s": self.duration_s,
            "stretches": self.stretches,
            "r_peaks": self.r_peaks,
            "frames_rejected": self.frames_rejected,
            "noisy_pct": self.noisy_pct,
            "noisy": [each.to_dict() for each in self.noisy],
            "agreement": self.agreement.to_dict() if self.agreement else None,
            "motion": [each.to_dict() for each in self.motion],
        }


def assess(recording: Recording) -> EcgAssessment | None:
    """Assess a recording's ECG and accelerometer.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    EcgAssessment or None
        None where neither was recorded.

    Raises
    ------
    AnalysisError
        As `timeline.build`.
    """
    ecg = trace(recording)
    acceleration = frames.assemble(recording, Stream.ACCELEROMETER)
    if ecg is None and acceleration is None:
        return None
    laid = timeline.build(recording)
    found = beats(ecg) if ecg else None
    return EcgAssessment(
        rate_hz=ecg.rate_hz if ecg else None,
        rate_fitted=bool(ecg and ecg.fitted),
        duration_s=len(ecg.time_s) / ecg.rate_hz if ecg else 0.0,
        stretches=int(ecg.stretch[-1]) + 1 if ecg else 0,
        r_peaks=len(found.peak_s) if found else 0,
        frames_rejected=sum(samples.rejected for samples in (ecg, acceleration) if samples),
        agreement=agree(laid.beats, found.intervals) if found else None,
        motion=tuple(_motion(acceleration, laid.phases)) if acceleration else (),
        noisy=found.noisy if found else (),
    )


def is_recorded(recording: Recording) -> bool:
    """Whether any frame of an ECG is in a recording, without laying it out."""
    return any(
        isinstance(line.entry, PacketReceived)
        and line.entry.characteristic == POLAR_DATA
        and line.entry.data[:1] == bytes([Stream.ECG])
        for line in recording.lines
    )


def trace(recording: Recording) -> Samples | None:
    """Return a recording's ECG in µV, to be looked at; None where it has none."""
    return frames.assemble(recording, Stream.ECG)


@dataclass(frozen=True, slots=True, eq=False)
class EcgBeats:
    """Beats of an ECG in session time; those in noise are left out.

    Attributes
    ----------
    peak_s : ndarray, shape (n_peaks,)
        The R peaks.
    stretch : ndarray of int, shape (n_peaks,)
        In which stretch without missing or noisy samples each lies.
    area : ndarray, shape (n_peaks,)
        Of the QRS complex, µV·s: it grows and shrinks as breathing turns the heart and fills the chest (Moody et al.,
        Computers in Cardiology 12:113-116, 1985).
    level : ndarray, shape (n_peaks,)
        Of the line before the complex, µV: breathing sways it.
    intervals : BeatSeries
        Between neighbours of one stretch.
    noisy : tuple of Noisy
        Where none are told.
    """

    peak_s: FloatArray
    stretch: IntArray
    area: FloatArray
    level: FloatArray
    intervals: BeatSeries
    noisy: tuple[Noisy, ...]


def beats(ecg: Samples) -> EcgBeats:
    """Find the R peaks of an ECG.

    Parameters
    ----------
    ecg : Samples

    Returns
    -------
    EcgBeats
        Intervals by the strap's clock at the true sampling rate, times in session time.
    """
    parts = [_part(ecg.time_s[part], ecg.values[part], ecg.rate_hz) for part in ecg.parts()]
    begins = np.cumsum([0, *(1 + int(part.stretch[-1]) if len(part.stretch) else 0 for part in parts)])
    stretch = np.concatenate([part.stretch + first for part, first in zip(parts, begins, strict=False)])
    peak_s = np.concatenate([part.peak_s for part in parts])
    joined = np.diff(stretch) == 0
    rr_ms = np.concatenate([part.rr_ms for part in parts])
    return EcgBeats(
        peak_s=peak_s,
        stretch=stretch,
        area=np.concatenate([part.area for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        intervals=BeatSeries(peak_s[1:][joined], rr_ms[1:][joined], stretch[1:][joined]),
        noisy=tuple(each for part in parts for each in part.noisy),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Beats of one stretch without missing samples; `rr_ms` is the time since the beat before, NaN for the first."""

    peak_s: FloatArray
    rr_ms: FloatArray
    stretch: IntArray
    area: FloatArray
    level: FloatArray
    noisy: tuple[Noisy, ...]


def _part(time_s: FloatArray, values: FloatArray, rate_hz: float) -> _Part:
    found = neurokit.r_peaks(values, rate_hz)
    edges = ecg_quality.blocks(len(values), rate_hz)
    again = functools.partial(neurokit.r_peaks, rate_hz=rate_hz, detector=_SECOND_DETECTOR)
    faults = ecg_quality.judge(values, rate_hz, found, again)
    of_block = np.clip(np.searchsorted(edges, found, side="right") - 1, 0, len(faults) - 1)
    found = found[(found > 1) & (found < len(values) - 2) & np.array([fault is None for fault in faults])[of_block]]
    peaks = _between_samples(values, found)
    broken = np.cumsum([fault is not None for fault in faults])  # two beats with a noisy block between are no pair
    stretch = broken[np.clip(np.searchsorted(edges, found, side="right") - 1, 0, len(faults) - 1)]
    area, level = _shape(values, np.rint(peaks).astype(np.int64), rate_hz)
    ends_s = np.append(time_s, time_s[-1] + 1 / rate_hz)[edges]
    noisy: list[Noisy] = []
    for fault, start_s, end_s in zip(faults, ends_s[:-1], ends_s[1:], strict=True):
        if fault is not None and noisy and noisy[-1].fault is fault and noisy[-1].end_s == start_s:
            noisy[-1] = Noisy(noisy[-1].start_s, float(end_s), fault)
        elif fault is not None:
            noisy.append(Noisy(float(start_s), float(end_s), fault))
    return _Part(
        peak_s=np.interp(peaks, np.arange(len(values)), time_s),
        rr_ms=np.diff(peaks, prepend=np.nan) * 1000 / rate_hz,
        stretch=stretch.astype(np.int64),
        area=area,
        level=level,
        noisy=tuple(noisy),
    )


def _shape(values: FloatArray, peaks: IntArray, rate_hz: float) -> tuple[FloatArray, FloatArray]:
    """Area of each QRS complex about its own median, and the median of the line before it."""
    half, (begin, end) = round(_HALF_QRS_S * rate_hz), (round(at_s * rate_hz) for at_s in _LINE_S)
    padded = np.pad(values, -begin, mode="edge")  # the line begins further from the peak than the complex does
    complexes = sliding_window_view(padded, 2 * half + 1)[peaks - half - begin]
    lines = sliding_window_view(padded, end - begin + 1)[peaks]
    centred = complexes - np.median(complexes, axis=1, keepdims=True)
    return np.sum(np.abs(centred), axis=1) / rate_hz, np.median(lines, axis=1)


def _between_samples(values: FloatArray, peaks: FloatArray | np.ndarray[Any, Any]) -> FloatArray:
    """Place each peak at the top of the parabola through its highest sample and that one's neighbours."""
    at = np.asarray(peaks, dtype=np.int64)
    at = at - 1 + np.argmax(np.stack([values[at - 1], values[at], values[at + 1]]), axis=0) if len(at) else at
    left, middle, right = values[at - 1], values[at], values[at + 1]
    bend = left - 2 * middle + right
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros(len(at)), where=bend < 0)
    placed: FloatArray = at + np.clip(shift, -0.5, 0.5)
    return placed


def agree(strap: BeatSeries, ecg: BeatSeries) -> Agreement | None:
    """Compare the strap's intervals with the ECG's.

    Parameters
    ----------
    strap, ecg : BeatSeries
        Each by its own session time, which may differ by some seconds.

    Returns
    -------
    Agreement or None
    """
    if not len(strap) or not len(ecg):
        return None
    begins_s, ends_s = ecg.time_s[0] + _LAGS_S[0], ecg.time_s[-1] + _LAGS_S[-1]
    edges_s = np.linspace(begins_s, ends_s, 1 + max(1, round((ends_s - begins_s) / _BLOCK_S)))
    of_block = np.digitize(strap.time_s, edges_s)
    blocks = [strap.take(of_block == number) for number in range(1, len(edges_s))]
    lags_s = [_lag(block, ecg) for block in blocks]
    told_s = [lag_s for lag_s in lags_s if lag_s is not None]
    if not told_s:
        return None
    usual_s = float(np.median(told_s))
    n_beats = 0
    differences: list[FloatArray] = []
    for block, lag_s in zip(blocks, lags_s, strict=True):
        time_s = block.time_s - (usual_s if lag_s is None else lag_s)
        nearest, apart_s = _nearest(time_s, ecg)
        n_beats += int(np.sum(_covered(time_s, ecg)))
        differences.append((block.rr_ms - ecg.rr_ms[nearest])[apart_s < _NEAR_S])
    difference_ms = np.concatenate(differences)
    return Agreement(
        beats=n_beats,
        matched=len(difference_ms),
        median_ms=float(np.median(np.abs(difference_ms))),
        p95_ms=float(np.percentile(np.abs(difference_ms), 95)),
        bias_ms=float(np.mean(difference_ms)),
        lag_s=usual_s,
    )


def _lag(block: BeatSeries, ecg: BeatSeries) -> float | None:
    """Find the lag at which most intervals have an equal one at the same beat; None where too few do."""
    best, score = None, _LEAST_BEATS - 1
    for lag_s in _LAGS_S:
        nearest, apart_s = _nearest(block.time_s - lag_s, ecg)
        same = (apart_s < _NEAR_S) & (np.abs(block.rr_ms - ecg.rr_ms[nearest]) < _SAME_MS)
        if np.sum(same) > score:
            score = int(np.sum(same))
            best = float(np.median((block.time_s - ecg.time_s[nearest])[same]))
    return best


def _nearest(time_s: FloatArray, ecg: BeatSeries) -> tuple[np.ndarray[Any, Any], FloatArray]:
    """Which of the ECG's intervals ends nearest to each time, and how far from it."""
    after = np.clip(np.searchsorted(ecg.time_s, time_s), 0, len(ecg) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(ecg.time_s[before] - time_s) < np.abs(ecg.time_s[after] - time_s), before, after)
    return nearest, np.abs(ecg.time_s[nearest] - time_s)


def _covered(time_s: FloatArray, ecg: BeatSeries) -> BoolArray:
    """Whether each time lies within one of the ECG's stretches."""
    inside = np.zeros(len(time_s), dtype=bool)
    for number in np.unique(ecg.stretch):
        of_it = ecg.time_s[ecg.stretch == number]
        inside |= (time_s >= of_it[0] - _NEAR_S) & (time_s <= of_it[-1] + _NEAR_S)
    return inside


def _motion(acceleration: Samples, phases: tuple[Phase, ...]) -> list[PhaseMotion]:
    swaying = motion.sway(acceleration)
    begins_s = swaying.begins_s
    told = []
    for phase in phases:
        inside = (begins_s >= phase.start_s) & (begins_s < phase.end_s)
        if np.any(inside):
            moving_pct = 100 * float(np.mean(~swaying.still[inside]))
            found = motion.breathing_rate(swaying, phase.start_s, phase.end_s)
            told.append(PhaseMotion(phase.name, moving_pct, found))
    return told
