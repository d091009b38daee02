"""Recorded ECGs, to be scrolled through: read once in small parts, kept as pyramids."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from biotune.analysis import ecg, frames, pyramid
from biotune.analysis.ecg import EcgAssessment
from biotune.analysis.frames import Samples
from biotune.analysis.pyramid import Pyramid, View
from biotune.analysis.series import FloatArray
from biotune.domain import LogLine, session_times
from biotune.storage.store import SessionReference, Store
from biotune.wire.polar import Stream

_REMEMBERED = 2  # of 24 hours each: 30 MB
_PART_S = 600.0  # read at once
_PEAKS_UP_TO_S = 90.0  # wider, marks run into one another
_AROUND_S = 4.0  # for the detector to settle
_ASSESSED_UP_TO_S = 2 * 3600.0  # longer, it would take minutes and a gigabyte


@dataclass(frozen=True, slots=True, eq=False)
class EcgStrip:
    """A part of a recorded ECG.

    Attributes
    ----------
    begins_s, ends_s : float
        Session time of the ECG's first and last sample.
    view : View
        What is drawn, µV.
    peak_s : ndarray, shape (n_peaks,)
        R peaks in it, where it is narrow enough to mark them.
    """

    begins_s: float
    ends_s: float
    view: View
    peak_s: FloatArray


class EcgStrips:
    """The ECGs of one data folder.

    Parameters
    ----------
    store : Store
        Where their logs are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._built: OrderedDict[tuple[str, int], Pyramid | None] = OrderedDict()
        self._lock = threading.Lock()

    def strip(self, session_id: str, start_s: float, span_s: float) -> EcgStrip | None:
        """Return what lies within a span, and as much on either side of it; None where there is no ECG.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        built = self._pyramid(session_id)
        if built is None:
            return None
        first_s, last_s = start_s - span_s, start_s + 2 * span_s
        view = built.view(first_s, last_s, most=3 * pyramid.MOST_POINTS)
        peaks = _peaks(built, first_s, last_s) if span_s <= _PEAKS_UP_TO_S else np.empty(0)
        return EcgStrip(built.begins_s, built.ends_s, view, peaks)

    def whole(self, session_id: str) -> View | None:
        """Return the whole ECG, as wide as a screen; None where there is none."""
        built = self._pyramid(session_id)
        return None if built is None else built.view(built.begins_s, built.ends_s)

    def assessment(self, session_id: str) -> EcgAssessment | None:
        """Return what is told of the whole ECG; None where there is none, or it is too long to be judged at once."""
        built = self._pyramid(session_id)
        if built is None or built.ends_s - built.begins_s > _ASSESSED_UP_TO_S:
            return None
        session, number = self._named(session_id)
        return ecg.assess(self._store.session(session).recording(number))

    def forget(self) -> None:
        """Let go of everything, since something was erased."""
        with self._lock:
            self._built.clear()

    def _pyramid(self, session_id: str) -> Pyramid | None:
        session, number = self._named(session_id)
        last = self._store.last_line(session)
        key = (f"{session}/{number}", last.seq if last else 0)
        with self._lock:  # whoever asks while it is built waits for it
            if key not in self._built:
                self._built[key] = pyramid.build(_parts(self._store.every_line(session), number))
            self._built.move_to_end(key)
            while len(self._built) > _REMEMBERED:
                self._built.popitem(last=False)
            return self._built[key]

    def _named(self, session_id: str) -> tuple[str, int]:
        reference = SessionReference.parse(session_id)
        session = self._store.head(session_id.partition("/")[0]).id
        return session, reference.recording if reference else 1


def _parts(lines: Iterable[LogLine], number: int) -> Iterator[Samples]:
    """Lay the ECG out ten minutes at a time."""
    timed = ((time_s, line) for time_s, line in session_times(lines) if line.recording in {0, number})
    for _, part in itertools.groupby(timed, key=lambda each: int(each[0] / _PART_S)):
        laid = frames.lay_out(part, Stream.ECG)
        if laid is not None:
            yield laid


def _peaks(built: Pyramid, start_s: float, end_s: float) -> FloatArray:
    samples = built.samples(start_s - _AROUND_S, end_s + _AROUND_S)
    if samples is None:
        return np.empty(0)
    found = ecg.beats(samples).peak_s
    peaks: FloatArray = found[(found >= start_s) & (found < end_s)]
    return peaks
