"""Beats and ECG at even times, for formats that know nothing else."""

import math
from dataclasses import dataclass

import numpy as np

from biotune.analysis.frames import Samples
from biotune.domain import Recording, StrapEvent, StrapIdentity
from biotune.formats.material import Material

RR_HZ = 4.0
LONGEST_S = 8 * 86_400.0  # of even samples: longer is a mistake in a file's own times


@dataclass(frozen=True, slots=True)
class Even:
    """A signal at even times.

    Attributes
    ----------
    rate_hz, start_s : float
        Samples a second; session time of the first.
    values : tuple of float or None
        None where there is nothing.
    """

    rate_hz: float
    start_s: float
    values: tuple[float | None, ...]


def running_interval(material: Material) -> Even:
    """Return the RR interval that is running at each instant, as the strap sent it; None in gaps."""
    beats = material.prepared.timeline.beats
    if not len(beats):
        return Even(RR_HZ, 0.0, ())
    first_s = float(beats.time_s[0] - beats.rr_ms[0] / 1000)
    start_s = 0.0 if 0 <= first_s < LONGEST_S else float(math.floor(first_s))
    end_s = min(float(beats.time_s[-1]), start_s + LONGEST_S)
    at_s = start_s + np.arange(math.ceil((end_s - start_s) * RR_HZ)) / RR_HZ
    ends = np.minimum(np.searchsorted(beats.time_s, at_s, side="left"), len(beats) - 1)
    begun = at_s >= beats.time_s[ends] - beats.rr_ms[ends] / 1000
    values = beats.rr_ms[ends].tolist()
    return Even(RR_HZ, start_s, tuple(value if there else None for value, there in zip(values, begun, strict=True)))


def even_ecg(samples: Samples) -> Even:
    """Return an ECG at even times at the nearest whole rate, by straight lines within each stretch; None elsewhere."""
    rate_hz = float(round(samples.rate_hz))
    start_s, end_s = float(samples.time_s[0]), float(samples.time_s[-1])
    start_s = math.floor(start_s * rate_hz) / rate_hz
    at_s = start_s + np.arange(math.floor((end_s - start_s) * rate_hz) + 1) / rate_hz
    values = np.full(len(at_s), np.nan)
    for part in samples.parts():
        inside = slice(*np.searchsorted(at_s, [samples.time_s[part][0], samples.time_s[part][-1]]))
        values[inside] = np.interp(at_s[inside], samples.time_s[part], samples.values[part])
    return Even(rate_hz, start_s, tuple(None if np.isnan(value) else value for value in values.tolist()))


def strap(recording: Recording) -> StrapIdentity | None:
    """Return what is known of the strap; None for a file's recording."""
    entries = (line.entry for line in reversed(recording.lines))
    return next((entry.strap for entry in entries if isinstance(entry, StrapEvent) and entry.strap), None)
