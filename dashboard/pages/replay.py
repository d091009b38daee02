"""``/replay/<id>``: a session again, at any speed, with a cursor; markers and phases can be set right."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis import played
from biotune.analysis.played import Play
from biotune.domain import Marker
from biotune.errors import BiotuneError
from biotune.library import Library, Overview
from dashboard import ids, regional, theme
from dashboard.components import footing, graph, notices, session_list
from dashboard.components.panel import panel
from dashboard.figures import tachogram

SPEEDS = ("0.5", "1", "2", "4", "10", "30", "60")
_KEYS = (
    "Keys: space plays and pauses, ← → move by 5 seconds, Page Up and Page Down by a minute, Home and End go to either "
    "end, + and − change the speed."
)
_BUTTONS = (("start", "To the start"), ("back", "Back 5 s"), ("play", "Play"), ("on", "On 5 s"))


def layout(library: Library, session_id: str) -> Component:
    """Return the page; raises as `Library.overview`."""
    summary = library.store.summary(session_id.partition("/")[0])
    client = f" · Client {summary.client}" if summary.client else ""
    return dmc.Stack(
        [
            dmc.Anchor(
                dmc.Group([notices.icon("back"), f"Session {session_id}"], gap=6),
                href=f"/session/{session_id}",
                w="fit-content",
                className="bt-noprint",
            ),
            html.Div(
                [
                    html.H1(f"Replay of session {session_id}{client}", tabIndex=-1, className=regional.OWN),
                    dmc.Text([*session_list.when(summary), f" · {session_list.protocol(summary)}".rstrip(" ·")]),
                ]
            ),
            dcc.Store(id=ids.REPLAY_SESSION, data=session_id),
            dcc.Store(id=ids.REPLAY_ASKED),
            dcc.Store(id=ids.REPLAY_CHANGED),
            html.Div(dmc.Skeleton(h=500), id=ids.REPLAY_BODY),
            html.Div(id=ids.REPLAY_SAID, role="status"),
            html.Div(id=ids.REPLAY_MARKERS),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.REPLAY_BODY, "children"),
        Input(ids.REPLAY_SESSION, "data"),
        Input(ids.REPLAY_CHANGED, "data"),
        on_error=notices.of_error,
    )
    def show(session_id: str, _changed: object) -> Component:
        return view(library.overview(session_id), played.stretches(library.recording(session_id)))

    @app.callback(
        Output(ids.REPLAY_MARKERS, "children"),
        Input(ids.REPLAY_SESSION, "data"),
        Input(ids.REPLAY_CHANGED, "data"),
        on_error=notices.of_error,
    )
    def list_markers(session_id: str, _changed: object) -> Component:
        return corrections(library, session_id)

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "setSpeed"),
        Output(ids.REPLAY_SPEED, "name"),
        Input(ids.REPLAY_SPEED, "value"),
    )
    in_browser(  # where the cursor stands is known to the browser alone
        ClientsideFunction("biotune", "askAtCursor"),
        Output(ids.REPLAY_ASKED, "data"),
        Input(ids.REPLAY_ADD, "n_clicks"),
        Input(ids.REPLAY_UNDO, "n_clicks"),
        Input(ids.replay_act(ALL, ALL), "n_clicks"),
        State(ids.REPLAY_NOTE, "value"),
        State(ids.replay_label(ALL), "value"),
        State(ids.replay_label(ALL), "id"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.REPLAY_CHANGED, "data"),
        Output(ids.REPLAY_SAID, "children"),
        Input(ids.REPLAY_ASKED, "data"),
        State(ids.REPLAY_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def correct(asked: dict[str, Any] | None, session_id: str) -> tuple[object, object]:
        if not asked or not ctx.triggered:
            return no_update, no_update
        return asked["number"], carry_out(library, session_id, asked)


def carry_out(library: Library, session_id: str, asked: dict[str, Any]) -> str:
    """Do what somebody asked of a marker or a phase, as a new line of the log; tell what was done.

    Parameters
    ----------
    library : Library
        Where the session is.
    session_id : str
        Such as ``S12``.
    asked : dict
        ``act``, ``at_s`` (where the cursor stands), ``label`` and ``line``, as far as the act needs them.
    """
    known, at_s = library.corrections, round(float(asked["at_s"]), 1)
    when = theme.clock(at_s)
    match asked["act"]:
        case "add":
            known.set_marker(session_id, str(asked["label"] or ""), at_s)
            return f"A marker was set at {when}."
        case "rename":
            known.correct_marker(session_id, int(asked["line"]), label=str(asked["label"] or ""))
            return "The marker has other words now."
        case "move":
            known.correct_marker(session_id, int(asked["line"]), at_s=at_s)
            return f"The marker stands at {when} now."
        case "remove":
            known.remove_marker(session_id, int(asked["line"]))
            return "The marker was taken back."
        case "phase":
            known.move_phase(session_id, int(asked["line"]), at_s)
            return f"The phase begins at {when} now."
        case _:
            return f"Taken back: {known.undo_last(session_id, of_beats=False)}"


def view(overview: Overview, stretches: Sequence[Play] = ()) -> Component:
    """Return the player over a session's heart rate.

    Parameters
    ----------
    overview : Overview
        The session.
    stretches : sequence of Play
        Its music, divided wherever the position in a piece jumped.
    """
    phases = [each.phase for each in overview.analysis.phases]
    drawn = graph.graph(
        tachogram.figure(overview.tachogram, phases, overview.analysis.gaps, (), overview.plays, overview.markers),
        identity="replay",
        caption="Thin line: each beat. Thick line: the mean of twenty seconds. The upright line is the cursor; a click "
        "moves it.",
        head=("Phase", "From", "To"),
        rows=[(theme.phase_title(each), theme.clock(each.start_s), theme.clock(each.end_s)) for each in phases],
    )
    return panel(
        "Heart rate, phase and music at the cursor",
        html.Div(
            [
                footing.phase_list(phases),
                html.Div([drawn, html.Div(className="bt-cursor", **notices.UNSEEN)], className="bt-stage"),
                _slider(phases[0].start_s, max(each.end_s for each in phases)),
                html.Div([*(_button(*each) for each in _BUTTONS), _speed()], className="bt-replay-controls bt-noprint"),
                _now(),
                html.P(_KEYS, className="bt-caption bt-noprint"),
                _told(overview, stretches),
            ],
            className="bt-replay",
        ),
    )


def _slider(start_s: float, end_s: float) -> Component:
    """Return the bar to scrub on; `assets/replay.js` moves it."""
    return html.Div(
        html.Div(className="bt-scrub-done"),
        className="bt-scrub bt-noprint",
        role="slider",
        tabIndex=0,
        **notices.named(
            "Where in the session",
            aria_valuemin=f"{start_s:.1f}",
            aria_valuemax=f"{end_s:.1f}",
            aria_valuenow=f"{start_s:.1f}",
            aria_valuetext=theme.clock(start_s),
        ),
    )


def _button(act: str, label: str) -> Component:
    return html.Button(label, type="button", className="bt-button", **notices.named(label, data_replay=act))


def _speed() -> Component:
    return dmc.SegmentedControl(
        id=ids.REPLAY_SPEED,
        data=[{"value": each, "label": f"{each}×"} for each in SPEEDS],
        value="1",
        size="xs",
        **notices.named("Speed"),
    )


def _now() -> Component:
    """Return what stands at the cursor; filled in by the browser."""
    cells = (
        ("time", "Time"),
        ("rate", "Heart rate"),
        ("phase", "Phase"),
        ("music", "Music"),
        ("marker", "Last marker"),
    )
    return html.Dl(
        [html.Div([html.Dt(label), html.Dd("–", className="bt-values", **_data(now=name))]) for name, label in cells],
        className="bt-at-cursor",
    )


def _data(**given: object) -> Any:  # noqa: ANN401 - Dash takes names with a hyphen only unpacked
    return {f"data-{name}": str(value) for name, value in given.items()}


def _told(overview: Overview, stretches: Sequence[Play]) -> Component:
    """Return what the browser needs to know of phases, markers and music, as hidden data; figures hold the beats."""
    phases = [
        _stretch("phase", each.phase.start_s, each.phase.end_s, theme.phase_title(each.phase))
        for each in overview.analysis.phases
    ]
    music = [
        _stretch(
            "music",
            each.start_s,
            each.end_s,
            each.title or "music",
            piece=each.piece,
            position=each.position_s,
            rate=each.rate,
            volume=each.volume,
        )
        for each in stretches
    ]
    marked = [_stretch("marker", each.time_s, each.time_s, each.label) for each in overview.markers]
    return html.Div([*phases, *music, *marked], hidden=True)


def _stretch(kind: str, start_s: float, end_s: float, words: str, **more: object) -> Component:
    times: dict[str, object] = {"kind": kind, "from": f"{start_s:.2f}", "to": f"{end_s:.2f}"}
    return html.Span(words, **_data(**times, **more))


def corrections(library: Library, session_id: str) -> Component:
    """Return the markers and phases as they stand, each with what can be done about it."""
    markers = library.corrections.markers(session_id)
    try:
        phases = library.corrections.phases(session_id)
    except BiotuneError:
        phases = ()
    begun = [
        html.Li(
            [
                f"{theme.title(each.name)} begins at {theme.clock(each.start_s)}",
                " (corrected) " if each.corrected else " ",
                _act("phase", each.line, "Begin it at the cursor", f"Begin it at the cursor: {each.name}"),
            ]
        )
        for each in phases
    ]
    add = dmc.Group(
        [
            dmc.TextInput(
                id=ids.REPLAY_NOTE, label="New marker", placeholder="What happened", debounce=True, flex="1 1 14rem"
            ),
            dmc.Button("Set it at the cursor", id=ids.REPLAY_ADD, leftSection=notices.icon("flag")),
            dmc.Button("Undo the last correction", id=ids.REPLAY_UNDO, variant="default"),
        ],
        align="end",
    )
    told: Component = (
        html.Ul([html.Li(_marker(each), className="bt-marker") for each in markers], className="bt-plain-list")
        if markers
        else html.P("No markers yet. Play to where something happened, and set one there.")
    )
    note = html.P(
        "A correction is a new line of the log; what was recorded is never changed.", className="bt-caption bt-noprint"
    )
    inside = [told, add, *([html.H3("Phases"), html.Ul(begun, className="bt-plain-list")] if begun else []), note]
    return panel("Markers and phases", *inside)


def _marker(marker: Marker) -> Component:
    at = theme.clock(marker.time_s)
    go = html.Button(
        at, type="button", className="bt-link", **notices.named(f"Go to {at}", data_go=f"{marker.time_s:.2f}")
    )
    words = dmc.TextInput(
        id=ids.replay_label(marker.line),
        value=marker.label,
        debounce=True,
        flex="1 1 12rem",
        **notices.named(f"Words of the marker at {at}"),
    )
    acts = (("rename", "Save words"), ("move", "Move to the cursor"), ("remove", "Remove"))
    buttons = [_act(act, marker.line, label, f"{label}: marker at {at}") for act, label in acts]
    return dmc.Group([go, words, *buttons], gap="xs")


def _act(act: str, line: int, label: str, spoken: str) -> Component:
    return dmc.Button(
        label, id=ids.replay_act(act, line), variant="default", size="xs", **notices.named(spoken)
    )  # fmt: skip - one button
