"""What one session contributes to a group or an experiment: each metric before and after, and nothing larger."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from biotune.analysis.results import Change, Comparison
from biotune.domain import Caveat, ChangeKind, Exclusion, Verdict

CONTROL = "quiet-rest"  # the approach that everything else is held against


@dataclass(frozen=True, slots=True)
class Outcome:
    """One metric of one session; as `Change`, without what only a single session needs."""

    kind: ChangeKind
    unit: str
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    caveats: tuple[Caveat, ...] = ()

    @property
    def moved(self) -> float | None:
        """The change on the scale on which changes are averaged: a difference, or the logarithm of a ratio."""
        if self.verdict is Verdict.NOT_COMPARABLE or self.before is None or self.after is None:
            return None
        scale = scale_of(self.kind)
        return scale(self.after) - scale(self.before)

    @classmethod
    def of(cls, change: Change) -> "Outcome":
        """Take over what a comparison found."""
        return cls(
            change.kind,
            change.unit,
            change.before,
            change.after,
            change.low,
            change.high,
            change.verdict,
            change.caveats,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
            "low": self.low,
            "high": self.high,
            "verdict": self.verdict.value,
            "caveats": [caveat.value for caveat in self.caveats],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Outcome":
        """Read `to_dict`'s form."""
        return cls(
            ChangeKind(document["kind"]),
            document["unit"],
            document["before"],
            document["after"],
            document["low"],
            document["high"],
            Verdict(document["verdict"]),
            tuple(Caveat(word) for word in document["caveats"]),
        )


@dataclass(frozen=True, slots=True)
class SessionChange:
    """One session, before and after.

    Attributes
    ----------
    source : str
        ``S12``, or a file's name.
    client : str
        The client's code; empty where there is none.
    approach : str
        What was done, as `progress.approach` names it, or else the protocol; empty where neither is known.
    started : datetime or None
        When; None for a file that does not say.
    before, after : str
        Names of the windows compared; empty where none were.
    window_s : float
        Length of either.
    outcomes : mapping of str to Outcome
        By metric key; empty where nothing could be compared.
    excluded : Exclusion or None
        Why the whole session counts for nothing; None where it counts.
    why : str
        The same in words.
    log_sha256 : str
        As `Recording.log_sha256`; empty where nothing was compared.
    """

    source: str
    client: str
    approach: str
    started: datetime | None
    before: str = ""
    after: str = ""
    window_s: float = 0.0
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    excluded: Exclusion | None = None
    why: str = ""
    log_sha256: str = ""

    @property
    def order(self) -> tuple[str, str, float, str]:
        """By what sessions are put in order, whoever measured which first."""
        return self.client, self.approach, self.started.timestamp() if self.started else 0.0, self.source

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "client": self.client,
            "approach": self.approach,
            "started": self.started.isoformat() if self.started else None,
            "before": self.before,
            "after": self.after,
            "window_s": self.window_s,
            "outcomes": {key: outcome.to_dict() for key, outcome in self.outcomes.items()},
            "excluded": self.excluded.value if self.excluded else None,
            "why": self.why,
            "log_sha256": self.log_sha256,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "SessionChange":
        """Read `to_dict`'s form."""
        return cls(
            source=document["source"],
            client=document["client"],
            approach=document["approach"],
            started=datetime.fromisoformat(document["started"]) if document["started"] else None,
            before=document["before"],
            after=document["after"],
            window_s=document["window_s"],
            outcomes={key: Outcome.from_dict(outcome) for key, outcome in document["outcomes"].items()},
            excluded=Exclusion(document["excluded"]) if document["excluded"] else None,
            why=document["why"],
            log_sha256=document["log_sha256"],
        )


def of_comparison(compared: Comparison, *, client: str, approach: str, started: datetime | None) -> SessionChange:
    """Return what a compared session contributes.

    Parameters
    ----------
    compared : Comparison
        Its default windows.
    client, approach, started
        As in `SessionChange`.
    """
    outcomes = {key: Outcome.of(change) for key, change in compared.changes.items()}
    loud = outcomes and all(outcome.moved is None for outcome in outcomes.values())
    return SessionChange(
        source=compared.source,
        client=client,
        approach=approach,
        started=started,
        before=compared.before.name,
        after=compared.after.name,
        window_s=compared.window_s,
        outcomes=outcomes,
        excluded=Exclusion.NOT_COMPARABLE if loud else None,
        why=compared.reason or "no metric could be compared" if loud else "",
        log_sha256=compared.provenance.log_sha256,
    )


def each_once(changes: Sequence[SessionChange]) -> list[SessionChange]:
    """Leave out what is the same recording as another: it is one sitting, however often it was brought in.

    Parameters
    ----------
    changes : sequence of SessionChange
        In any order, which is kept.

    Returns
    -------
    list of SessionChange
        Of those that count and have the same log, the one with the lowest number counts.
    """
    counted: dict[str, str] = {}
    for each in sorted(changes, key=lambda each: (len(each.source), each.source)):
        if each.log_sha256 and each.client and each.excluded is None:
            counted.setdefault(each.log_sha256, each.source)
    return [_once(each, counted.get(each.log_sha256, each.source)) for each in changes]


def _once(each: SessionChange, counted: str) -> SessionChange:
    if each.source == counted or each.excluded is not None:
        return each
    return replace(each, excluded=Exclusion.SAME_RECORDING, why=f"it is the same recording as {counted}")


def scale_of(kind: ChangeKind) -> Callable[[float], float]:
    """Return how values become such that changes are differences: as they are, or their logarithm."""
    return math.log if kind is ChangeKind.RATIO else float


def back_of(kind: ChangeKind) -> Callable[[float], float]:
    """Return the way back from that scale."""
    return math.exp if kind is ChangeKind.RATIO else float
