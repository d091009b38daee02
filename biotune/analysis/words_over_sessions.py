"""The sentences that tell a client's sessions together. Neutral, as in `words`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from biotune.analysis.retest import LEAST_FOR_TREND, LEAST_SESSIONS
from biotune.analysis.words import estimate_phrase
from biotune.domain import Trend

if TYPE_CHECKING:
    from biotune.analysis.progress import Band, Course, Progress
    from biotune.analysis.response import Ranking, Responses

TOO_SHORT = "it sounded for less than a minute"
END_NOT_LOGGED = "its end was not logged"
NOT_COMPARABLE = "its minutes cannot be compared with the baseline"
NOT_ENOUGH = "not enough plays yet"
NOT_ENOUGH_SESSIONS = "not enough sessions yet"
CAUSE = (
    "What went with a piece or an approach need not come from it: the time of day and the order differ too. "
    "A planned, randomised schedule can tell."
)
_PLURAL = {"piece": "the pieces", "approach": "the approaches"}
_NAMES = {"mean_hr": "heart rate", "rmssd": "beat-to-beat variation (RMSSD)", "breathing_rate": "breathing rate"}
_APPROACHES = {
    "": "Other",
    "guided-imagery": "Guided imagery and music",
    "muscle-relaxation": "Music-assisted muscle relaxation",
    "relaxation": "Music-assisted relaxation",
    "quiet-rest": "Quiet rest",
}


def approach(name: str) -> str:
    """Return an approach as people read it.

    Examples
    --------
    >>> approach("guided-imagery"), approach("singing")
    ('Guided imagery and music', 'Singing')
    """
    return _APPROACHES.get(name) or name.replace("-", " ").capitalize()


def metric(key: str) -> str:
    """Return a headline metric's name within a sentence."""
    return _NAMES.get(key, key)


def of_progress(progress: "Progress") -> tuple[str, ...]:
    """Tell a client's sessions together, the most important first."""
    visits = progress.visits
    if not visits:
        return ()
    outside, within = _beside_bands(progress)
    courses = [(f"At the start of sessions, {metric(key)}", course) for key, course in progress.baselines.items()]
    courses += [(f"The change of {metric(key)} within sessions", course) for key, course in progress.responses.items()]
    known = [(what, course) for what, course in courses if course.total]
    told = [course_sentence(what, course) for what, course in known if course.trend is not Trend.NONE]
    told += [*outside, _counted(progress)]
    if within:
        lie = "lie" if len(within) > 1 else "lies"
        told.append(f"Of the latest baseline, {_and(within)} {lie} within what earlier ones let expect.")
    told += _no_trend(progress)
    if not known:
        told.append(f"No trend is told from fewer than {LEAST_FOR_TREND} sessions.")
    return tuple(told)


def _beside_bands(progress: "Progress") -> tuple[list[str], list[str]]:
    """Return a sentence for each latest baseline that is not as expected, and the names of those that are."""
    outside, within = [], []
    for key in progress.baselines:
        latest = next(((v, n) for n, v in reversed(list(enumerate(progress.visits))) if key in v.baseline), None)
        if latest is None or not (band := progress.bands[key][latest[1]]):
            continue
        level = latest[0].baseline[key]
        if band.low <= level.value <= band.high:
            within.append(metric(key))
        else:
            outside.append(_beside_band(key, level.value, level.unit, band))
    return outside, within


def _no_trend(progress: "Progress") -> list[str]:
    """Tell in one sentence what has no clear trend; where there is nothing of that kind, in none."""
    told = []
    for courses, where in ((progress.baselines, "at the start of sessions"), (progress.responses, "in its change")):
        if names := [metric(key) for key, each in courses.items() if each.total and each.trend is Trend.NONE]:
            told.append(f"{_and(names)} {where if len(names) == 1 else where.replace('its', 'their')}")
    return [f"No clear trend over sessions: {'; '.join(told)}."] if told else []


def _and(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _counted(progress: "Progress") -> str:
    visits = [visit for visit in progress.visits if not visit.copy_of]
    copies = "".join(
        f" {visit.session} is {visit.problem} and is not counted." for visit in progress.visits if visit.copy_of
    )
    rest = sum(visit.quiet_rest for visit in visits)
    compared = sum(bool(visit.changes) for visit in visits)
    quiet = f", {rest} of quiet rest among them" if rest else ""
    count = "One session" if len(visits) == 1 else f"{len(visits)} sessions"
    missing = len(visits) - compared
    which = "It" if len(visits) == 1 else "One" if missing == 1 else str(missing)
    without = f" {which} cannot be compared before and after." if missing else ""
    return f"{count}{quiet}.{without}{copies}"


def _beside_band(key: str, value: float, unit: str, band: "Band") -> str:
    where = "within" if band.low <= value <= band.high else "below" if value < band.low else "above"
    decimals, unit = 1 if unit == "1/min" else 0, _unit(unit)
    of = f"the {band.low:.{decimals}f} to {band.high:.{decimals}f} {unit} expected from {band.sessions} earlier ones"
    return f"The latest baseline's {metric(key)}, {value:.{decimals}f} {unit}, lies {where} {of}."


def course_sentence(what: str, course: "Course") -> str:
    """Tell a course over sessions."""
    if course.total is None:
        sessions = "one session" if course.sessions == 1 else f"{course.sessions} sessions"
        return f"{what}: no trend is told from {sessions}; it takes {LEAST_FOR_TREND}."
    phrase = (
        f"{estimate_phrase(course.kind, course.unit, course.total)} from the first to the last of {course.sessions}"
    )
    if course.trend is Trend.NONE:
        return f"{what} shows no clear trend: {phrase}."
    return f"{what} {'rose' if course.trend is Trend.RISING else 'fell'} over sessions: {phrase}."


def trend_label(course: "Course") -> str:
    """Return a trend as a label of two or three words."""
    labels = {
        Trend.TOO_FEW: "Too few sessions",
        Trend.NONE: "No clear trend",
        Trend.RISING: "Rising",
        Trend.FALLING: "Falling",
    }
    return labels[course.trend]


def of_responses(responses: "Responses", *, rested: bool = False) -> tuple[str, ...]:
    """Tell what a client responds to, or why that cannot be told yet."""
    told = []
    for what, rankings, missing in (
        ("piece", responses.pieces, NOT_ENOUGH),
        ("approach", responses.approaches, NOT_ENOUGH_SESSIONS),
    ):
        ranking = rankings.get("mean_hr")
        if ranking:
            told.append(_ranked(what, ranking, missing))
    if rested and responses.approaches:
        told.append("Quiet rest is not listed among the approaches: its sessions are the yardstick of the others.")
    left = sum(responses.left_out.values())
    if left:
        reasons = "; ".join(sorted(responses.left_out))
        told.append(f"{left} {'play is' if left == 1 else 'plays are'} left out: {reasons}.")
    return (*told, CAUSE) if told else ()


def _ranked(what: str, ranking: "Ranking", missing: str) -> str:
    enough = [each for each in ranking.responses if each.enough]
    if not enough:
        most = max(each.sessions for each in ranking.responses)
        needed = f"of none are there {LEAST_SESSIONS} sessions, the most are {most}"
        return f"Response to each {what}: {missing} ({needed})."
    first = enough[0]
    phrase = estimate_phrase(ranking.kind, ranking.unit, first.estimate)
    if len(enough) == 1:
        return f"With {first.title}, the only {what} seen in enough sessions ({first.sessions}), heart rate: {phrase}."
    told = f"Of {_PLURAL[what]}, the lowest heart rate against that day's baseline went with {first.title}: {phrase}"
    told += f", {first.sessions} sessions."
    if first.estimate.high >= enough[1].estimate.low:
        told += f" The intervals of it and of the next, {enough[1].title}, overlap: their order may be chance."
    return told


def _unit(unit: str) -> str:
    return "breaths a minute" if unit == "1/min" else unit
