"""The sentences that tell what is left of a change once the client's own drift at quiet rest is taken off."""

from typing import TYPE_CHECKING

from biotune.analysis import words
from biotune.analysis.retest import LEAST_SESSIONS

if TYPE_CHECKING:
    from biotune.analysis.quiet_rest import BesideRest, QuietRestBeside


def sentences(beside: "QuietRestBeside") -> tuple[str, ...]:
    """Tell what is left of the headline changes once the client's drift at quiet rest is taken off.

    Parameters
    ----------
    beside : QuietRestBeside
        Its own `words` are not looked at.

    Returns
    -------
    tuple of str
        A sentence or two a metric.
    """
    told = [
        _beside_rest(words.metric_name(key), beside.changes[key]) for key in words.HEADLINE if key in beside.changes
    ]
    if told and (others := len(beside.other_posture)):
        which = "it" if len(beside.sessions) == 1 else "all of them" if others == len(beside.sessions) else f"{others}"
        told.append(
            f"In {which}{' of them' if which.isdigit() else ''} the client sat or lay otherwise than in this session: "
            "rest may drift differently then."
        )
    return tuple(told)


def _beside_rest(name: str, each: "BesideRest") -> str:
    times = each.sessions
    where = f"In {'one quiet-rest session' if times == 1 else f'{times} quiet-rest sessions'} of this client"
    drift = (
        f"{where}, {_lower_first(name)} changed by {words.estimate_phrase(each.kind, each.unit, each.drift)} on average"
    )
    if times == 1:
        drift = drift.removesuffix(" on average")
    if each.beyond is None:
        return (
            f"{drift}. How far that differs from one session to the next is not known yet, "
            f"so it is not taken off; {LEAST_SESSIONS} quiet-rest sessions tell."
        )
    left = f"Taken off, a change of {words.estimate_phrase(each.kind, each.unit, each.beyond)} is left"
    if each.exceeds:
        return f"{drift}. {left}: more than resting alone explains."
    if times < LEAST_SESSIONS:
        return f"{drift}. {left}: that few sessions of quiet rest cannot rule out that resting alone explains it."
    return f"{drift}. {left}: resting alone may explain it."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
