"""A client's sessions together, as plain text for a terminal."""

from collections.abc import Mapping

from biotune.analysis import progress as over_sessions
from biotune.analysis import response, words
from biotune.analysis import words_over_sessions as telling
from biotune.report.text import NOT_MEDICAL, table

_HEADS = {"mean_hr": "heart rate, bpm", "rmssd": "RMSSD, ms", "breathing_rate": "breathing, 1/min"}


def progress(progress: over_sessions.Progress, responses: response.Responses) -> str:
    """Tell a client over sessions: sentences first, then a line a session, then what went with what.

    Parameters
    ----------
    progress : Progress
        From `Library.progress`.
    responses : Responses
        From `Library.responses`.
    """
    if not progress.visits:
        return f"There is no session of {progress.client} yet."
    parts = [f"Client {progress.client}", "", *progress.words, "", "Where sessions began (95 % interval)", ""]
    parts += [_baselines(progress), "", "What changed in them (95 % interval)", "", _changes(progress)]
    if rated := _ratings(progress):
        parts += ["", "What the client said, before → after (0 to 100)", "", rated]
    for title, rankings, missing in (
        ("Pieces", responses.pieces, telling.NOT_ENOUGH),
        ("Approaches", responses.approaches, telling.NOT_ENOUGH_SESSIONS),
    ):
        if rankings:
            parts += ["", f"{title}: change against the same day's baseline", "", _ranked(rankings, missing)]
    parts += ["", *responses.words] if responses.words else []
    return "\n".join([*parts, "", NOT_MEDICAL])


def _visit(visit: over_sessions.Visit) -> tuple[str, str, str]:
    return visit.session, visit.started.astimezone().strftime("%Y-%m-%d"), telling.approach(visit.approach)


def _baselines(progress: over_sessions.Progress) -> str:
    rows = [("session", "day", "approach", *_HEADS.values())]
    for visit in progress.visits:
        levels = [visit.baseline.get(key) for key in _HEADS]
        told = ("-" if each is None else f"{each.value:.1f} ({each.low:.1f} to {each.high:.1f})" for each in levels)
        rows.append((*_visit(visit), *told))
    return table(rows, numbers_from=3)


def _changes(progress: over_sessions.Progress) -> str:
    rows = [("session", "day", "approach", "windows", *_HEADS.values(), "heart rate")]
    for visit in progress.visits:
        if visit.problem:
            rows.append((*_visit(visit), f"not compared: {visit.problem}", *("-" for _ in _HEADS), "-"))
            continue
        told = (_short(words.change_phrase(key, visit.changes[key])) for key in _HEADS)
        verdict = words.verdict_label(visit.changes["mean_hr"].verdict)
        rows.append((*_visit(visit), " → ".join(visit.windows), *told, verdict))
    return table(rows, numbers_from=4)


def _ratings(progress: over_sessions.Progress) -> str:
    titles = {name: answer.title for visit in progress.visits for name, answer in visit.ratings.items()}
    if not titles:
        return ""
    rows = [("session", "day", "approach", *titles.values())]
    for visit in progress.visits:
        answers = [visit.ratings.get(name) for name in titles]
        told = ("-" if each is None else f"{_value(each.before)} → {_value(each.after)}" for each in answers)
        rows.append((*_visit(visit), *told))
    return table(rows, numbers_from=3)


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _ranked(rankings: Mapping[str, response.Ranking], missing: str) -> str:
    keys = [key for key in _HEADS if key in rankings]
    rows = [("", "sessions", *(_HEADS[key] for key in keys))]
    rows += [
        (each.title, str(each.sessions), *(_cell(rankings[key], each.name, missing) for key in keys))
        for each in rankings[keys[0]].responses
    ]
    return table(rows)


def _cell(ranking: response.Ranking, name: str, missing: str) -> str:
    found = next((each for each in ranking.responses if each.name == name), None)
    if found is None:
        return "-"
    return _short(words.estimate_phrase(ranking.kind, ranking.unit, found.estimate)) if found.enough else missing


def _short(phrase: str) -> str:
    """Leave out what the table's head says already."""
    for known in ("95 % interval ", " breaths a minute", " bpm"):
        phrase = phrase.replace(known, "")
    return phrase
