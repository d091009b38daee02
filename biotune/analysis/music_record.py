"""The record of a session's music, after the guideline for music-based interventions, and what it still lacks.

Source: Robb, Burns & Carpenter 2011, "Reporting guidelines for music-based interventions", J Health Psychol 16:342, and
its update of 2025; docs/music.md. What the player logged fills itself in; the rest people write.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from biotune.analysis import music_words
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
    performer: str
    tempo: str
    loudness: str


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


def of(recording: Recording, pieces: Mapping[str, Piece]) -> MusicRecord:
    """Return the record of a session's music.

    Parameters
    ----------
    recording : Recording
        The log.
    pieces : mapping of str to Piece
        What is known of pieces, by key; a log outlives its library, so that any may lack.
    """
    written = _written(recording)
    played = plays(recording)
    logged = _logged(played, pieces)
    answers = []
    for item in ITEMS:
        value, lacking = logged.get(item.key, ("", ""))
        typed = written.get(item.key, "")
        answers.append(Answer(item, typed or value, logged=not typed and bool(value), lacking="" if typed else lacking))
    rows = [Row(each, *_known(each, pieces.get(each.piece))) for each in played]
    return MusicRecord(tuple(rows), tuple(answers))


def _written(recording: Recording) -> dict[str, str]:
    """Return what people wrote of the programme as a whole; the last word on an item holds."""
    entries = [line.entry for line in recording.lines if isinstance(line.entry, MusicReported)]
    return {each.item: each.value for each in entries if not each.piece}


def _logged(played: tuple[Play, ...], pieces: Mapping[str, Piece]) -> dict[str, tuple[str, str]]:
    """Return what the log of the music answers by itself, and what it leaves open of it."""
    if not played:
        return {}
    names = list(dict.fromkeys((each.piece, each.title) for each in played))
    known = {key: _known_of(pieces.get(key)) for key, _ in names}
    live = {each.live for each in played}
    delivery = "recorded and live" if len(live) > 1 else "live" if True in live else "recorded"
    minutes = sum(each.duration_s for each in played) / 60
    return {
        TITLES.key: ("; ".join(title for _, title in names), ""),
        PERFORMERS.key: _all_of(names, {key: told[0] for key, told in known.items()}),
        TEMPO.key: _all_of(names, {key: told[1] for key, told in known.items()}),
        LOUDNESS.key: _all_of(names, {key: told[2] for key, told in known.items()}),
        DELIVERY.key: (delivery, ""),
        TIMES.key: (f"{len(played)} stretches, {minutes:.1f} min of music", ""),
    }


def _all_of(names: list[tuple[str, str]], told: Mapping[str, str]) -> tuple[str, str]:
    lacking = [title for key, title in names if not told[key]]
    value = "; ".join(dict.fromkeys(told[key] for key, _ in names if told[key]))
    return value, f"of {', '.join(lacking)}" if lacking and value else ""


def _known_of(piece: Piece | None) -> tuple[str, str, str]:
    if piece is None:
        return "", "", ""
    return piece.performer, music_words.tempo(piece, alternative=False), music_words.loudness(piece)


def _known(play: Play, piece: Piece | None) -> tuple[str, str, str]:
    performer, tempo, loudness = _known_of(piece)
    return performer, tempo, loudness if not play.live else ""


def words(record: MusicRecord) -> str:
    """Tell how complete the record is.

    Examples
    --------
    >>> words(MusicRecord((), tuple(Answer(each, "") for each in ITEMS)))
    '0 of 15 items of the reporting guideline are told.'
    """
    return f"{record.told} of {len(record.answers)} items of the reporting guideline are told."
