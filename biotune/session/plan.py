"""What a sitting consists of, as planned: phases, prompts, and the protocol they make."""

from dataclasses import dataclass, replace
from enum import StrEnum

from biotune.domain import Activity, PhaseKind, PhaseStarted
from biotune.domain.quiet import NOT_QUIET
from biotune.domain.self_report import SCALES

SHORT = "-short"
SHORT_CAUTION = (
    "The short form is for children and for people after a stroke or with dementia. An irregular rhythm is common "
    "among older people and after a stroke: biotune recognises one and then compares the heart rate alone. That is no "
    "diagnosis. Stretches this short do not give every value, and those they give are less certain; each is marked so."
)
_COMPARED = {PhaseKind.BASELINE, PhaseKind.INTERVENTION, PhaseKind.RECOVERY}


class Pacer(StrEnum):
    """Whether a breathing pacer belongs to a phase."""

    OFF = "off"
    OPTIONAL = "optional"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the therapist reads out, and how many seconds into the phase."""

    at_s: float
    say: str


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase as planned.

    Attributes
    ----------
    name : str
        What the log and ``--before``, ``--after`` call it.
    kind : PhaseKind
        What it is for.
    activity : Activity or None
        What the client does; from it follows with what the phase may be compared.
    seconds : float
        Its length.
    posture : str
        ``seated``, ``lying``, …; empty where the protocol does not say.
    paced : bool
        Whether a pacer sets the breathing.
    explanation : str
        What the client is told, plainly.
    breaths_per_min : float or None
        The pacer's rate, where it is known.
    pacer : Pacer
        Off, there if wanted, or setting the breathing.
    short_seconds : float or None
        Its length in the short form, where that differs.
    ratings, markers : tuple of str
        Scales to ask for and buttons to offer in this phase.
    prompts : tuple of Prompt
        What the therapist reads out, in order.
    """

    name: str
    kind: PhaseKind
    activity: Activity | None
    seconds: float
    posture: str = ""
    paced: bool = False
    explanation: str = ""
    breaths_per_min: float | None = None
    pacer: Pacer = Pacer.OFF
    short_seconds: float | None = None
    ratings: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    prompts: tuple[Prompt, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether it may be compared with quiet rest: nobody speaks, sings, plays or moves in it."""
        return is_comparable(self.kind, self.activity)

    def started(self) -> PhaseStarted:
        """Return the entry that logs its beginning."""
        return PhaseStarted(self.name, self.kind, self.activity, self.posture, self.paced)


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a sitting consists of; without phases it goes on until somebody ends it.

    Attributes
    ----------
    name, title, description : str
        How it is called, headed and explained.
    phases : tuple of PlannedPhase
        In order.
    caution : str
        What to heed; empty where there is nothing.
    ratings : tuple of str
        Scales to ask for before and after.
    markers : tuple of str
        Buttons to offer throughout.
    own : bool
        Whether it comes from a file of the user's.
    """

    name: str
    title: str
    description: str
    phases: tuple[PlannedPhase, ...]
    caution: str = ""
    ratings: tuple[str, ...] = tuple(scale.key for scale in SCALES)
    markers: tuple[str, ...] = ()
    own: bool = False

    @property
    def seconds(self) -> float:
        """Length of the whole sitting."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def short(self) -> "Protocol | None":
        """The short form; None where there is none."""
        if all(phase.short_seconds is None for phase in self.phases):
            return None
        return replace(
            self,
            name=f"{self.name}{SHORT}",
            title=f"{self.title}, short",
            caution=" ".join(filter(None, (self.caution, SHORT_CAUTION))),
            phases=tuple(
                replace(phase, seconds=phase.short_seconds or phase.seconds, short_seconds=None)
                for phase in self.phases
            ),
        )


def is_comparable(kind: PhaseKind, activity: Activity | None) -> bool:
    """Tell whether a phase may be compared with quiet rest; docs/method.md."""
    return kind in _COMPARED and activity not in NOT_QUIET
