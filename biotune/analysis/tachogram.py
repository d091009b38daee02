"""Heart rate through a recording, to be drawn."""

from dataclasses import dataclass

import numpy as np

from biotune.analysis.phases import Prepared
from biotune.analysis.series import BoolArray, FloatArray, IntArray

MOST_DRAWN = 6000  # beats: three to a screen's pixel
_SMOOTHING_S = 20.0  # of the drawn line; a few breaths long, so that breathing does not show in it


@dataclass(frozen=True, slots=True, eq=False)
class Tachogram:
    """Heart rate through a recording, to be drawn.

    Attributes
    ----------
    time_s, bpm : ndarray, shape (n_beats,)
        Session time of each beat and 60000 / RR; straps that send no RR give their own rate per packet.
    stretch : ndarray of int, shape (n_beats,)
        Gap-free stretch of each beat: no line is drawn from one to the next.
    flagged : ndarray of bool, shape (n_beats,)
        Beats classified as artefacts.
    smooth_time_s, smooth_bpm : ndarray, shape (n_points,)
        Twenty-second mean of the beats not flagged, one point a second, NaN in gaps.
    """

    time_s: FloatArray
    bpm: FloatArray
    stretch: IntArray
    flagged: BoolArray
    smooth_time_s: FloatArray
    smooth_bpm: FloatArray

    def thinned(self, most: int = MOST_DRAWN) -> "Tachogram":
        """Return what a screen can tell apart: of a day's beats the slowest and the fastest of each short stretch.

        Parameters
        ----------
        most : int
            Beats, and points of the smoothed line. Flagged beats and the line's holes are kept beside them.
        """
        if len(self.time_s) <= most and len(self.smooth_time_s) <= most:
            return self
        good = np.flatnonzero(~self.flagged)
        kept = [np.flatnonzero(self.flagged)]
        parts = [part for part in np.array_split(good, max(1, most // 2)) if len(part)]
        kept += [part[[int(np.argmin(self.bpm[part])), int(np.argmax(self.bpm[part]))]] for part in parts]
        beats = np.unique(np.concatenate(kept))
        every = max(1, -(-len(self.smooth_time_s) // most))
        holes = np.flatnonzero(np.isnan(self.smooth_bpm))
        points = np.unique(np.append(np.arange(0, len(self.smooth_time_s), every), holes))
        return Tachogram(
            self.time_s[beats],
            self.bpm[beats],
            self.stretch[beats],
            self.flagged[beats],
            self.smooth_time_s[points],
            self.smooth_bpm[points],
        )


def draw(prepared: Prepared) -> Tachogram:
    """Lay out heart rate, artefacts and a smoothed line."""
    timeline = prepared.timeline
    if not timeline.has_rr:
        rate = timeline.heart_rate
        time_s, bpm = rate.time_s, rate.bpm
        stretch = np.searchsorted(np.array([gap.end_s for gap in timeline.gaps]), time_s, side="right")
        flagged = np.zeros(len(time_s), dtype=bool)
    else:
        beats = timeline.beats
        time_s, bpm, stretch = beats.time_s, 60_000 / beats.rr_ms, beats.stretch
        flagged = prepared.classified.flagged
    smooth_time_s, smooth_bpm = _smooth(time_s[~flagged], bpm[~flagged], stretch[~flagged])
    return Tachogram(time_s, bpm, stretch.astype(np.int64), flagged, smooth_time_s, smooth_bpm)


def _smooth(time_s: FloatArray, bpm: FloatArray, stretch: IntArray) -> tuple[FloatArray, FloatArray]:
    """Twenty-second moving mean within each stretch, one point a second; NaN between stretches."""
    times: list[FloatArray] = []
    values: list[FloatArray] = []
    for number in np.unique(stretch):
        inside = stretch == number
        at, rate = time_s[inside], bpm[inside]
        grid = np.arange(np.ceil(at[0]), at[-1] + 1e-9)
        total = np.concatenate([[0.0], np.cumsum(rate)])
        first = np.searchsorted(at, grid - _SMOOTHING_S / 2, side="left")
        last = np.searchsorted(at, grid + _SMOOTHING_S / 2, side="right")
        times.append(np.append(grid, at[-1]))
        values.append(np.append((total[last] - total[first]) / np.maximum(last - first, 1), np.nan))
    if not times:
        return np.empty(0), np.empty(0)
    return np.concatenate(times), np.concatenate(values)
