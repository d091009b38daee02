"""What music was played when, from the log alone.

The browser tells every event of its player with its own clock, and a sign of life (`MusicAct.SYNC`) every five seconds
while music sounds. An event may reach the log late (the queue waits while the dashboard starts again) or twice (it is
sent again until it is acknowledged); neither moves or doubles the music here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from biotune.domain import MusicAct, MusicEvent, Recording

SYNC_S = (
    5.0  # the player's sign of life; music whose end nobody logged is taken to end at most this much after the last
)
LIVE = "live:"  # how the key of music begins that people make
_LATE_S = 15.0  # between two clocks that run alike, more than this is a machine that slept
_LOST_S = 3 * SYNC_S  # without a sign of life that long, and not as far on as it then would be, the music had stopped
_ALIKE_S = 2.0
# A browser that is short of time falters: the position falls behind, and nothing had stopped. Behind by no more than
# this share, and these seconds, it played on.
_FALTERS, _FALTERS_S = 0.25, 15.0

_ENDS = frozenset({MusicAct.PAUSE, MusicAct.ENDED, MusicAct.NEXT, MusicAct.FAILED})
_SOUNDS = frozenset({MusicAct.PLAY, MusicAct.SYNC})


@dataclass(frozen=True, slots=True)
class Play:
    """A stretch in which one piece sounded without a pause.

    Attributes
    ----------
    piece : str
        The SHA-256 of its file, or ``live:`` and a word.
    title : str
        What a person calls it.
    start_s, end_s : float
        Session time at which the sound reached the ear and left it.
    position_s : float
        Where in the piece it began.
    end_position_s : float
        Where in the piece it ended; beyond the stretch's length where somebody moved forward in between.
    rate, volume : float
        How fast, and how loud (0 to 1), when it began.
    complete : bool
        The piece's own end was reached.
    end_logged : bool
        False where the end is not in the log and stands for the last sign of life.
    """

    piece: str
    title: str
    start_s: float
    end_s: float
    position_s: float = 0.0
    end_position_s: float = 0.0
    rate: float = 1.0
    volume: float = 1.0
    complete: bool = False
    end_logged: bool = True

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    @property
    def live(self) -> bool:
        """People made this music: there is no file."""
        return self.piece.startswith(LIVE)

    @property
    def open_ended(self) -> bool:
        """People made this music and nobody logged its end: of people there is no sign of life to go by."""
        return self.live and not self.end_logged


def plays(recording: Recording) -> tuple[Play, ...]:
    """Return what was played when, in order of its beginning.

    A pause, the piece's end, a step to the next piece or a failure ends a stretch; moving within the piece does not. An
    end that was never logged (the browser was closed, the machine lost power) is set at the last sign of life and the
    five seconds in which the next one was due, or where the log or another piece begins to say otherwise.

    Parameters
    ----------
    recording : Recording
        Of a recording; imported files have no music.

    Returns
    -------
    tuple of Play
        Overlapping ones only where people played along with a recorded piece, or with each other.
    """
    return tuple(_merged(_stretches(recording)))


def stretches(recording: Recording) -> tuple[Play, ...]:
    """Return as `plays`, divided wherever the position jumps or the rate changes.

    Within one stretch, position = `position_s` + (time − `start_s`) · `rate`.
    """
    return tuple(stretch for stretch, _ in _stretches(recording))


def rows(played: Sequence[Play]) -> tuple[int, ...]:
    """Return a row for each, from 0 on, so that none lies over another: few rows, and the first where it is alone.

    Examples
    --------
    >>> rows([Play("a", "Sea", 0, 60), Play("live:b", "Guitar", 30, 90), Play("c", "Wood", 60, 120)])
    (0, 1, 0)
    """
    until_s: list[float] = []
    given = {}
    for index in sorted(range(len(played)), key=lambda each: played[each].start_s):
        play = played[index]
        free = next((row for row, end_s in enumerate(until_s) if end_s <= play.start_s), len(until_s))
        until_s[free : free + 1] = [play.end_s]
        given[index] = free
    return tuple(given[index] for index in range(len(played)))


@dataclass(frozen=True, slots=True)
class _Heard:
    """An event at the session time at which its sound reached the ear; `clocked` where that is the browser's time."""

    time_s: float
    entry: MusicEvent
    clocked: bool


def _stretches(recording: Recording) -> list[tuple[Play, bool]]:
    """Return every stretch, and whether it goes on from the one before it."""
    log_ends_s, heard = _heard(recording)
    begun_s = sorted(each.time_s for each in heard if each.entry.act is MusicAct.PLAY and not _is_live(each))
    found: list[tuple[Play, bool]] = []
    for _, events in groupby(sorted(heard, key=_source), key=_source):
        player = _Player(log_ends_s, begun_s)
        for event in events:
            player.hear(event)
        player.stop()
        found += player.found
    return sorted(found, key=lambda each: each[0].start_s)


class _Player:
    """Follows the events of one browser page, or of one kind of music that people make."""

    def __init__(self, log_ends_s: float, begun_s: Sequence[float]) -> None:
        self.found: list[tuple[Play, bool]] = []
        self._log_ends_s = log_ends_s
        self._begun_s = begun_s
        self._now: Play | None = None  # what sounds; its end is the last sign of life
        self._goes_on = False

    def hear(self, event: _Heard) -> None:
        entry, now = event.entry, self._now
        if now and (entry.piece != now.piece or self._was_lost(event, now)):
            self.stop(event.time_s if entry.piece != now.piece else None)
            now = self._now
        if entry.act in _ENDS:
            self._end(event)
        elif now is None:
            if entry.act in _SOUNDS:
                self._begin(event, goes_on=False)
        elif entry.act in {MusicAct.SEEK, MusicAct.RATE}:
            self._part(event, now)
        else:
            self._now = replace(now, end_s=event.time_s, end_position_s=entry.position_s)

    def stop(self, before_s: float | None = None) -> None:
        """End what sounds where no event says when: at the last sign of life and what was due after it."""
        if self._now is None:
            return
        now = self._now
        last_s = now.end_s
        limits = [last_s + SYNC_S, self._log_ends_s, *([before_s] if before_s is not None else [])]
        if now.live:  # nobody expects signs of life of a person: it lasts as long as the log
            limits[0] = self._log_ends_s
        else:
            limits += [at_s for at_s in self._begun_s if at_s > last_s][:1]
        end_s = max(last_s, min(limits))
        position_s = now.end_position_s + (end_s - last_s) * now.rate
        self.found.append((replace(now, end_s=end_s, end_position_s=position_s, end_logged=False), self._goes_on))
        self._now = None

    def _begin(self, event: _Heard, *, goes_on: bool) -> None:
        entry = event.entry
        self._now = Play(
            entry.piece,
            entry.title,
            start_s=event.time_s,
            end_s=event.time_s,
            position_s=entry.position_s,
            end_position_s=entry.position_s,
            rate=entry.rate,
            volume=entry.volume,
        )
        self._goes_on = goes_on

    def _part(self, event: _Heard, now: Play) -> None:
        """Another position or rate from here on: a stretch of its own."""
        self.found.append((_extended(now, event.time_s), self._goes_on))
        self._begin(event, goes_on=True)

    def _end(self, event: _Heard) -> None:
        if self._now is None:
            return
        ended = _extended(self._now, event.time_s)
        self.found.append((replace(ended, complete=event.entry.act is MusicAct.ENDED), self._goes_on))
        self._now = None

    def _was_lost(self, event: _Heard, now: Play) -> bool:
        """Tell whether the music had stopped before this event without a word."""
        passed_s = event.time_s - now.end_s
        if now.live or not event.clocked or passed_s <= _LOST_S or event.entry.act in {MusicAct.SEEK, MusicAct.RATE}:
            return False
        behind_s = now.end_position_s + passed_s * now.rate - event.entry.position_s
        return not -_ALIKE_S <= behind_s <= max(_ALIKE_S, min(_FALTERS * passed_s, _FALTERS_S))


def _extended(play: Play, to_s: float) -> Play:
    position_s = play.end_position_s + (to_s - play.end_s) * play.rate
    return replace(play, end_s=to_s, end_position_s=position_s)


def _merged(found: Iterable[tuple[Play, bool]]) -> Iterator[Play]:
    """Join the stretches of one piece that nothing but a jump divides."""
    joined: list[Play] = []
    for stretch, goes_on in found:
        index = next((k for k in range(len(joined) - 1, -1, -1) if joined[k].piece == stretch.piece), None)
        if goes_on and index is not None:
            joined[index] = replace(
                joined[index],
                end_s=stretch.end_s,
                end_position_s=stretch.end_position_s,
                complete=stretch.complete,
                end_logged=stretch.end_logged,
            )
        else:
            joined.append(stretch)
    return iter(joined)


def _heard(recording: Recording) -> tuple[float, list[_Heard]]:
    """Return when the log ends, and every event once, in its page's own order, at the time it was heard."""
    log_ends_s = 0.0
    arrived: dict[tuple[str, int], tuple[float, MusicEvent, bool]] = {}
    for time_s, line in recording.times_s():
        log_ends_s = max(log_ends_s, time_s)
        if isinstance(line.entry, MusicEvent):
            entry = line.entry
            key = (entry.tab, entry.number) if entry.tab and entry.number else ("", -line.seq)
            # a simulated sitting that runs fast has a session time of its own, which no browser's clock follows
            arrived.setdefault(key, (time_s, entry, not line.stamp.boot_id.startswith("virtual-")))
    heard: list[_Heard] = []
    for tab, keys in groupby(sorted(arrived, key=lambda key: (key[0], abs(key[1]))), key=lambda key: key[0]):
        events = [arrived[key] for key in keys]
        times_s = _placed([(at_s, entry) for at_s, entry, _ in events]) if tab else [at_s for at_s, *_ in events]
        heard += [
            _Heard((placed_s if clocked else at_s) + entry.delay_ms / 1000, entry, clocked)
            for placed_s, (at_s, entry, clocked) in zip(times_s, events, strict=True)
        ]
    return log_ends_s, heard


def _placed(arrivals: Sequence[tuple[float, MusicEvent]]) -> list[float]:
    """Return the session times of one page's events by its own clock.

    An event cannot arrive before it happens, so the least difference between arrival and the page's clock ties that
    clock to session time. The browser's clock stops while a machine sleeps: where everything from some event on arrives
    later by more than a delayed request explains, the tie is made anew from there.
    """
    offsets_s = [at_s - entry.browser_ms / 1000 for at_s, entry in arrivals]
    least_s = min(offsets_s)
    from_here_s = offsets_s[-1]
    ties_s: list[float] = []
    for offset_s in reversed(offsets_s):
        from_here_s = min(from_here_s, offset_s)
        ties_s.append(from_here_s if from_here_s - least_s > _LATE_S else least_s)
    return [tie + entry.browser_ms / 1000 for tie, (_, entry) in zip(reversed(ties_s), arrivals, strict=True)]


def _source(event: _Heard) -> tuple[str, str]:
    """Return who made the sound: a browser's page, or people with this instrument."""
    return (event.entry.piece, "") if _is_live(event) else ("", event.entry.tab)


def _is_live(event: _Heard) -> bool:
    return event.entry.piece.startswith(LIVE)
