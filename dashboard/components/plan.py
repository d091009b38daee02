"""One client's experiments: draw one, follow its sessions, read its result once it is done."""

import secrets
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis import experiment_words
from biotune.analysis.assignments import USUAL_REPEATS
from biotune.analysis.experiment import METRICS, Condition, Experiment, Place
from biotune.analysis.metrics import CATALOGUE
from biotune.domain import Design, PlaceState
from biotune.errors import UsageError
from biotune.library import Library
from dashboard import ids
from dashboard.components import notices
from dashboard.components.panel import panel
from dashboard.components.pressed import was_pressed

_MOST_SEED = 2**31
_DESIGNS = (
    (Design.ALTERNATING, "Alternating: any order"),
    (Design.ABAB, "ABAB: four phases, changing at random"),
)
_WHAT_FOR = (
    "An experiment compares conditions within this client: each session is given its condition by chance, before "
    "anybody knows how the sessions go. That is what lets a difference be told from the time of day, from getting used "
    "to it, and from luck. The result is told when the last session has taken place, and not before."
)


def section() -> Component:
    """Return the part of a client's page; `register` fills it for the client in `ids.CLIENT_CODE`."""
    return dmc.Stack(
        [
            dcc.Store(id=ids.PLAN_CHANGED),
            dcc.Store(id=ids.PLAN_SHOWN),
            html.Div(id=ids.PLAN_SAID, role="status"),
            html.Div(id=ids.PLAN_BODY),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the part."""

    @app.callback(
        Output(ids.PLAN_BODY, "children"),
        Output(ids.PLAN_SHOWN, "data"),
        Input(ids.CLIENT_CODE, "data"),
        Input(ids.PLAN_CHANGED, "data"),
        Input(ids.REVISION, "data"),
        State(ids.PLAN_SHOWN, "data"),
        on_error=lambda error: (notices.of_error(error), None),
    )
    def tell(code: str, _changed: int | None, _revision: str | None, shown: str | None) -> tuple[object, object]:
        def standing() -> str:
            return f"{code} {library.plans.revision()} {library.cohorts.revision()}"

        if standing() == shown:
            return no_update, no_update  # what is typed is left alone
        return view(library, code), standing()  # a result that is shown for the first time is kept as shown

    @app.callback(
        Output(ids.PLAN_SAID, "children"),
        Output(ids.PLAN_CHANGED, "data"),
        Input(ids.plan_act(ALL), "n_clicks"),
        State(ids.plan_field(ALL), "value"),
        State(ids.plan_field(ALL), "id"),
        State(ids.CLIENT_CODE, "data"),
        State(ids.PLAN_CHANGED, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def act(
        _clicks: list[int | None], values: list[Any], marks: list[dict[str, str]], code: str, changed: int | None
    ) -> tuple[object, object]:
        if not was_pressed():
            return no_update, no_update  # the buttons have just come
        fields = {mark["name"]: value for mark, value in zip(marks, values, strict=True)}
        return dmc.Text(_do(library, code, ctx.triggered_id["act"], fields)), (changed or 0) + 1


def view(library: Library, code: str) -> Component:
    """Return a client's experiments, the newest first, and how to draw another where none is open."""
    found = library.plans.of(code)
    sessions = [each.id for each in library.sessions(code)]
    parts = [_experiment(each, sessions if place == 0 else ()) for place, each in enumerate(found)]
    if not found or found[0].is_done or found[0].plan.stopped:
        parts.insert(0, panel("Plan an experiment", *_form([each.name for each in library.live.plans()])))
    return dmc.Stack(parts, gap="md")


def _do(library: Library, code: str, act: str, fields: dict[str, Any]) -> str:
    """Do what a button says; return what was done, in a sentence."""
    plans = library.plans
    if act == "draw":
        _draw(library, code, fields)
        return "Drawn. The order stands; it cannot be changed any more."
    if act == "stop":
        plans.stop(code)
        return "Given up. It stays on record."
    place = int(fields.get("place") or 0)
    if act == "miss":
        plans.miss(code, place)
        return f"Session {place} will not take place."
    session = fields.get("session") or ""
    if act == "assign" and not session:
        raise UsageError("which session?", hint="Choose one of this client's sessions.")
    plans.assign(code, place, session if act == "assign" else "")
    return f"{session} is session {place}." if act == "assign" else f"Session {place} is as it was."


def _draw(library: Library, code: str, fields: dict[str, Any]) -> None:
    design = Design(fields["design"])
    repeats = fields["most_repeats"]
    library.plans.draw(
        code,
        [Condition.parse(word) for word in fields["conditions"] or ()],
        design=design,
        sessions=int(fields["sessions"] or 0),
        seed=secrets.randbelow(_MOST_SEED),
        known_protocols=[each.name for each in library.live.plans()],
        most_repeats=int(repeats) if repeats and design is Design.ALTERNATING else None,
        metric=fields["metric"],
    )


def _form(protocols: Sequence[str]) -> list[Component]:
    controls = [
        dmc.TagsInput(
            id=ids.plan_field("conditions"),
            label="Conditions",
            description="Protocols; with a word of the music where it matters, such as listening:adagio.",
            data=list(protocols),
            value=["listening", "quiet-rest"],
            maxTags=4,
            flex="3 1 300px",
        ),  # fmt: skip - a control's properties read as one
        dmc.Select(
            id=ids.plan_field("design"),
            label="Order",
            data=[{"value": design.value, "label": words} for design, words in _DESIGNS],
            value=Design.ALTERNATING.value,
            allowDeselect=False,
            flex="2 1 220px",
        ),  # fmt: skip - as above
        dmc.NumberInput(
            id=ids.plan_field("sessions"), label="Sessions", value=12, min=4, max=60, hideControls=True, w=110
        ),
        dmc.NumberInput(
            id=ids.plan_field("most_repeats"),
            label="At most in a row",
            value=USUAL_REPEATS,
            min=1,
            max=10,
            hideControls=True,
            w=140,
        ),
        dmc.Select(
            id=ids.plan_field("metric"),
            label="What decides",
            data=[{"value": key, "label": CATALOGUE[key].name} for key in METRICS],
            value=METRICS[0],
            allowDeselect=False,
            w=170,
        ),  # fmt: skip - as above
    ]
    return [html.P(_WHAT_FOR), dmc.Group(controls, align="end"), _button("draw", "Draw the order", filled=True)]


def _experiment(experiment: Experiment, sessions: Sequence[str]) -> Component:
    plan = experiment.plan
    title = f"Experiment {plan.number}: {', '.join(each.label for each in plan.conditions)}"
    parts: list[Component] = [html.Div([html.P(sentence) for sentence in experiment.words], className="bt-prose")]
    parts.append(_schedule(experiment, experiment.disclosed))
    if kept_back := experiment_words.kept_back_sentence(experiment):
        whole = [html.Summary("Show the whole order"), _schedule(experiment, experiment.places)]
        parts += [html.P(kept_back), html.Details(whole, className="bt-numbers bt-noprint")]
    if sessions and not plan.stopped:
        parts.append(_by_hand(sessions, len(plan.order)))
    if not experiment.is_done and not plan.stopped:
        parts.append(_give_up())
    return panel(title, *parts)


def _schedule(experiment: Experiment, places: Sequence[Place]) -> Component:
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(text) for text in ("Place", "Condition", "State", "Session")]))
    rows = []
    for place in places:
        session: Any = dmc.Anchor(place.session, href=f"/session/{place.session}") if place.session else "–"
        state = experiment_words.state_label(place.state)
        note = " ".join(part for part in ("By hand." if place.by_hand else "", place.note) if part)
        cells = [
            str(place.number),
            experiment.plan.conditions[place.condition].label,
            dmc.Badge(state, variant="outline", color="cyan", className="bt-verdict")
            if place.state is PlaceState.NEXT
            else state,
            html.Span([session, f" {note}" if note else ""]),
        ]
        rows.append(dmc.TableTr([dmc.TableTd(cell) for cell in cells]))
    table = dmc.Table([head, dmc.TableTbody(rows)], verticalSpacing=6)
    return html.Div(table, className="bt-numbers-table", tabIndex=0)


def _by_hand(sessions: Sequence[str], places: int) -> Component:
    controls = [
        dmc.NumberInput(id=ids.plan_field("place"), label="Place", value=1, min=1, max=places, hideControls=True, w=90),
        dmc.Select(
            id=ids.plan_field("session"),
            label="Session",
            data=list(sessions),
            value=None,
            searchable=True,
            clearable=True,
            clearButtonProps={"aria-label": "No session"},
            w=150,
        ),  # fmt: skip - a control's properties read as one
        _button("assign", "Put it there"),
        _button("miss", "Will not take place"),
        _button("undo", "As it was"),
    ]
    told = (
        "Sessions find their places by themselves, by client and protocol. Where that went wrong, set it right here "
        "before the result is told: a change after that leaves no p-value."
    )
    return html.Details(
        [html.Summary("Change a place by hand"), html.P(told), dmc.Group(controls, align="end")],
        className="bt-numbers bt-noprint",
    )


def _give_up() -> Component:
    told = "It stays on record without a result. This cannot be taken back."
    return html.Details(
        [html.Summary("Give this experiment up"), html.P(told), _button("stop", "Give it up for good")],
        className="bt-numbers bt-noprint",
    )


def _button(act: str, words: str, *, filled: bool = False) -> Component:
    return dmc.Button(words, id=ids.plan_act(act), variant="filled" if filled else "default", w="fit-content")
