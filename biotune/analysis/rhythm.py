"""Whether heart rate variability means anything here at all.

In a sinus rhythm the interval swings: breathing may change it by a tenth or more from beat to beat, but mostly onward,
in the direction of the change before. In atrial fibrillation, and around every ectopic beat, it jumps: a large
change is at once taken back by another. In the plot of each change against the one before (the Lorenz plot of
Sarkar, Ritscher & Mehra, IEEE Trans Biomed Eng 55:1219-1224, 2008) those beats lie far out in the two quadrants of
opposite sign. Their share is what is judged here.

Measured: above the limit lie 96 % of 1807 windows of 256 beats annotated as atrial fibrillation (MIT-BIH Atrial
Fibrillation Database), a rhythm with 15 % ectopic beats always, one with 5 % seldom; below it lie all resting
recordings of healthy people at hand, the highest at 0.06. This is no diagnosis: it says when to withhold HRV.

A rhythm may also be too even to be called a heart's own. A pacemaker at a fixed rate varies by no more than a strap's R
peaks do by themselves: off by 1 ms each, they leave a standard deviation of 1.4 ms and an RMSSD of 2.4 ms. Below 3 ms
of both the rhythm is unknown. Its numbers are given all the same: they are as small as they say.
"""

import numpy as np

from biotune.analysis import artefacts
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray
from biotune.domain import Rhythm

LEAST_BEATS = 60
WINDOW_BEATS = 256
IRREGULAR_SHARE = 0.15  # of the beats
IRREGULAR_WINDOWS = 0.25  # of a long recording: a paroxysm in it makes the whole of its HRV meaningless
EVEN_MS = 3.0
_JUMP = 0.2  # of the median interval
_TAKEN_BACK = 0.5  # of the jump


def assess(beats: BeatSeries, flagged: BoolArray) -> Rhythm:
    """Tell a regular rhythm from an irregular one.

    Parameters
    ----------
    beats : BeatSeries
        Of one phase, artefacts included: what a classifier flags in an irregular rhythm is the rhythm itself.
    flagged : ndarray of bool, shape (n_beats,)
        Which of them are flagged.

    Returns
    -------
    Rhythm
        Unknown where fewer than `LEAST_BEATS` beats can be judged, where more are flagged than not without the rhythm
        being irregular, and where it is too even.
    """
    rr_ms = beats.rr_ms
    if len(rr_ms) < LEAST_BEATS:
        return Rhythm.UNKNOWN
    possible = artefacts.possible(beats)
    joined = possible[1:] & possible[:-1] & (np.diff(beats.stretch) == 0)
    change_ms = np.diff(rr_ms)
    judged = joined[1:] & joined[:-1]
    if np.count_nonzero(judged) < LEAST_BEATS - 2:
        return Rhythm.UNKNOWN
    opposite = change_ms[1:] * change_ms[:-1] < 0
    sizes_ms = np.abs([change_ms[1:], change_ms[:-1]])
    jump_ms = _JUMP * float(np.median(rr_ms[possible]))
    jumps = (opposite & (sizes_ms.max(axis=0) > jump_ms) & (sizes_ms.min(axis=0) > _TAKEN_BACK * jump_ms))[judged]
    windows = np.array_split(jumps, max(1, len(jumps) // WINDOW_BEATS))
    irregular = [float(np.mean(window)) > IRREGULAR_SHARE for window in windows]
    if np.mean(irregular) > IRREGULAR_WINDOWS:
        return Rhythm.IRREGULAR
    if np.mean(flagged) > 0.5 or _is_even(rr_ms[~flagged]):  # noqa: PLR2004 - "more flagged than not"
        return Rhythm.UNKNOWN
    return Rhythm.REGULAR


def _is_even(rr_ms: FloatArray) -> bool:
    return float(np.std(rr_ms)) < EVEN_MS and float(np.sqrt(np.mean(np.diff(rr_ms) ** 2))) < EVEN_MS
