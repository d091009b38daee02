"""The record of a session's music, after the guideline for music-based interventions, and what it still lacks.

Source: Robb, Burns & Carpenter 2011, "Reporting guidelines for music-based interventions", J Health Psychol 16:342, and
its update of 2025; docs/music.md. What the player logged fills itself in; the rest people write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biotune.analysis import music_words, window_words
from biotune.analysis.played import Play, plays
from biotune.domain import MusicReported, Recording
from biotune.domain.music import Piece


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the guideline asks for.

    Attributes
    ----------
    key : str
        Its name in the log.
    title, question : str
        For people.
    choices : tuple of str
        Common answers; any other can be written.
    """

    key: str
    title: str
    question: str
    choices: tuple[str, ...] = ()


RATIONALE = Item("rationale", "Rationale", "Why this music, for this client?")
SELECTED_BY = Item(
    "selected-by", "Selected by", "Who selected the music?", ("client", "therapist", "client and therapist", "protocol")
)
SELECTION = Item(
    "selection",
    "Way of selection",
    "How was it selected?",
    (
        "from the client's own music",
        "from a list for this purpose",
        "by tempo and loudness",
        "improvised for the moment",
    ),
)
TITLES = Item("titles", "Title", "What was played?")
PERFORMERS = Item("performers", "Performer", "Who plays on the recording, or who played?")
SOURCE = Item("source", "Source", "Where is the music from?", ("own recordings", "published recordings", "made live"))
TEMPO = Item("tempo", "Tempo", "How fast?")
LOUDNESS = Item("loudness", "Loudness", "How loud, at the ear if it was measured?")
DELIVERY = Item("delivery", "Live or recorded", "Was it live or recorded?", ("recorded", "live", "recorded and live"))
EQUIPMENT = Item("equipment", "Loudspeakers or headphones", "What did it sound from?", ("loudspeakers", "headphones"))
VOLUME_CONTROL = Item(
    "volume-control", "Control of volume", "Who set the volume?", ("client", "therapist", "both", "fixed beforehand")
)
TIMES = Item("times", "Start and stop times", "When did each piece begin and end?")
FACILITATOR = Item(
    "facilitator",
    "Facilitator",
    "What is the qualification of the person who led it?",
    ("qualified music therapist", "music therapist in training", "nurse", "researcher"),
)
UNIT = Item(
    "unit", "Individual or group", "With how many people?", ("individual", "group of 2 to 4", "group of 5 to 8")
)
SETTING = Item(
    "setting", "Setting", "Where, how private, how quiet?", ("quiet room of a practice", "hospital ward", "at home")
)

ITEMS = (
    RATIONALE,
    SELECTED_BY,
    SELECTION,
    TITLES,
    PERFORMERS,
    SOURCE,
    TEMPO,
    LOUDNESS,
    DELIVERY,
    EQUIPMENT,
    VOLUME_CONTROL,
    TIMES,
    FACILITATOR,
    UNIT,
    SETTING,
)


_OF_PIECES = (PERFORMERS, TEMPO, LOUDNESS)  # what is known of each piece by itself
_NOTHING = ("", "", "")
_MOST_NAMED = 6  # pieces in a sentence
_IN_MINUTES_S = 90
WRITTEN_ONLY = "No piece is in this session's log; what is written of its music is in the detailed reading."


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an item.

    Attributes
    ----------
    item : Item
        What is asked.
    value : str
        The answer; empty where there is none.
    logged : bool
        The log of the music gave it; nobody needs to write it.
    lacking : str
        Of which pieces it is not known although it is of others, as “of …”; empty otherwise.
    """

    item: Item
    value: str
    logged: bool = False
    lacking: str = ""

    @property
    def told(self) -> bool:
        """It needs nothing more."""
        return bool(self.value) and not self.lacking


@dataclass(frozen=True, slots=True)
class Row:
    """A piece as it was played: when, and what is known of it."""

    play: Play
    performer: str = ""
    tempo: str = ""
    loudness: str = ""


@dataclass(frozen=True, slots=True)
class MusicRecord:
    """The music of a session: what was played when, and an answer to every item."""

    rows: tuple[Row, ...]
    answers: tuple[Answer, ...]

    @property
    def told(self) -> int:
        """How many items need nothing more."""
        return sum(each.told for each in self.answers)

    @property
    def lacking(self) -> tuple[Answer, ...]:
        """What a publication would still need."""
        return tuple(each for each in self.answers if not each.told)

    @property
    def is_empty(self) -> bool:
        """Nothing was played and nothing written."""
        return not self.rows and not any(each.value for each in self.answers)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: the key ``music`` of ``biotune.analysis/1``."""
        return {
            "plays": [_row(each) for each in self.rows],
            "items": [_answer(each) for each in self.answers],
            "told": self.told,
            "asked": len(self.answers),
            "lacking": [each.item.key for each in self.lacking],
            "words": [*(each for each in (sentence(self),) if each), words(self)],
        }


def _row(row: Row) -> dict[str, Any]:
    play = row.play
    return {
        "piece": play.piece,
        "title": play.title,
        "start_s": play.start_s,
        "end_s": play.end_s,
        "end_logged": play.end_logged,
        "complete": play.complete,
        "live": play.live,
        "volume": None if play.live else play.volume,
        "rate": None if play.live else play.rate,
        "performer": row.performer or None,
        "tempo": row.tempo or None,
        "loudness": row.loudness or None,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    known_by = ("log" if answer.logged else "written") if answer.value else None
    return {
        "item": answer.item.key,
        "title": answer.item.title,
        "value": answer.value or None,
        "from": known_by,
        "lacking": answer.lacking or None,
    }


def of(recording: Recording, pieces: Mapping[str, Piece] | None = None) -> MusicRecord:
    """Return the record of a session's music.

    Parameters
    ----------
    recording : Recording
        The log. It holds what was known of each piece when it first sounded (`known_lines`), so that it needs no
        library to tell it.
    pieces : mapping of str to Piece, optional
        What the library knows of pieces today, by key; it stands before what was known on the day.
    """
    written = _written(recording)
    played = plays(recording)
    known = _known(recording, pieces or {})
    logged = _logged(played, known)
    answers = []
    for item in ITEMS:
        value, lacking = logged.get(item.key, ("", ""))
        typed = written.get(item.key, "")
        answers.append(Answer(item, typed or value, logged=not typed and bool(value), lacking="" if typed else lacking))
    return MusicRecord(tuple(Row(each, *known.get(each.piece, _NOTHING)) for each in played), tuple(answers))


def known_lines(piece: Piece) -> tuple[MusicReported, ...]:
    """Return what is known of a piece as lines of the log, so that the log alone tells it when the library is gone."""
    told = zip(_OF_PIECES, _known_of(piece), strict=True)
    return tuple(MusicReported(item.key, value, piece.key) for item, value in told if value)


def _known(recording: Recording, pieces: Mapping[str, Piece]) -> dict[str, tuple[str, str, str]]:
    """Return performer, tempo and loudness of each piece: the library's, or else what the log says was known."""
    logged: dict[str, dict[str, str]] = {}
    for line in recording.lines:
        if isinstance(line.entry, MusicReported) and line.entry.piece:
            logged.setdefault(line.entry.piece, {})[line.entry.item] = line.entry.value
    known = {}
    for key in logged.keys() | pieces.keys():
        today = _known_of(pieces[key]) if key in pieces else _NOTHING
        then = [logged.get(key, {}).get(item.key, "") for item in _OF_PIECES]
        performer, tempo, loudness = (now or before for now, before in zip(today, then, strict=True))
        known[key] = (performer, tempo, loudness)
    return known


def _written(recording: Recording) -> dict[str, str]:
    """Return what people wrote of the programme as a whole; the last word on an item holds."""
    entries = [line.entry for line in recording.lines if isinstance(line.entry, MusicReported)]
    return {each.item: each.value for each in entries if not each.piece}


def _logged(played: Sequence[Play], of_pieces: Mapping[str, tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    """Return what the log of the music answers by itself, and what it leaves open of it."""
    if not played:
        return {}
    names = list(dict.fromkeys((each.piece, each.title) for each in played))
    known = {key: of_pieces.get(key, _NOTHING) for key, _ in names}
    live = {each.live for each in played}
    delivery = "recorded and live" if len(live) > 1 else "live" if True in live else "recorded"
    minutes = sum(each.duration_s for each in played if not each.open_ended) / 60
    stretches = "1 stretch" if len(played) == 1 else f"{len(played)} stretches"
    open_ended = list(dict.fromkeys(each.title for each in played if each.open_ended))
    return {
        TITLES.key: ("; ".join(title for _, title in names), ""),
        PERFORMERS.key: _all_of(names, {key: told[0] for key, told in known.items()}),
        TEMPO.key: _all_of(names, {key: told[1] for key, told in known.items()}),
        LOUDNESS.key: _all_of(names, {key: told[2] for key, told in known.items()}),
        DELIVERY.key: (delivery, ""),
        TIMES.key: (f"{stretches}, {minutes:.1f} min of music", _ends_of(open_ended)),
    }


def _ends_of(titles: Sequence[str]) -> str:
    return f"of {', '.join(titles)}, whose end was not logged" if titles else ""


def _all_of(names: list[tuple[str, str]], told: Mapping[str, str]) -> tuple[str, str]:
    lacking = [title for key, title in names if not told[key]]
    value = "; ".join(dict.fromkeys(told[key] for key, _ in names if told[key]))
    return value, f"of {', '.join(lacking)}" if lacking and value else ""


def _known_of(piece: Piece) -> tuple[str, str, str]:
    """Return a piece's performer, tempo and loudness, in words; what is played live has no loudness of its own."""
    loudness = "" if piece.live else music_words.loudness(piece)
    return piece.performer, music_words.tempo(piece, alternative=False), loudness


def words(record: MusicRecord) -> str:
    """Tell how complete the record is.

    Examples
    --------
    >>> words(MusicRecord((), tuple(Answer(each, "") for each in ITEMS)))
    '0 of 15 items of the reporting guideline are told.'
    """
    return f"{record.told} of {len(record.answers)} items of the reporting guideline are told."


def needed(record: MusicRecord) -> tuple[str, ...]:
    """Tell what a publication would still need, a phrase each."""
    return tuple(f"{each.item.title} {each.lacking}".strip() for each in record.lacking)


def sentence(record: MusicRecord) -> str:
    """Tell in one plain sentence what sounded, and for how long; empty where nothing did.

    What sounded together counts once.

    Examples
    --------
    >>> sentence(MusicRecord((Row(Play("a", "Sea", 60, 360)), Row(Play("live:b", "Guitar", 300, 420))), ()))
    'Music sounded for 6 min: “Sea”, and live “Guitar”.'
    >>> sentence(MusicRecord((Row(Play("a", "Sea", 60, 100)), Row(Play("a", "Sea", 120, 140))), ()))
    'Music sounded for 60 s: “Sea”.'
    >>> sentence(MusicRecord((Row(Play("a", "Sea", 60, 160)),), ()))
    'Music sounded for 1:40 min: “Sea”.'
    >>> sentence(MusicRecord((Row(Play("live:b", "Guitar", 60, 900, end_logged=False)),), ()))
    'Music sounded: live “Guitar”. When Guitar ended was not logged.'
    """
    if not record.rows:
        return ""
    seconds, until_s = 0.0, 0.0
    for play in sorted((row.play for row in record.rows if not row.play.open_ended), key=lambda each: each.start_s):
        seconds += max(0.0, play.end_s - max(play.start_s, until_s))
        until_s = max(until_s, play.end_s)
    names = list(dict.fromkeys((row.play.title or "untitled", row.play.live) for row in record.rows))
    told = [f"“{title}”" for title, live in names if not live]
    live = [f"“{title}”" for title, live in names if live]
    heard = _listed([*told, f"live {_listed(live)}"] if told and live else told or [f"live {_listed(live)}"])
    ends = list(dict.fromkeys(row.play.title or "live music" for row in record.rows if row.play.open_ended))
    more = f" When {_listed(ends)} ended was not logged." if ends else ""
    return f"Music sounded{f' for {_length(seconds)}' if seconds else ''}: {heard}.{more}"


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        names = [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]
    return ", and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if round(seconds) < _IN_MINUTES_S else window_words.rounded(seconds)
