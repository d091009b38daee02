"""``/live/<id>``: a session while it is recorded."""

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.domain import Request
from biotune.library import Library
from biotune.live import Standing, Tail
from dashboard import ids, theme
from dashboard.components import graph, live, notices, player
from dashboard.figures import live_heart_rate

_TICK_MS = 1000
_SPEAKING = (ids.LIVE_SPOKE, ids.LIVE_MOVED, ids.LIVE_NOTE, ids.LIVE_END, ids.LIVE_STOP_YES)  # where something fails
_NEVER_MS = 24 * 3600 * 1000  # once a session is over, nothing is added to it
_HIDDEN = {"display": "none"}
_CAPTION = "The heart rate as the strap tells it, of the last three minutes. The line stops where nothing is heard."


def layout(library: Library, session_id: str) -> Component:
    """Return the page as the sitting stands.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    tail = library.live.tail(session_id)
    client = f" · Client {tail.client}" if tail.client else ""
    left = [
        _card(_timer(), html.Div(live.phase(tail.phase), id=ids.LIVE_PHASE)),
        _card(
            html.H2("Heart rate"),
            html.Div(live.rate(tail.bpm), id=ids.LIVE_RATE, className="bt-values"),
            html.Div(live.strap(tail), id=ids.LIVE_STRAP),
        ),
    ]
    music = [] if tail.standing is None else [player.region(library, session_id)]
    right = [_card(html.H2("The last three minutes"), _graph(tail)), *music, _controls(tail)]
    return dmc.Stack(
        [
            html.Div([html.H1(f"Session {session_id}{client}", tabIndex=-1), dmc.Text(theme.title(tail.protocol))]),
            dcc.Interval(id=ids.LIVE_TICK, interval=_pace_ms(tail)),
            dcc.Store(id=ids.LIVE_SESSION, data=session_id),
            dcc.Store(id=ids.LIVE_CURSOR, data=tail.cursor),
            dcc.Store(id=ids.LIVE_SHOWN, data=live.shown(tail)),
            dcc.Store(id=ids.LIVE_CLOCK, data=live.timer(tail)),
            html.Div(live.notice(tail), id=ids.LIVE_NOTICE, role="status"),
            html.Div([dmc.Stack(left), dmc.Stack(right)], className="bt-live"),
            _confirmation(),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.LIVE_CURSOR, "data"),
        Output(ids.LIVE_GRAPH, "extendData"),
        Output(ids.LIVE_RATE, "children"),
        Output(ids.LIVE_CLOCK, "data"),
        Output(ids.LIVE_PHASE, "children"),
        Output(ids.LIVE_STRAP, "children"),
        Output(ids.LIVE_NOTICE, "children"),
        Output(ids.LIVE_MARKERS, "children"),
        Output(ids.LIVE_CONTROLS, "style"),
        Output(ids.LIVE_TICK, "interval"),
        Output(ids.LIVE_SHOWN, "data"),
        Input(ids.LIVE_TICK, "n_intervals"),
        State(ids.LIVE_SESSION, "data"),
        State(ids.LIVE_CURSOR, "data"),
        State(ids.LIVE_SHOWN, "data"),
        # a machine that is busy answers late: the next question waits, or each would cancel the one before it
        running=[(Output(ids.LIVE_TICK, "disabled"), True, False)],
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def follow(_ticks: int, session_id: str, cursor: int, before: list[str]) -> tuple[object, ...]:
        tail = library.live.tail(session_id, after=cursor)
        shown = live.shown(tail)
        regions = (live.phase(tail.phase), live.strap(tail), live.notice(tail), live.markers(tail.markers))
        return (
            tail.cursor,
            live_heart_rate.extension(tail.points) if tail.points else no_update,
            live.rate(tail.bpm),
            live.timer(tail),
            *(no_update if now == then else region for region, now, then in zip(regions, shown, before, strict=True)),
            {} if tail.standing is Standing.RECORDED else _HIDDEN,
            _pace_ms(tail),
            shown,
        )

    _register_actions(app, library)
    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "setTimer"), Output(ids.LIVE_TIMER, "title"), Input(ids.LIVE_CLOCK, "data")
    )
    in_browser(
        ClientsideFunction("biotune", "confirm"),
        Output(ids.LIVE_CONFIRM, "title"),
        Input(ids.LIVE_STOP, "n_clicks"),
        Input(ids.LIVE_STOP_YES, "n_clicks"),
        Input(ids.LIVE_STOP_NO, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_actions(app: Dash, library: Library) -> None:
    """Connect the buttons, each by a callback of its own: of two quick triggers of one, Dash answers the last."""
    actions: dict[str, Callable[[str], object]] = {
        ids.LIVE_SPOKE: lambda session_id: library.live.mark(session_id, live.SPOKE),
        ids.LIVE_MOVED: lambda session_id: library.live.mark(session_id, live.MOVEMENT),
        ids.LIVE_END: lambda session_id: library.live.request(session_id, Request.END_PHASE),
        ids.LIVE_STOP_YES: lambda session_id: library.live.request(session_id, Request.STOP),
    }
    for identity, do in actions.items():

        @app.callback(
            Output(ids.said(identity), "children"),
            Input(identity, "n_clicks"),
            State(ids.LIVE_SESSION, "data"),
            prevent_initial_call=True,
            on_error=notices.of_error,
        )
        def act(_clicks: int, session_id: str, do: Callable[[str], object] = do) -> None:
            do(session_id)

    @app.callback(
        Output(ids.said(ids.LIVE_NOTE), "children"),
        Output(ids.LIVE_NOTE, "value"),
        Input(ids.LIVE_ADD, "n_clicks"),
        Input(ids.LIVE_NOTE, "n_submit"),
        State(ids.LIVE_NOTE, "value"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (notices.of_error(error), no_update),
    )
    def note(_clicks: int, _enters: int, text: str | None, session_id: str) -> tuple[None, str]:
        library.live.mark(session_id, text or "")
        return None, ""


def _pace_ms(tail: Tail) -> int:
    return _TICK_MS if tail.standing is not None else _NEVER_MS


def _trouble(error: Exception) -> tuple[object, ...]:
    return (*(no_update,) * 6, notices.of_error(error), *(no_update,) * 4)


def _card(*inside: Component) -> Component:
    return dmc.Paper(dmc.Stack(list(inside), gap="sm"), p="lg", withBorder=True, className="bt-card")


def _timer() -> Component:
    """Return where ``assets/live.js`` draws the timer."""
    return html.Div(
        html.Div(
            [html.Div(className="bt-timer-text", role="timer"), html.Div(className="bt-timer-what")],
            className="bt-timer-face",
        ),
        id=ids.LIVE_TIMER,
        className="bt-timer",
    )


def _graph(tail: Tail) -> Component:
    return html.Figure(
        [
            dcc.Graph(
                id=ids.LIVE_GRAPH,
                figure=live_heart_rate.figure(tail.points),
                config=graph.CONFIG,
                className="bt-graph",
                responsive=True,
                style={"height": f"{live_heart_rate.HEIGHT_PX}px"},
            ),  # fmt: skip - a control's properties read as one
            html.Figcaption(_CAPTION, className="bt-caption"),
        ],
        className="bt-figure",
    )


def _controls(tail: Tail) -> Component:
    marks = [
        dmc.Button(label, id=identity, variant="default", leftSection=notices.icon("flag"))
        for identity, label in ((ids.LIVE_SPOKE, live.SPOKE), (ids.LIVE_MOVED, live.MOVEMENT))
    ]
    note = dmc.Group(
        [
            # debounced, Enter sends the text together with itself; else a quick Enter is faster than the text
            dmc.TextInput(id=ids.LIVE_NOTE, label="Note", value="", debounce=True, flex="1 1 200px", maw=420),
            dmc.Button("Add note", id=ids.LIVE_ADD, variant="default", leftSection=notices.icon("flag")),
        ],
        align="end",
    )
    ends = dmc.Group(
        [
            dmc.Button("End phase", id=ids.LIVE_END, variant="outline"),
            dmc.Button("Stop and save", id=ids.LIVE_STOP),
        ],
        justify="flex-end",
    )
    return html.Div(
        _card(
            html.H2("Markers"),
            dmc.Group(marks),
            note,
            html.Div(live.markers(tail.markers), id=ids.LIVE_MARKERS, role="status"),
            ends,
            html.Div([html.Div(id=ids.said(each)) for each in _SPEAKING], role="status"),
        ),
        id=ids.LIVE_CONTROLS,
        style={} if tail.standing is Standing.RECORDED else _HIDDEN,
    )


def _confirmation() -> Component:
    heading = f"{ids.LIVE_CONFIRM}-heading"
    named: Any = {"aria-labelledby": heading}
    answers = [
        dmc.Button("Go on recording", id=ids.LIVE_STOP_NO, variant="default"),
        dmc.Button("Stop and save", id=ids.LIVE_STOP_YES),
    ]
    return html.Dialog(
        dmc.Stack(
            [
                html.H2("Stop this session?", id=heading),
                dmc.Text("What was recorded is kept. The session cannot be taken up again."),
                dmc.Group(answers, justify="flex-end"),
            ]
        ),
        id=ids.LIVE_CONFIRM,
        className="bt-dialog",
        **named,
    )
