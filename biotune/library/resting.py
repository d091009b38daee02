"""Music and the rest that follows it: whether the client is to rest now, and who still makes music into that."""

from dataclasses import dataclass

from biotune.domain import MusicAct, MusicEvent, PhaseEnded, PhaseStarted
from biotune.domain.music import LIVE
from biotune.domain.quiet import rests
from biotune.storage.store import Store

_KINDS = ["phase-started", "phase-ended", "music"]


@dataclass(frozen=True, slots=True)
class RestNow:
    """What a player needs to know of the phase that runs.

    Attributes
    ----------
    phase : int
        Its number, from 1; 0 where none runs, or nobody records.
    name : str
        As the protocol has it.
    rests : bool
        The client rests in it: no music belongs to it.
    still_live : tuple of (str, str)
        Key and title of the music that people began to make before this phase and whose end nobody logged.
    """

    phase: int = 0
    name: str = ""
    rests: bool = False
    still_live: tuple[tuple[str, str], ...] = ()


def now(store: Store, session_id: str) -> RestNow:
    """Return how it stands in a session that is recorded.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    head = store.head(session_id)
    if head.finished or not store.is_recorded_now(head.id):
        return RestNow()
    number, phase, live = 0, None, dict[str, tuple[int, str]]()
    for line in store.lines(head.id, kinds=_KINDS):
        entry = line.entry
        if isinstance(entry, PhaseStarted):
            number, phase = number + 1, (line.seq, entry)
        elif isinstance(entry, PhaseEnded):
            phase = None
        elif isinstance(entry, MusicEvent) and entry.piece.startswith(LIVE):
            live.pop(entry.piece, None)
            if entry.act is MusicAct.PLAY:
                live[entry.piece] = (line.seq, entry.title)
    if phase is None:
        return RestNow()
    begun_seq, of = phase
    still = tuple((key, title) for key, (seq, title) in live.items() if seq < begun_seq)
    return RestNow(number, of.name, rests(of.kind, of.activity), still)
