"""A recording whose strap sent no intervals, laid out by the beats of its ECG.

Where a strap sends intervals they stay the source: they are what every other session of a client was measured by. Only
where there are none at all do the ECG's R peaks stand in, as `ecg` found them: none in noise, none across missing
samples.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from biotune.analysis.ecg import EcgBeats
from biotune.analysis.timeline import Timeline
from biotune.domain import Gap, GapReason, Phase, PhaseKind


def can_stand_in(laid: Timeline, found: EcgBeats | None) -> bool:
    """Whether a recording has no intervals of its own, but an ECG with some."""
    return not laid.has_rr and found is not None and len(found.intervals) > 0


def lay(laid: Timeline, found: EcgBeats) -> Timeline:
    """Put an ECG's beats where the strap sent none.

    Parameters
    ----------
    laid : Timeline
        Without intervals.
    found : EcgBeats
        With some.

    Returns
    -------
    Timeline
        With a gap between each two stretches of the ECG. Where no phase was marked, the whole recording is what beats
        and noise span.
    """
    beats = found.intervals
    first = np.flatnonzero(np.diff(beats.stretch)) + 1
    begins_s, ends_s = float(beats.time_s[0] - beats.rr_ms[0] / 1000), math.nextafter(beats.time_s[-1], math.inf)
    start_s = min([begins_s, *(each.start_s for each in found.noisy)])
    end_s = max([ends_s, *(each.end_s for each in found.noisy)])
    left_s = [start_s, *beats.time_s[first - 1].tolist(), ends_s]
    right_s = [begins_s, *(beats.time_s[first] - beats.rr_ms[first] / 1000).tolist(), end_s]
    gaps = tuple(
        Gap(left, right, GapReason.ARTEFACTS if noisy else GapReason.UNKNOWN)
        for left, right, noisy in zip(left_s, right_s, _noisy(found, left_s, right_s), strict=True)
        if left < right
    )
    marked = [phase for phase in laid.phases if phase.kind is not PhaseKind.WHOLE]
    return replace(
        laid,
        beats=beats,
        gaps=gaps,
        phases=tuple(marked) or (Phase("whole", PhaseKind.WHOLE, None, start_s, end_s),),
        duration_s=max(laid.duration_s, end_s),
        has_rr=True,
    )


def _noisy(found: EcgBeats, start_s: Sequence[float], end_s: Sequence[float]) -> list[bool]:
    """Whether noise lies in each of the spans."""
    return [
        any(each.start_s < end and each.end_s > start for each in found.noisy)
        for start, end in zip(start_s, end_s, strict=True)
    ]
