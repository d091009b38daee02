"""The same metrics along a recording, in windows that slide.

A trace shows how a sitting went; it does not replace the metrics of a phase. Most metrics need longer than a
window of a minute to mean what they mean over a phase, so `Sliding.below_least_length` names those.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from biotune.analysis import nonlinear, phases, respiration, spectrum
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.phases import Prepared
from biotune.analysis.series import BoolArray, FloatArray, IntArray, NNSeries
from biotune.analysis.spectrum import Spectrum
from biotune.domain import Recording
from biotune.errors import AnalysisError, UsageError

KEYS = ("mean_hr", "rmssd", "sdnn", "lf", "hf", "breathing_rate", "rhythm_regularity", "sample_entropy")
LEAST_COVERED = 0.85  # of a window by beats: as much as a phase must have
_LF_HZ, _HF_HZ = (0.04, 0.15), (0.15, 0.4)
_BELIEVED = 0.5  # confidence from which a breathing rate is drawn
_LEAST_DEGREES = 2  # intervals for a standard deviation
_MAPPED_HZ = 0.5  # half the rate of a heart at 60
_LONGEST_S = 86_400.0
_MOST_WINDOWS = 1_000_000
_BATCH = 1024  # windows at once: some 10 MB


@dataclass(frozen=True, slots=True, eq=False)
class Sliding(Mapping[str, FloatArray]):
    """Metrics by key, one value a window.

    Attributes
    ----------
    time_s : ndarray, shape (n_windows,)
        Session time of each window's middle, seconds.
    arrays : mapping of str to ndarray, shape (n_windows,)
        By metric key, in the catalogue's units. NaN where the window has no such value: beats cover less than 85 % of
        it; a spectrum, breathing's too, is not within one gap-free stretch, or entropy reaches across a gap; or nothing
        stands out.
    frequency_hz : ndarray, shape (n_frequencies,)
        Up to 0.5 Hz, a little beyond HF.
    hf_map : ndarray, shape (n_windows, n_frequencies)
        Power density over time and frequency, ms²/Hz: `lf` and `hf` are its integrals. NaN as those.
    window_s, step_s : float
        Length of a window and the step between two, seconds.
    """

    time_s: FloatArray
    arrays: Mapping[str, FloatArray]
    frequency_hz: FloatArray
    hf_map: FloatArray
    window_s: float
    step_s: float

    @property
    def below_least_length(self) -> frozenset[str]:
        """Keys whose least length is longer than the window: a trace of them is for looking only."""
        return frozenset(key for key in self.arrays if CATALOGUE[key].least.seconds > self.window_s)

    def __getitem__(self, key: str) -> FloatArray:
        """Return a metric's values, or the windows' times for ``"time_s"``."""
        return self.time_s if key == "time_s" else self.arrays[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over ``time_s`` and the metric keys."""
        return iter(("time_s", *self.arrays))

    def __len__(self) -> int:
        """Count the keys."""
        return len(self.arrays) + 1


def sliding(
    recording: Recording, *, window_s: float = 60.0, step_s: float = 5.0, prepared: Prepared | None = None
) -> Sliding:
    """Measure a recording in windows that slide, on the NN series as it is (convention `task-force`).

    Parameters
    ----------
    recording : Recording
        Packets or imported intervals.
    window_s, step_s : float
        Length of a window, at least 10 s, and the step from one to the next, seconds.
    prepared : Prepared, optional
        The recording as `phases.prepare` made it.

    Returns
    -------
    Sliding
        Empty arrays where the recording is shorter than a window.

    Raises
    ------
    UsageError
        Where a length is impossible.
    AnalysisError
        Where the recording has no RR intervals.
    """
    if not (np.isfinite(window_s) and window_s >= CATALOGUE["mean_hr"].least.seconds):
        raise UsageError(f"a window of {window_s:g} s is too short", hint="Give at least 10 s.")
    if window_s > _LONGEST_S:
        raise UsageError(f"a window of {window_s:g} s is too long", hint="Give at most a day: 86400 s.")
    if not (np.isfinite(step_s) and step_s > 0):
        raise UsageError(f"a step of {step_s:g} s is impossible", hint="Give more than 0 s.")
    prepared = prepared or phases.prepare(recording)
    nn = prepared.nn
    if not len(nn):
        raise AnalysisError(f"there are no RR intervals in {recording.source}", hint="A trace needs them.")
    beats = prepared.timeline.beats
    begins_s = float(beats.time_s[0] - beats.rr_ms[0] / 1000)
    count = int((float(beats.time_s[-1]) - begins_s - window_s) / step_s + 1e-9) + 1
    if count > _MOST_WINDOWS:
        raise UsageError(
            f"a step of {step_s:g} s is too small",
            why=f"From the first beat to the last there would be {count:,} windows.",
            hint="Give a larger one.",
        )
    start_s: FloatArray = begins_s + step_s * np.arange(max(count, 0), dtype=np.float64)
    arrays = _time_domain(nn, start_s, window_s)
    covered = np.isfinite(arrays["mean_hr"])
    power, frequency_hz, density = _spectral(nn, start_s, window_s)
    rate, confidence = respiration.sliding(nn, prepared.chest, start_s, window_s)
    arrays |= power | {
        "breathing_rate": np.where(covered & (confidence >= _BELIEVED), rate, np.nan),
        "sample_entropy": _entropy(nn, start_s, window_s, covered),
    }
    return Sliding(
        time_s=start_s + window_s / 2,
        arrays={key: arrays[key] for key in KEYS},
        frequency_hz=frequency_hz,
        hf_map=density,
        window_s=window_s,
        step_s=step_s,
    )


def _bounds(nn: NNSeries, start_s: FloatArray, window_s: float) -> tuple[IntArray, IntArray]:
    """First beat of each window, and the one after its last."""
    first = np.searchsorted(nn.time_s, start_s, side="left")
    return first, np.searchsorted(nn.time_s, start_s + window_s, side="left")


def _sums(values: FloatArray, first: IntArray, end: IntArray) -> FloatArray:
    """Sum of values[first:end] for each window, added up window by window: no digit is lost to a running sum."""
    edges = np.column_stack([first, np.maximum(end, first)]).ravel()
    summed = np.add.reduceat(np.append(values, 0.0), edges)[::2] if len(edges) else np.empty(0)
    return np.where(end > first, summed, 0.0)


def _time_domain(nn: NNSeries, start_s: FloatArray, window_s: float) -> dict[str, FloatArray]:
    first, end = _bounds(nn, start_s, window_s)
    n = end - first
    covered = _sums(nn.nn_ms, first, end) >= LEAST_COVERED * window_s * 1000
    squared = np.where(nn.adjacent, np.diff(nn.nn_ms) ** 2, 0.0)
    pairs = _sums(nn.adjacent.astype(np.float64), first, np.maximum(end - 1, first))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_ms = _sums(nn.nn_ms, first, end) / n
        around_ms = nn.nn_ms - nn.nn_ms.mean()
        spread = _sums(around_ms**2, first, end) - n * (mean_ms - nn.nn_ms.mean()) ** 2
        rmssd = np.sqrt(_sums(squared, first, np.maximum(end - 1, first)) / pairs)
        sdnn = np.sqrt(np.maximum(spread, 0.0) / (n - 1))
    return {
        "mean_hr": np.where(covered, 60_000 / mean_ms, np.nan),
        "rmssd": np.where(covered & (pairs > 0), rmssd, np.nan),
        "sdnn": np.where(covered & (n >= _LEAST_DEGREES), sdnn, np.nan),
    }


def _spectral(
    nn: NNSeries, start_s: FloatArray, window_s: float
) -> tuple[dict[str, FloatArray], FloatArray, FloatArray]:
    """LF, HF and regularity of every window that lies within one gap-free stretch, and the map they come from."""
    found: dict[str, FloatArray] = {key: np.full(len(start_s), np.nan) for key in ("lf", "hf", "rhythm_regularity")}
    size = round(window_s * spectrum.RATE_HZ)
    mapped = int(_MAPPED_HZ * size / spectrum.RATE_HZ + 1e-9) + 1
    frequency_hz = np.arange(mapped, dtype=np.float64) * (spectrum.RATE_HZ / size)
    density: FloatArray = np.full((len(start_s), len(frequency_hz)), np.nan)
    for number in np.unique(nn.stretch):
        inside = nn.stretch == number
        sampled = spectrum.resample(nn.time_s[inside], nn.nn_ms[inside])
        if sampled is None:
            continue
        grid_s, grid_ms = sampled
        # a window may begin up to one interval before the stretch's first beat
        at = np.ceil((start_s - grid_s[0]) * spectrum.RATE_HZ - 1e-9).astype(np.int64)
        slack = round(spectrum.RATE_HZ * float(nn.nn_ms[inside][0]) / 1000) + 1
        wanted = np.flatnonzero((at >= -slack) & (at + size <= len(grid_ms) + slack))
        if len(grid_ms) < size or not len(wanted):
            continue
        views = sliding_window_view(grid_ms, size)
        for k in range(0, len(wanted), _BATCH):
            batch = wanted[k : k + _BATCH]
            pieces = views[np.clip(at[batch], 0, len(grid_ms) - size)]
            single = spectrum.densities(pieces - pieces.mean(axis=1, keepdims=True))
            found["lf"][batch] = single.power(*_LF_HZ)
            found["hf"][batch] = single.power(*_HF_HZ)
            found["rhythm_regularity"][batch] = _regularity(single)
            density[batch] = single.density[:, : len(frequency_hz)]
    return found, frequency_hz, density


def _regularity(single: Spectrum) -> FloatArray:
    ratios = spectrum.peak_ratios(single)
    return np.full(len(single.density), np.nan) if ratios is None else ratios


def _entropy(nn: NNSeries, start_s: FloatArray, window_s: float, covered: BoolArray) -> FloatArray:
    """Sample entropy of every window that reaches across no gap."""
    found = np.full(len(start_s), np.nan)
    first, end = _bounds(nn, start_s, window_s)
    wanted = np.flatnonzero(covered & (end - first >= _LEAST_DEGREES))
    wanted = wanted[nn.stretch[first[wanted]] == nn.stretch[end[wanted] - 1]]
    found[wanted] = nonlinear.sample_entropies(nn.nn_ms, nn.adjacent, first[wanted], end[wanted])
    return found
