"""The music of a sitting while it happens: the player's events and the starts and stops of live music, as log lines."""

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from biotune.analysis.music_record import known_lines
from biotune.domain import Entry, MusicAct, MusicEvent, MusicReported, Stamp
from biotune.domain.music import LIVE, LONGEST_TITLE, Piece
from biotune.errors import StorageError, UsageError
from biotune.library.music import Music
from biotune.live import Live, Standing
from biotune.sensor.source import SystemClock
from biotune.storage.store import Store

_KINDS = ["music"]
_REPORTS = ["music-report"]
_NUMBERS = ("position_s", "rate", "volume", "browser_ms", "delay_ms")
_MOST = 1e12  # a number beyond is none


class Playing:
    """Writes what the player and the people who play tell into a session's log.

    Parameters
    ----------
    store : Store
        Where the logs are.
    live : Live
        Who knows how a session stands.
    music : Music
        What is known of pieces; it goes into the log when a piece first sounds.
    """

    def __init__(self, store: Store, live: Live, music: Music) -> None:
        self._store = store
        self._live = live
        self._music = music
        self._clock = SystemClock()
        self._writer = f"dashboard:{os.getpid()}"
        self._lock = threading.Lock()
        self._logged: dict[str, set[tuple[str, int]]] = {}
        self._described: dict[str, set[str]] = {}

    def log(self, session_id: str, events: Sequence[MusicEvent]) -> Standing | None:
        """Write events that are not in the log yet; return how the session stands.

        Nothing is written unless it is recorded just now: events of an interrupted session are to be sent again, and
        those of a finished one (None) came too late. An event is known by its page and number, so that one sent twice
        is written once.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        StorageError
            Where it cannot be written.
        """
        head = self._store.head(session_id)
        if head.finished:
            return None
        if not self._store.is_recorded_now(head.id):
            return self._live.standing(head.id)
        with self._lock:
            logged = self._known(head.id)
            fresh = {(each.tab, each.number): each for each in events if (each.tab, each.number) not in logged}
            if fresh:
                last = self._store.last_line(head.id)
                # a simulated sitting that runs fast has stamps of its own
                virtual = last is not None and last.stamp.boot_id.startswith("virtual-")
                stamp = last.stamp if last and virtual else self._clock.now()
                self._write(head.id, stamp, list(fresh.values()))
                logged.update(fresh)
        return Standing.RECORDED

    def start(self, session_id: str, piece: Piece) -> None:
        """Write that people begin to make this music now; nothing where they do already.

        Raises
        ------
        StorageError
            Where nobody records the session.
        """
        self._by_hand(session_id, piece, MusicAct.PLAY)

    def stop(self, session_id: str, piece: Piece) -> None:
        """Write that people stop making this music now; nothing where they do not make it."""
        self._by_hand(session_id, piece, MusicAct.PAUSE)

    def sounding(self, session_id: str) -> frozenset[str]:
        """Return the keys of the live music that sounds at the moment, as the log tells."""
        lines = self._store.lines(session_id, kinds=_KINDS)
        last = {line.entry.piece: line.entry.act for line in lines if isinstance(line.entry, MusicEvent)}
        return frozenset(key for key, act in last.items() if key.startswith(LIVE) and act is MusicAct.PLAY)

    def _by_hand(self, session_id: str, piece: Piece, act: MusicAct) -> None:
        if not piece.live:
            raise UsageError(f"{piece.title} is a file", hint="Play it with the player.")
        if not self._store.is_recorded_now(session_id):
            raise StorageError(f"{session_id} is not being recorded", why="Its recorder has ended.")
        with self._lock:  # two windows may say so at once
            self._write_by_hand(session_id, piece, act)

    def _write_by_hand(self, session_id: str, piece: Piece, act: MusicAct) -> None:
        if (piece.key in self.sounding(session_id)) is (act is MusicAct.PLAY):
            return
        last = self._store.last_line(session_id)
        virtual = last is not None and last.stamp.boot_id.startswith("virtual-")
        stamp = last.stamp if last and virtual else self._clock.now()
        title = f"{piece.title} ({piece.performer})" if piece.performer else piece.title
        self._write(session_id, stamp, [MusicEvent(act, piece.key, title[:LONGEST_TITLE])])

    def _write(self, session_id: str, stamp: Stamp, events: Sequence[MusicEvent]) -> None:
        """Write events and, behind them, what is known of a piece that sounds in this session for the first time."""
        described = self._told_of(session_id)
        begun = {each.piece for each in events if each.act is MusicAct.PLAY} - described
        known = self._music.known(sorted(begun))
        lines: list[Entry] = [*events, *(line for piece in known.values() for line in known_lines(piece))]
        self._store.append_many(session_id, self._writer, [(stamp, each, 0) for each in lines])
        described |= begun

    def _told_of(self, session_id: str) -> set[str]:
        if session_id not in self._described:
            lines = self._store.lines(session_id, kinds=_REPORTS)
            self._described[session_id] = {
                line.entry.piece for line in lines if isinstance(line.entry, MusicReported) and line.entry.piece
            }
        return self._described[session_id]

    def _known(self, session_id: str) -> set[tuple[str, int]]:
        if session_id not in self._logged:
            lines = self._store.lines(session_id, kinds=_KINDS)
            entries = [line.entry for line in lines if isinstance(line.entry, MusicEvent)]
            self._logged[session_id] = {(each.tab, each.number) for each in entries if each.tab}
        return self._logged[session_id]


def event(told: Mapping[str, Any]) -> MusicEvent:
    """Read an event as the browser tells it.

    Raises
    ------
    UsageError
        Where it is none.
    """
    try:
        numbers = {name: float(told[name]) for name in _NUMBERS}
        made = MusicEvent(
            MusicAct(told["act"]),
            str(told["piece"])[:100],
            title=str(told["title"])[:LONGEST_TITLE],
            tab=str(told["tab"])[:40],
            number=int(told["number"]),
            **numbers,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:  # an infinite number is none
        raise UsageError("this is no event of the player", why=f"{error!r}.") from error
    if not made.tab or made.number < 1 or not all(abs(each) < _MOST for each in numbers.values()):
        raise UsageError("this is no event of the player", why="It has no page, no number, or an impossible time.")
    return made
