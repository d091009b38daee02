"""What people say of themselves and what is measured by hand: large sliders, and what was said before and after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis.self_report import Answer, SelfReport, how_to_read
from biotune.domain import RatingGiven, ReadingGiven, ScoreGiven
from biotune.domain.self_report import READINGS, SCALES, Scale
from biotune.errors import UsageError
from biotune.library import Library
from dashboard import ids, regional
from dashboard.components import notices, opening
from dashboard.components.panel import panel

GROUP = "session"
_FORM = "ratings"
QUESTIONNAIRES = ("STAI-6", "STAI state", "PANAS positive", "PANAS negative", "Pain, visual scale", "WHO-5")
_UNTOUCHED = 50.5  # between two answers, so that the middle too is a move


def sliders(group: str, scales: Sequence[str], given: Mapping[str, float]) -> Component:
    """Return a large slider for each scale.

    Parameters
    ----------
    group : str
        Which of a page's sets of sliders it is; see `ids.rating`.
    scales : sequence of str
        Which ones.
    given : mapping of str to float
        What was answered already.
    """
    return html.Div([_slider(group, scale, given.get(scale.key)) for scale in SCALES if scale.key in scales])


def _slider(group: str, scale: Scale, given: float | None) -> Component:
    touched = given is not None
    head = [
        html.Div([html.B(scale.title), dmc.Text(scale.question, size="sm")]),
        dmc.Group(
            [
                html.Span(
                    f"{given:.0f}" if touched else "not given",
                    id=ids.rating_told(group, scale.key),
                    className="bt-rating-value",
                    role="status",
                ),
                dmc.Button(
                    "Take back",
                    id=ids.rating_back(group, scale.key),
                    variant="subtle",
                    size="compact-sm",
                    style={} if touched else {"visibility": "hidden"},
                    **notices.named(f"Take back {scale.title.lower()}"),
                ),
            ],
            gap="xs",
        ),
    ]
    ends = [html.Span(f"0 · {scale.low}"), html.Span(f"100 · {scale.high}")]
    return html.Div(
        [
            html.Div(head, className="bt-rating-head"),
            dmc.Slider(
                id=ids.rating(group, scale.key),
                value=given if touched else _UNTOUCHED,
                min=0,
                max=100,
                step=1,
                precision=0,
                size="xl",
                thumbSize=34,
                label=None,
                thumbLabel=f"{scale.title}, 0 {scale.low} to 100 {scale.high}",
                className="bt-rating" if touched else "bt-rating bt-rating-untouched",
            ),
            html.Div(ends, className="bt-rating-ends", **notices.UNSEEN),
            dcc.Store(id=ids.rating_given(group, scale.key), data=given),
        ],
        className="bt-rating-box",
    )


def given_of(values: Sequence[float | None], marks: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """Return what was answered, by scale, from the stores beside the sliders and their ids."""
    return {mark["scale"]: float(value) for value, mark in zip(values, marks, strict=True) if value is not None}


# ---------------------------------------------------------------- a session's own


def section(library: Library, session_id: str) -> Component:
    """Return what was said in a session, and the way to say more."""
    return panel(
        "What was said, and measured by hand",
        dcc.Store(id=ids.RATINGS_SESSION, data=session_id),
        html.Div(shown(library.self_report(session_id)), id=ids.RATINGS_SHOWN),
        opening.part("Add or change ratings, a score, a reading", _FORM, id=ids.RATINGS_FORM),
        html.Div(id=ids.RATINGS_SAID, role="status"),
        identity="ratings",
    )


def form(library: Library, session_id: str) -> Component:
    """Return the sliders and fields of a session's section."""
    when = dmc.SegmentedControl(
        id=ids.RATINGS_WHEN,
        value="after",
        data=[{"value": "before", "label": "Before"}, {"value": "after", "label": "After"}],
        **notices.named("Before or after the session"),
    )
    return dmc.Stack(
        [
            html.Div(when),
            sliders(GROUP, [scale.key for scale in SCALES], {}),
            dmc.Group([dmc.Button("Keep the ratings", id=ids.RATINGS_KEEP)]),
            score_fields(ids.RATINGS_SCORE, ids.RATINGS_SCORE_VALUE, keep=ids.RATINGS_SCORE_KEEP),
            _reading_fields(library, session_id),
        ],
        gap="md",
    )


def shown(report: SelfReport) -> Component:
    """Tell what was said before and after, in a table; a difference is one person's word, and no verdict."""
    if report.is_empty:
        return dmc.Text("Nothing was said in this session so far.", c="dimmed", className="bt-nothing")
    parts: list[Component] = []
    answers = [*report.ratings, *report.scores]
    if answers:
        between = ("In between",) if any(each.during for each in answers) else ()
        words = ("Scale", "Before", *between, "After", "Difference")
        head = dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in words]))
        rows = [_row(each, between=bool(between)) for each in answers]
        body = dmc.TableTbody([dmc.TableTr([dmc.TableTd(cell) for cell in row]) for row in rows])
        table = dmc.Table([head, body], verticalSpacing=6, className="bt-anywhere")
        parts.append(html.Div(table, className="bt-numbers-table", tabIndex=0))
        parts.append(html.P(how_to_read(answers), className="bt-caption"))
    rest = [line for line in report.words if line not in {each.words for each in answers}]
    if rest:
        parts.append(html.Ul([html.Li(regional.moments(line)) for line in rest], className="bt-anywhere"))
    told = dmc.Stack(parts, gap="sm")
    return _away_while_rating(told) if _asks_for_after(report) else told


def _asks_for_after(report: SelfReport) -> bool:
    """Tell whether ratings of before are there and none of after."""
    given = report.ratings
    return any(each.before is not None for each in given) and all(each.after is None for each in given)


def _away_while_rating(told: Component) -> Component:
    """Return what was said before so that it is out of sight while the sliders are open: it would draw answers near."""
    why = "What was said before comes back when the ratings are kept: in sight of it, people answer nearer to it."
    return html.Div([html.Div(told, className="bt-said-before"), html.P(why, className="bt-caption bt-said-hidden")])


def _row(each: Answer, *, between: bool) -> tuple[str, ...]:
    during = (each.words_of_during or "–",) if between else ()
    return each.title, _number(each.before), *during, _number(each.after), each.difference


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def score_fields(name: str, value: str, *, keep: str = "", score: tuple[str, float] | None = None) -> Component:
    """Return the fields for a questionnaire's score; with a button of that id, where it is kept at once."""
    fields = [
        dmc.Autocomplete(
            id=name,
            label="Questionnaire",
            description="Its score as a number; its items are licensed.",
            data=list(QUESTIONNAIRES),
            value=score[0] if score else "",
            debounce=True,
        ),
        dmc.NumberInput(id=value, label="Score", value=score[1] if score else "", debounce=True, hideControls=True),
    ]
    button = [dmc.Button("Keep the score", id=keep, variant="default")] if keep else []
    return html.Div([*fields, *button], className="bt-fields")


def _reading_fields(library: Library, session_id: str) -> Component:
    data = [{"value": each.key, "label": f"{each.title} ({each.unit})"} for each in READINGS]
    return html.Div(
        [
            dmc.Select(id=ids.RATINGS_READING, label="Reading", data=data, value=READINGS[0].key, allowDeselect=False),
            dmc.NumberInput(id=ids.RATINGS_READING_VALUE, label="Value", value="", debounce=True, hideControls=True),
            dmc.TextInput(
                id=ids.RATINGS_READING_TAKEN,
                label="Taken at",
                description="Day and time, here.",
                value=_local(library, session_id),
                debounce=True,
                inputProps={"type": "datetime-local"},  # the browser's own field, in its own form
            ),
            dmc.Button("Keep the reading", id=ids.RATINGS_READING_KEEP, variant="default"),
        ],
        className="bt-fields",
    )


def _local(library: Library, session_id: str) -> str:
    """Write when a session's last line was written, in this machine's time."""
    last = library.store.last_line(session_id)
    return f"{datetime.fromtimestamp(last.stamp.utc_ns / 1e9).astimezone():%Y-%m-%dT%H:%M}" if last else ""


def taken(text: str) -> str:
    """Return a day and time of this machine, typed in, as ISO 8601 with its zone; empty for nothing.

    Raises
    ------
    UsageError
        Where it is none.
    """
    try:
        return datetime.fromisoformat(text.strip()).astimezone().isoformat(timespec="minutes") if text.strip() else ""
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{text[:40]!r} is no day and time", hint="Write it as 2026-05-14 10:02.") from error


def number_of(value: object, *, what: str) -> float:
    """Return a number that was typed in.

    Raises
    ------
    UsageError
        Where there is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{what} needs a number")
    return float(value)


def register(app: Dash, library: Library) -> None:
    """Connect sliders everywhere, and a session's own section."""
    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "rate"),
        Output(ids.rating_given(MATCH, MATCH), "data"),
        Output(ids.rating_told(MATCH, MATCH), "children"),
        Output(ids.rating(MATCH, MATCH), "className"),
        Output(ids.rating_back(MATCH, MATCH), "style"),
        Input(ids.rating(MATCH, MATCH), "value"),
        Input(ids.rating_back(MATCH, MATCH), "n_clicks"),
        prevent_initial_call=True,
    )

    in_browser(
        ClientsideFunction("biotune", "comeToRatings"),
        Output(ids.RATINGS_FORM, "open"),
        Input(ids.RATINGS_SESSION, "data"),
    )

    @app.callback(
        Output(ids.opened(_FORM), "children"),
        Input(ids.opening(_FORM), "data"),
        State(ids.RATINGS_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def say(_opened: object, session_id: str) -> Component:
        return form(library, session_id)

    @app.callback(
        Output(ids.RATINGS_SHOWN, "children"),
        Output(ids.RATINGS_SAID, "children"),
        Input(ids.RATINGS_KEEP, "n_clicks"),
        State(ids.rating_given(GROUP, ALL), "data"),
        State(ids.rating_given(GROUP, ALL), "id"),
        State(ids.RATINGS_WHEN, "value"),
        State(ids.RATINGS_SESSION, "data"),
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def keep_ratings(
        _clicks: int, values: list[float | None], marks: list[dict[str, str]], when: str, session_id: str
    ) -> tuple[Component, Component]:
        given = given_of(values, marks)
        if not given:
            raise UsageError("No slider was moved", hint="Move a slider, or click on it where the answer lies.")
        for scale, value in given.items():
            library.live.give(session_id, RatingGiven(scale, value, when))
        return shown(library.self_report(session_id)), _kept(f"{len(given)} ratings {when} the session")

    @app.callback(
        Output(ids.RATINGS_SHOWN, "children", allow_duplicate=True),
        Output(ids.RATINGS_SAID, "children", allow_duplicate=True),
        Input(ids.RATINGS_SCORE_KEEP, "n_clicks"),
        State(ids.RATINGS_SCORE, "value"),
        State(ids.RATINGS_SCORE_VALUE, "value"),
        State(ids.RATINGS_WHEN, "value"),
        State(ids.RATINGS_SESSION, "data"),
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def keep_score(
        _clicks: int, name: str | None, value: object, when: str, session_id: str
    ) -> tuple[Component, Component]:
        score = number_of(value, what="the score")
        library.live.give(session_id, ScoreGiven(" ".join((name or "").split()), score, when))
        return shown(library.self_report(session_id)), _kept(f"{name} {score:g}, {when}")

    @app.callback(
        Output(ids.RATINGS_SHOWN, "children", allow_duplicate=True),
        Output(ids.RATINGS_SAID, "children", allow_duplicate=True),
        Input(ids.RATINGS_READING_KEEP, "n_clicks"),
        State(ids.RATINGS_READING, "value"),
        State(ids.RATINGS_READING_VALUE, "value"),
        State(ids.RATINGS_READING_TAKEN, "value"),
        State(ids.RATINGS_SESSION, "data"),
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def keep_reading(
        _clicks: int, key: str, value: object, at: str | None, session_id: str
    ) -> tuple[Component, Component]:
        quantity = next(each for each in READINGS if each.key == key)
        entry = ReadingGiven(key, number_of(value, what="the reading"), quantity.unit, taken(at or ""))
        library.live.give(session_id, entry)
        return shown(library.self_report(session_id)), _kept(f"{quantity.title} {entry.value:g} {entry.unit}")


def _kept(what: str) -> Component:
    return dmc.Text(f"Kept: {what}.", size="sm")


def _trouble(error: Exception) -> tuple[object, Component]:
    return no_update, notices.of_error(error)
