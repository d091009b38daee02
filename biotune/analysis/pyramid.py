"""A long recorded signal, to be looked at anywhere and at any width without being moved as a whole.

The samples are kept as 16-bit whole µV, with a time every 256 samples. Above them stands a pyramid: the lowest and the
highest sample of every 16, of every 64, and so on. A view takes the samples themselves where they are few enough, and
else the level that has about as many points as a screen; no peak is lost, since each bin keeps its extremes.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biotune.analysis.frames import Samples
from biotune.analysis.series import FloatArray, IntArray

Int16Array = NDArray[np.int16]

FIRST_FACTOR = 16
FACTOR = 4  # from one level to the next
ANCHOR = 256  # samples from one kept time to the next: two seconds, in which no clock drifts by a sample
MOST_POINTS = 1600  # of a view: about as many as a screen is wide
JOINED_S = 0.1  # two parts of one signal that were read one after the other
_LIMIT = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A part of the signal, as it is drawn.

    Attributes
    ----------
    time_s, values : ndarray, shape (n_points,)
        Session time and µV; NaN where the line breaks.
    whole : bool
        Whether every sample is there, and not the extremes of bins alone.
    """

    time_s: FloatArray
    values: FloatArray
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """A signal and its extremes.

    Attributes
    ----------
    values : ndarray of int16, shape (n_samples,)
        µV.
    anchors : ndarray of int, anchor_s : ndarray of float, shape (n_anchors,)
        Numbers of samples, and their session times; between them time runs evenly.
    begins : ndarray of int, shape (n_stretches,)
        Number of each stretch's first sample.
    levels : tuple of (int, ndarray, ndarray)
        Samples a bin, and the lowest and highest of each.
    rate_hz : float
        Sampling rate, of the first part.
    """

    values: Int16Array
    anchors: IntArray
    anchor_s: FloatArray
    begins: IntArray
    levels: tuple[tuple[int, Int16Array, Int16Array], ...]
    rate_hz: float

    @property
    def begins_s(self) -> float:
        """Session time of the first sample."""
        return float(self.anchor_s[0])

    @property
    def ends_s(self) -> float:
        """Session time of the last sample."""
        return float(self.anchor_s[-1])

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        kept = self.values.nbytes + self.anchors.nbytes + self.anchor_s.nbytes + self.begins.nbytes
        return kept + sum(low.nbytes + high.nbytes for _, low, high in self.levels)

    def times_s(self, numbers: IntArray) -> FloatArray:
        """Session times of samples by their numbers."""
        times: FloatArray = np.interp(numbers, self.anchors, self.anchor_s)
        return times

    def number_at(self, time_s: float) -> int:
        """Return the number of the first sample at or after an instant."""
        k = int(np.searchsorted(self.anchor_s, time_s, side="left"))
        if k == 0 or k == len(self.anchors):
            return 0 if k == 0 else len(self.values)
        between = np.arange(self.anchors[k - 1], self.anchors[k] + 1)
        return int(between[np.searchsorted(self.times_s(between), time_s, side="left")])

    def view(self, start_s: float, end_s: float, *, most: int = MOST_POINTS) -> View:
        """Return what lies between two instants, in about `most` points at the most.

        Parameters
        ----------
        start_s, end_s : float
            Session time.
        most : int
            Points; each bin is two.
        """
        first, end = self.number_at(start_s), self.number_at(end_s)
        if end - first <= most:
            numbers = np.arange(first, end)
            return self._broken(numbers, self.values[first:end].astype(np.float64), 1, whole=True)
        factor, low, high = next(
            (level for level in self.levels if (end - first) / level[0] * 2 <= most), self.levels[-1]
        )
        a, b = first // factor, -(-end // factor)
        extremes = np.empty(2 * (min(b, len(low)) - a))
        extremes[::2], extremes[1::2] = low[a:b], high[a:b]
        numbers = np.repeat(np.arange(a, a + len(extremes) // 2) * factor + factor // 2, 2)
        return self._broken(np.minimum(numbers, len(self.values) - 1), extremes, factor, whole=False)

    def samples(self, start_s: float, end_s: float) -> Samples | None:
        """Return the samples between two instants as they are; None where there are none."""
        first, end = self.number_at(start_s), self.number_at(end_s)
        if end - first < 2:  # noqa: PLR2004 - one alone has no time between samples
            return None
        numbers = np.arange(first, end)
        stretch = np.searchsorted(self.begins, numbers, side="right") - 1
        values = self.values[first:end].astype(np.float64)
        return Samples(self.times_s(numbers), values, stretch - stretch[0], self.rate_hz, fitted=True, rejected=0)

    def _broken(self, numbers: IntArray, values: FloatArray, factor: int, *, whole: bool) -> View:
        """Put a NaN where a stretch begins."""
        time_s = self.times_s(numbers)
        if len(numbers):
            inside = self.begins[(self.begins > numbers[0]) & (self.begins <= numbers[-1])]
            at = np.unique(np.searchsorted(numbers, inside - factor // 2, side="left"))
            time_s, values = np.insert(time_s, at, np.nan), np.insert(values, at, np.nan)
        return View(time_s, values, whole)


def build(parts: Iterable[Samples]) -> Pyramid | None:
    """Build the pyramid from parts of one signal, in order; None where there is none.

    Parameters
    ----------
    parts : iterable of Samples
        Each is let go of before the next is asked for.

    Notes
    -----
    Where one part begins within a tenth of a second of the end of the last, the stretch goes on. Values beyond 16 bits
    (32.8 mV; a heart gives a few) are cut off.
    """
    values: list[Int16Array] = []
    anchors: list[IntArray] = []
    anchor_s: list[FloatArray] = []
    begins: list[int] = []
    n, last_s, rate_hz = 0, -np.inf, 0.0
    for part in parts:
        rate_hz = rate_hz or part.rate_hz
        for inside in part.parts():
            time_s = part.time_s[inside]
            if time_s[0] - last_s > JOINED_S:
                begins.append(n)
            size = len(time_s)
            kept = np.unique(np.append(np.arange(0, size, ANCHOR), size - 1))
            values.append(np.clip(np.round(part.values[inside]), _LIMIT.min, _LIMIT.max).astype(np.int16))
            anchors.append(kept + n)
            anchor_s.append(np.maximum(time_s[kept], last_s + 1e-6))  # parts may overlap by a few milliseconds
            n, last_s = n + size, float(anchor_s[-1][-1])
    if not n:
        return None
    whole = np.concatenate(values)
    return Pyramid(
        values=whole,
        anchors=np.concatenate(anchors).astype(np.int64),
        anchor_s=np.maximum.accumulate(np.concatenate(anchor_s)),
        begins=np.array(begins, dtype=np.int64),
        levels=tuple(_levels(whole)),
        rate_hz=rate_hz,
    )


def _levels(values: Int16Array) -> Iterable[tuple[int, Int16Array, Int16Array]]:
    low, high, factor = values, values, 1
    for times in itertools.chain([FIRST_FACTOR], itertools.repeat(FACTOR)):
        starts = np.arange(0, len(low), times)
        low, high = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
        factor *= times
        yield factor, low, high
        if len(low) <= FACTOR:
            return
