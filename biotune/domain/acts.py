"""What people do in a sitting, and what they correct afterwards: their lines of the log."""

import unicodedata
from dataclasses import dataclass

import biotune.errors as _errors
from biotune.domain.vocabulary import Activity, BeatJudgement, MusicAct, PhaseKind, Request, RrUnit

LONGEST_LABEL = 200  # characters


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase begins (and the one before it ends).

    `at_s` places it in an imported file's own time, where the line's stamp says nothing;
    None for a recorded one, whose stamp is the truth.
    """

    name: str
    kind: PhaseKind
    activity: Activity | None = None
    posture: str = ""
    paced: bool = False
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """The running phase ends and none follows it yet."""

    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class MarkerSet:
    """An instant with a label."""

    label: str
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class RatingGiven:
    """A self-report: `scale` such as ``tension``, `value` from 0 to 100; `when`: ``before``, ``after`` or empty."""

    scale: str
    value: float
    when: str = ""


@dataclass(frozen=True, slots=True)
class RequestMade:
    """Somebody asks the recorder for something; `phase` is the number of the one to end, from 1, None for any."""

    request: Request
    phase: int | None = None


@dataclass(frozen=True, slots=True)
class ScoreGiven:
    """The score of an outside questionnaire, as a number only: its items are licensed and never shipped."""

    questionnaire: str
    value: float
    when: str = ""


@dataclass(frozen=True, slots=True)
class ReadingGiven:
    """A reading typed in: `quantity` such as ``systolic`` or ``cortisol``, and when it was taken, ISO 8601 or empty."""

    quantity: str
    value: float
    unit: str
    taken: str = ""


@dataclass(frozen=True, slots=True)
class ContextGiven:
    """One circumstance of the sitting: `item` such as ``caffeine``, and what was said of it; empty takes it back."""

    item: str
    value: str


@dataclass(frozen=True, slots=True)
class MusicReported:
    """One item of the record of the music, as the reporting guideline names it; empty takes it back.

    `piece` is the piece it is about; empty for the music programme as a whole.
    """

    item: str
    value: str
    piece: str = ""


@dataclass(frozen=True, slots=True)
class MusicEvent:
    """Something happened to the music.

    Attributes
    ----------
    act : MusicAct
        What happened.
    piece : str
        The piece's key in the library: the SHA-256 of its file, or ``live:`` and a word for music that people make.
    title : str
        What a person calls it; a log that outlives its library still tells what was played.
    position_s, rate, volume : float
        Where in the piece, how fast, and how loud (0 to 1), as the browser says.
    browser_ms : float
        The browser's own clock since its page began, milliseconds; 0 where no browser was in it.
    tab : str
        Names the browser's page, so that a reload or a second tab doubles nothing.
    number : int
        Counts a page's events from 1: an event that is sent again is known by (tab, number).
    delay_ms : float
        From the browser's clock to the ear: the output's delay as set.
    """

    act: MusicAct
    piece: str
    title: str = ""
    position_s: float = 0.0
    rate: float = 1.0
    volume: float = 1.0
    browser_ms: float = 0.0
    tab: str = ""
    number: int = 0
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class PacerSet:
    """The breathing pacer was turned on or off: breaths a minute, and the share of a breath that is inhaling."""

    on: bool
    per_min: float = 6.0
    inhale: float = 0.4


# ---------------------------------------------------------------- corrections: new lines about old ones
#
# A correction has the stamp of the line before it (made a week later, it makes no session longer) and says itself
# who made it (`by`) and when (`made_utc_ns`). The last one about a thing holds.


@dataclass(frozen=True, slots=True)
class BeatJudged:
    """A person's decision about the beat whose R peak is at `time_s` (session time, or the file's own)."""

    time_s: float
    judgement: BeatJudgement
    by: str = ""
    made_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class MarkerCorrected:
    """Marker number `line` (its `LogLine.seq`) has another label or session time, or was a mistake altogether."""

    line: int
    label: str
    at_s: float
    removed: bool = False
    by: str = ""
    made_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class MarkerAdded:
    """A marker set afterwards, at that session time."""

    label: str
    at_s: float
    by: str = ""
    made_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class PhaseCorrected:
    """The phase that line number `line` began (its `LogLine.seq`) begins at another session time."""

    line: int
    at_s: float
    by: str = ""
    made_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class ClientCorrected:
    """The session is of another client than was typed at first; `was` is whose it was until then."""

    client: str
    was: str = ""
    by: str = ""
    made_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class RrUnitSet:
    """A correction: this recording's RR numbers are in `unit`. The last one holds, for the whole recording.

    Its line has the stamp of the line before it: a correction made a week later makes no session longer.
    """

    unit: RrUnit


def marker_label(text: str) -> str:
    """Return a marker's label as it is kept: plain text in one line.

    Raises
    ------
    UsageError
        Where it is empty, too long, or holds a control character, which a terminal would obey.

    Examples
    --------
    >>> marker_label("  asked for  water ")
    'asked for water'
    """
    label = " ".join(text.split())
    if not 0 < len(label) <= LONGEST_LABEL:
        raise _errors.UsageError(
            f"a marker's label has 1 to {LONGEST_LABEL} characters", hint="Shorten it, or make two of it."
        )
    if any(unicodedata.category(letter) == "Cc" for letter in label):
        raise _errors.UsageError(
            "a marker's label is plain text", why="It holds a control character.", hint="Type it again."
        )
    return label
