"""What an analysis and a comparison return, and their JSON documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biotune.analysis import scales
from biotune.domain import (
    NS_PER_S,
    ArtefactClass,
    BeatDecision,
    Caveat,
    ChangeKind,
    Convention,
    Flag,
    Gap,
    NoticeKind,
    Phase,
    Reason,
    Rhythm,
    Verdict,
    Yardstick,
)
from biotune.domain.plain_text import listed
from biotune.errors import AnalysisError

if TYPE_CHECKING:
    from biotune.analysis.ecg import EcgAssessment
    from biotune.analysis.music_record import MusicRecord
    from biotune.analysis.quiet_rest import QuietRestBeside
    from biotune.analysis.resonance import Resonance
    from biotune.analysis.self_report import SelfReport


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A metric that could be computed; `source` is what it was read from, where there is a choice."""

    value: float
    unit: str
    flags: tuple[Flag, ...] = ()
    source: str = ""

    @property
    def unavailable(self) -> None:
        """None: it is available."""
        return

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        source = {"source": self.source} if self.source else {}
        return {"value": self.value, "unit": self.unit, "flags": [flag.value for flag in self.flags], **source}


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A metric that could not be, and why.

    Attributes
    ----------
    unavailable : Reason
        Why.
    unit : str
        The unit it would have had.
    needs : str
        What would have been enough, as ``"250 s"`` or ``"128 beats"``; empty where nothing would.
    """

    unavailable: Reason
    unit: str
    needs: str = ""

    @property
    def value(self) -> float:
        """Raise: there is no value.

        Raises
        ------
        AnalysisError
            Always, with the reason.
        """
        raise AnalysisError(
            f"this metric is unavailable: {self.unavailable.value}",
            hint=f"It needs {self.needs}." if self.needs else "",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {"unavailable": self.unavailable.value, "unit": self.unit}
        if self.needs:
            document["needs"] = self.needs
        return document


Metric = MetricValue | Unavailable


@dataclass(frozen=True, slots=True)
class Artefact:
    """One flagged beat: the R peak's session time, its interval as sent, and how it is wrong.

    `decided` is the decision of the person who rejected it; None where the method found it. `joined` says that it is
    not lost: it adds up with what is flagged beside it to one interval, since a beat between them was invented.
    """

    time_s: float
    rr_ms: float
    artefact_class: ArtefactClass
    decided: BeatDecision | None = None
    joined: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {"time_s": self.time_s, "rr_ms": self.rr_ms, "class": self.artefact_class.value}
        document |= {"joined": True} if self.joined else {}
        return document | ({"judgement": self.decided.judgement.value, "by": self.decided.by} if self.decided else {})


@dataclass(frozen=True, slots=True)
class Quality:
    """How far a phase's signal can be trusted."""

    flagged_pct: float
    gap_pct: float
    rhythm: Rhythm
    usable: bool


@dataclass(frozen=True, slots=True)
class PhaseAnalysis:
    """One phase with its quality and metrics, keyed as in the catalogue."""

    phase: Phase
    beats: int
    quality: Quality
    metrics: Mapping[str, Metric]

    @property
    def name(self) -> str:
        """The phase's name."""
        return self.phase.name

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.phase.name,
            "kind": self.phase.kind.value,
            "activity": self.phase.activity.value if self.phase.activity else None,
            "start_s": self.phase.start_s,
            "duration_s": self.phase.duration_s,
            "beats": self.beats,
            "quality": {
                "flagged_pct": self.quality.flagged_pct,
                "gap_pct": self.quality.gap_pct,
                "rhythm": self.quality.rhythm.value,
                "usable": self.quality.usable,
            },
            "metrics": {key: metric.to_dict() for key, metric in self.metrics.items()},
        }


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a result: software, parameters, and the hash of the log it was made from."""

    biotune: str
    neurokit2: str
    parameters: Mapping[str, Any]
    log_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "biotune": self.biotune,
            "neurokit2": self.neurokit2,
            "parameters": dict(self.parameters),
            "log_sha256": self.log_sha256,
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """Something of the whole recording that a person should know and decide about."""

    kind: NoticeKind
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"kind": self.kind.value, "words": self.words}


@dataclass(frozen=True, slots=True)
class Analysis:
    """One recording, phase by phase.

    `ecg` tells of what its strap streamed besides, where it did; `decisions` are those that people took about beats;
    `resonance` is what an assessment of slow breathing rates found, where it was one; `music` is the music's record.
    """

    source: str
    convention: Convention
    provenance: Provenance
    phases: tuple[PhaseAnalysis, ...]
    artefacts: tuple[Artefact, ...]
    gaps: tuple[Gap, ...]
    notices: tuple[Notice, ...] = ()
    ecg: "EcgAssessment | None" = None
    decisions: tuple[BeatDecision, ...] = ()
    resonance: "Resonance | None" = None
    music: "MusicRecord | None" = None

    def phase(self, name: str) -> PhaseAnalysis:
        """Return the phase of that name.

        Raises
        ------
        AnalysisError
            Where there is none.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        names = listed([phase.name for phase in self.phases])
        raise AnalysisError(f"{self.source} has no phase {name[:60]!r}", why=f"It has: {names}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.analysis/1``."""
        document = {
            "schema": "biotune.analysis/1",
            "source": self.source,
            "convention": self.convention.value,
            "provenance": self.provenance.to_dict(),
            "phases": [phase.to_dict() for phase in self.phases],
            "artefacts": [artefact.to_dict() for artefact in self.artefacts],
            "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s, "reason": gap.reason.value} for gap in self.gaps],
        }
        if self.notices:
            document["notices"] = [notice.to_dict() for notice in self.notices]
        if self.ecg:
            document["ecg"] = self.ecg.to_dict()
        if self.resonance:
            document["resonance"] = self.resonance.to_dict()
        if self.music and not self.music.is_empty:
            document["music"] = self.music.to_dict()
        if self.decisions:
            document["decisions"] = [_decision(each) for each in self.decisions]
        return document


def _decision(decided: BeatDecision) -> dict[str, Any]:
    made = datetime.fromtimestamp(decided.made_utc_ns / NS_PER_S, tz=UTC).isoformat(timespec="seconds")
    return {
        "time_s": decided.time_s,
        "judgement": decided.judgement.value,
        "added": decided.added,
        "by": decided.by,
        "made": made if decided.made_utc_ns else None,
    }


@dataclass(frozen=True, slots=True)
class Level:
    """One metric in one window, with its 95 % interval against the noise within the session.

    Attributes
    ----------
    kind : ChangeKind
        On which scale the interval is symmetric: a ratio's on the logarithm's.
    value, low, high : float
        In `unit`.
    unit : str
        The metric's.
    """

    kind: ChangeKind
    value: float
    low: float
    high: float
    unit: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"value": self.value, "low": self.low, "high": self.high, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Change:
    """One metric, before and after.

    Attributes
    ----------
    kind : ChangeKind
        Ratio (after / before) or difference (after - before, in `unit`).
    before, after : float or None
        The metric in each window; None where it is unavailable there.
    estimate, low, high : float or None
        The change and its 95 % interval; None where the verdict is not-comparable.
    smallest_detectable : float or None
        How large a change must be to exceed retest error: a ratio above 1, or the
        difference needed in the direction of the estimate; None where no source exists.
    verdict : Verdict
        What may be said.
    caveats : tuple of Caveat
        What must be said beside it.
    unit : str
        Unit of `before` and `after`.
    smallest_detectable_source : Yardstick or None
        Whether it is published or the client's own; None where there is none.
    smallest_detectable_sessions : int
        How many quiet-rest sessions the client's own is from; else 0.
    rest_explains : bool
        Whether the client's own drift at quiet rest may be all there is to it; then it is never called clear.
    """

    kind: ChangeKind
    before: float | None
    after: float | None
    estimate: float | None
    low: float | None
    high: float | None
    smallest_detectable: float | None
    verdict: Verdict
    caveats: tuple[Caveat, ...]
    unit: str
    smallest_detectable_source: Yardstick | None = None
    smallest_detectable_sessions: int = 0
    rest_explains: bool = False

    @property
    def moved(self) -> float | None:
        """The change on the scale of its interval: a difference, or the logarithm of a ratio."""
        return None if self.estimate is None else scales.moved(self.kind, self.estimate)

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % interval on that scale."""
        if self.low is None or self.high is None:
            return None
        return (scales.moved(self.kind, self.high) - scales.moved(self.kind, self.low)) / 2

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "before": self.before,
            "after": self.after,
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "smallest_detectable": self.smallest_detectable,
            "smallest_detectable_source": self.smallest_detectable_source,
            "smallest_detectable_sessions": self.smallest_detectable_sessions,
            "rest_explains": self.rest_explains,
            "verdict": self.verdict.value,
            "caveats": [caveat.value for caveat in self.caveats],
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same metrics in two windows of equal length.

    Attributes
    ----------
    before, after : Phase
        The windows compared, as phases cut to `window_s`.
    window_s : float
        Length of each window in seconds.
    changes : mapping of str to Change
        By metric key.
    words : tuple of str
        Neutral sentences, most important first.
    reason : str
        Why these two windows (voice or movement in the intervention, no recovery, …); empty for the default.
    beside_quiet_rest : QuietRestBeside or None
        The same changes beside the client's quiet rest; None where there is no quiet-rest session to put them beside.
    whole : bool
        Whether enough of both windows' signal is there for a clear verdict.
    self_report : SelfReport or None
        What the client said before and after, beside the heart's numbers.
    resonance : Resonance or None
        As in `Analysis`.
    """

    source: str
    before: Phase
    after: Phase
    window_s: float
    changes: Mapping[str, Change]
    words: tuple[str, ...]
    provenance: Provenance
    reason: str = ""
    caveats: tuple[Caveat, ...] = field(default=())
    beside_quiet_rest: "QuietRestBeside | None" = None
    whole: bool = True
    self_report: "SelfReport | None" = None
    resonance: "Resonance | None" = None

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.comparison/1``."""
        beside = self.beside_quiet_rest
        return {
            "schema": "biotune.comparison/1",
            "source": self.source,
            "before": self.before.name,
            "after": self.after.name,
            "before_window": {"start_s": self.before.start_s, "end_s": self.before.end_s},
            "after_window": {"start_s": self.after.start_s, "end_s": self.after.end_s},
            "window_s": self.window_s,
            "changes": {key: change.to_dict() for key, change in self.changes.items()},
            "caveats": [caveat.value for caveat in self.caveats],
            "reason": self.reason,
            "words": list(self.words),
            **({"beside_quiet_rest": beside.to_dict()} if beside else {}),
            **(self.self_report.to_dict() if self.self_report and not self.self_report.is_empty else {}),
            **({"resonance": self.resonance.to_dict()} if self.resonance else {}),
            "provenance": self.provenance.to_dict(),
        }
