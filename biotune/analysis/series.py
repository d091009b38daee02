"""Beats and NN intervals as columns, each interval with its time."""

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class BeatSeries:
    """RR intervals as the strap sent them, in order.

    Attributes
    ----------
    time_s : ndarray, shape (n_beats,)
        Session time of the R peak that ends each interval, seconds.
    rr_ms : ndarray, shape (n_beats,)
        The intervals, milliseconds.
    stretch : ndarray of int, shape (n_beats,)
        Number of the gap-free stretch each beat lies in, counted from 0. Two neighbours in
        different stretches are never differenced.
    """

    time_s: FloatArray
    rr_ms: FloatArray
    stretch: IntArray

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.rr_ms)

    def take(self, mask: BoolArray) -> "BeatSeries":
        """Return the beats where `mask` is true."""
        return BeatSeries(self.time_s[mask], self.rr_ms[mask], self.stretch[mask])


@dataclass(frozen=True, slots=True, eq=False)
class NNSeries:
    """What is left of a `BeatSeries` after artefact handling.

    Attributes
    ----------
    time_s, nn_ms : ndarray, shape (n_beats,)
        Original beat times (seconds) and intervals (milliseconds): excluding an interval moves no other.
    stretch : ndarray of int, shape (n_beats,)
        As in `BeatSeries`.
    ordinal : ndarray of int, shape (n_beats,)
        Each interval's position in the `BeatSeries` it came from. Two intervals are adjacent
        where ordinals differ by one and stretches agree.
    """

    time_s: FloatArray
    nn_ms: FloatArray
    stretch: IntArray
    ordinal: IntArray

    @classmethod
    def from_beats(cls, beats: BeatSeries, keep: BoolArray | None = None) -> "NNSeries":
        """Keep the beats where `keep` is true (all by default)."""
        ordinal = np.arange(len(beats)) if keep is None else np.flatnonzero(keep)
        return cls(beats.time_s[ordinal], beats.rr_ms[ordinal], beats.stretch[ordinal], ordinal.astype(np.int64))

    def __len__(self) -> int:
        """Count the intervals."""
        return len(self.nn_ms)

    @property
    def adjacent(self) -> BoolArray:
        """Whether interval k+1 follows interval k directly; shape (n_beats - 1,)."""
        adjacent: BoolArray = (np.diff(self.ordinal) == 1) & (np.diff(self.stretch) == 0)
        return adjacent

    def differences_ms(self) -> FloatArray:
        """Successive differences of adjacent intervals only, milliseconds."""
        return np.diff(self.nn_ms)[self.adjacent]

    def between(self, start_s: float, end_s: float) -> "NNSeries":
        """Return the intervals whose R peak lies in [start_s, end_s)."""
        first, last = np.searchsorted(self.time_s, [start_s, end_s], side="left")
        part = slice(int(first), int(last))
        return NNSeries(self.time_s[part], self.nn_ms[part], self.stretch[part], self.ordinal[part])


@dataclass(frozen=True, slots=True)
class Options:
    """How an analysis is done; what provenance lists as parameters.

    Attributes
    ----------
    convention : str
        A `biotune.domain.Convention` value.
    correct : bool
        Whether flagged beats are excluded.
    detrending : float or None
        λ of the smoothness priors; 0 for none, None for the convention's own.
    welch_window_s : float or None
        Length of the Welch window in seconds; None for the convention's own.
    any_length : bool
        Whether to give metrics below their least length, flagged.
    artefacts : str
        A `biotune.domain.ArtefactHandling` value: what becomes of flagged beats where `correct` is true.
    """

    convention: str = "kubios"
    correct: bool = True
    detrending: float | None = None
    welch_window_s: float | None = None
    any_length: bool = False
    artefacts: str = "exclude"


@dataclass(frozen=True, slots=True, eq=False)
class HeartRateSeries:
    """Heart rate as the strap computed it itself, for straps that send no RR.

    Attributes
    ----------
    time_s : ndarray, shape (n_packets,)
        Arrival, seconds of session time.
    bpm : ndarray, shape (n_packets,)
        Beats per minute; packets with rate 0 or without contact are left out.
    """

    time_s: FloatArray = field(default_factory=lambda: np.empty(0))
    bpm: FloatArray = field(default_factory=lambda: np.empty(0))


def rolling_quantiles(
    values: FloatArray, width: int, shares: tuple[float, ...], at: IntArray | None = None
) -> FloatArray:
    """Quantiles of the `width` values around each one (or those `at`), of fewer at the ends; shape (n_shares, n)."""
    half = width // 2
    position = np.arange(len(values)) if at is None else at
    count = np.minimum(position + half, len(values) - 1) - np.maximum(position - half, 0) + 1
    windows = sliding_window_view(np.pad(values, half, constant_values=np.inf), width)
    quantiles = np.empty((len(shares), len(position)))
    for first in range(0, len(position), 4096):  # a day's beats at once would need 100 MB
        part = slice(first, first + 4096)
        ranked = np.sort(windows[part] if at is None else windows[at[part]], axis=1)
        for row, share in enumerate(shares):
            rank = share * (count[part] - 1)
            below = rank.astype(np.int64)
            low = np.take_along_axis(ranked, below[:, None], axis=1)[:, 0]
            high = np.take_along_axis(ranked, np.minimum(below + 1, count[part] - 1)[:, None], axis=1)[:, 0]
            quantiles[row, part] = low + (high - low) * (rank - below)
    return quantiles
