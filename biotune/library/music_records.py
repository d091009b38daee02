"""The record of each session's music: what the log and the library know, and what people write."""

import os
from collections.abc import Mapping

from biotune.analysis import coupling, music_record, phases
from biotune.analysis.music_record import ITEMS, MusicRecord
from biotune.analysis.played import plays
from biotune.domain import MusicReported
from biotune.errors import SessionNotFound, UsageError
from biotune.library.music import Music
from biotune.sensor.source import SystemClock
from biotune.storage.store import Store

_KINDS = ["music-report"]
_LONGEST = 1000  # characters
_LOOKED_BACK = 30  # sessions
_OF_THE_DAY = frozenset({"rationale", "titles", "performers", "tempo", "loudness", "times", "delivery"})


class MusicRecords:
    """The records of the music of one data folder.

    Parameters
    ----------
    store : Store
        Where the logs are.
    music : Music
        What is known of pieces.
    """

    def __init__(self, store: Store, music: Music) -> None:
        self._store = store
        self._music = music
        self._clock = SystemClock()
        self._writer = f"dashboard:{os.getpid()}"

    def of(self, session_id: str) -> MusicRecord:
        """Return the record of a session's music, with what it still lacks.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        recording = self._store.session(session_id).recording()
        return music_record.of(recording, self._music.known(self._keys(session_id)))

    def explored(self, session_id: str) -> tuple[str, ...]:
        """Return heart and breath beside the music's tempo, in sentences; exploratory.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        AnalysisError
            Where its intervals are impossible.
        """
        recording = self._store.session(session_id).recording()
        known = self._music.known(self._keys(session_id))
        tempi = {key: piece.bpm for key, piece in known.items() if piece.bpm}
        return coupling.words(coupling.of(phases.prepare(recording).nn, plays(recording), tempi))

    def write(self, session_id: str, values: Mapping[str, str]) -> int:
        """Write items of the record into the log, those that say something new; return how many.

        Written after the end, a line has the stamp of the last one: it makes no session longer.

        Raises
        ------
        UsageError
            For an item that is not known, or text without measure.
        SessionNotFound
            Where there is no such session.
        """
        known = {item.key for item in ITEMS}
        told = {key: " ".join(value.split()) for key, value in values.items()}
        if unknown := told.keys() - known:
            raise UsageError(f"{min(unknown)[:60]!r} is no item of the record of the music")
        if any(len(value) > _LONGEST for value in told.values()):
            raise UsageError(f"an item has at most {_LONGEST} characters", hint="Shorten it.")
        before = self._written(session_id)
        new = {key: value for key, value in told.items() if value != before.get(key, "")}
        last = self._store.last_line(session_id)
        if last is None:
            raise SessionNotFound(f"there is no session {session_id}", hint="See the list of sessions.")
        own = last.stamp.boot_id.startswith("virtual-") or not self._store.is_recorded_now(session_id)
        stamp = last.stamp if own else self._clock.now()
        lines = [(stamp, MusicReported(key, value), 0) for key, value in new.items()]
        return self._store.append_many(session_id, self._writer, lines) if lines else 0

    def as_last_time(self, session_id: str) -> Mapping[str, str]:
        """Return what was written for the latest other session, of what stays from day to day."""
        for session in self._store.sessions()[:_LOOKED_BACK]:
            kept = {key: value for key, value in self._written(session.id).items() if value and key not in _OF_THE_DAY}
            if kept and session.id != session_id:
                return kept
        return {}

    def _written(self, session_id: str) -> dict[str, str]:
        lines = self._store.lines(session_id, kinds=_KINDS)
        entries = [line.entry for line in lines if isinstance(line.entry, MusicReported)]
        return {each.item: each.value for each in entries if not each.piece}

    def _keys(self, session_id: str) -> list[str]:
        return list({getattr(line.entry, "piece", "") for line in self._store.lines(session_id, kinds=["music"])})
