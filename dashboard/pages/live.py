"""``/live/<id>``: a session while it is recorded."""

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update, set_props
from dash.development.base_component import Component

from biotune.domain import Request
from biotune.library import Library
from biotune.live import Standing, Tail
from dashboard import ids, regional, theme
from dashboard.components import graph, live, notices, player, sitting
from dashboard.figures import live_heart_rate

_TICK_MS = 1000
_NEVER_MS = 24 * 3600 * 1000  # once a session is over, nothing is added to it
_SHOW_MORE = "Music, markers and pacer: show"  # of large print, kept in the browser; `assets/sitting.js`
_REGIONS: tuple[Callable[[Tail], object], ...] = (  # as `live.shown` tells whether they changed
    lambda tail: live.phase(tail.phase),
    live.strap,
    live.notice,
    live.happened,
    sitting.marks,
    sitting.pacer,
    live.shades,
    sitting.rate_shown,
)
_CAPTION = "The heart rate as the strap tells it, of the last three minutes. The line stops where nothing is heard."


def layout(library: Library, session_id: str) -> Component:
    """Return the page as the sitting stands.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    tail = library.live.tail(session_id)
    over = tail.standing is None
    client = f" · Client {tail.client}" if tail.client else ""
    left = [
        _card(_timer(), html.Div(live.phase(tail.phase), id=ids.LIVE_PHASE), _ends(tail)),
        _card(
            html.H2("Heart rate"),
            html.Div(live.rate(tail.bpm), id=ids.LIVE_RATE, className="bt-values"),
            html.Div(live.strap(tail), id=ids.LIVE_STRAP),
            html.Div(sitting.calm_link(session_id), className="bt-fuller"),
        ),
    ]
    music = [] if over else [_fuller(player.region(library, session_id))]
    at_hand = html.Div(
        dmc.Stack([_pacer(tail), sitting.feedback()]),
        id=ids.LIVE_AT_HAND,
        className="bt-fuller",
        style=_at_hand(tail),
    )
    right = [_fuller(_card(html.H2("The last three minutes"), _graph(tail))), *music, _controls(tail)]
    return dmc.Stack(
        [
            html.Div(
                [
                    html.H1(f"Session {session_id}{client}", tabIndex=-1, className=regional.OWN),
                    dmc.Text(theme.title(tail.protocol)),
                ]
            ),
            dcc.Interval(id=ids.LIVE_TICK, interval=_pace_ms(tail)),
            dcc.Store(id=ids.LIVE_SESSION, data=session_id),
            dcc.Store(id=ids.LIVE_NEWS),
            dcc.Store(id=ids.LIVE_CURSOR, data=[session_id, tail.cursor]),
            dcc.Store(id=ids.LIVE_WORD),
            dcc.Store(id=ids.LIVE_SHOWN, data=[live.word(tail), *live.shown(tail)]),
            dcc.Store(id=ids.LIVE_CLOCK, data=live.timer(tail)),
            dcc.Store(id=ids.LIVE_SHADES, data=live.shades(tail)),
            dcc.Store(id=ids.LIVE_SAY_DONE),
            html.Div(
                [
                    html.Div(live.notice(tail), id=ids.LIVE_NOTICE, role="status"),
                    html.Div(id=ids.LIVE_TROUBLE, role="status"),
                ]
            ),
            player.rest(session_id),
            html.Div([dmc.Stack(left), dmc.Stack(right), at_hand], className="bt-live"),
            html.Button(_SHOW_MORE, type="button", className="bt-link bt-everything-switch"),
            _confirmation(),
            sitting.saying(tail.phase.planned.ratings if tail.phase and tail.phase.planned else ()),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.LIVE_NEWS, "data"),
        Input(ids.LIVE_TICK, "n_intervals"),
        State(ids.LIVE_CURSOR, "data"),
        # a machine that is busy answers late: the next question waits, or each would cancel the one before it
        running=[(Output(ids.LIVE_TICK, "disabled"), True, False)],
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def follow(_ticks: int, seen: tuple[str, int]) -> list[Any]:
        tail = library.live.tail(seen[0], after=seen[1])
        library.live.lead_pacer(tail)
        return live.news(tail)

    @app.callback(
        Output(ids.LIVE_PHASE, "children"),
        Output(ids.LIVE_STRAP, "children"),
        Output(ids.LIVE_NOTICE, "children"),
        Output(ids.LIVE_MARKERS, "children"),
        Output(ids.LIVE_MARKS, "children"),
        Output(ids.LIVE_PACER, "children"),
        Output(ids.LIVE_SHADES, "data"),
        Output(ids.LIVE_PACER_RATE, "value"),
        Output(ids.LIVE_CONTROLS, "style"),
        Output(ids.LIVE_AT_HAND, "style"),
        Output(ids.LIVE_ENDS, "style"),
        Output(ids.LIVE_TICK, "interval"),
        Output(ids.LIVE_SHOWN, "data"),
        Input(ids.LIVE_WORD, "data"),
        State(ids.LIVE_CURSOR, "data"),
        State(ids.LIVE_SHOWN, "data"),
        prevent_initial_call=True,
        on_error=_trouble,
    )
    def tell(_word: str, seen: tuple[str, int], before: list[str]) -> tuple[object, ...]:
        tail = library.live.tail(seen[0], after=seen[1])
        shown = live.shown(tail)
        each = zip(_REGIONS, shown, before[1:], strict=True)
        changed = (no_update if now == then else made(tail) for made, now, then in each)
        return *changed, *[_at_hand(tail)] * 3, _pace_ms(tail), [live.word(tail), *shown]

    _register_actions(app, library)
    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "news"),
        Output(ids.LIVE_CURSOR, "data"),
        Output(ids.LIVE_CLOCK, "data"),
        Output(ids.LIVE_GRAPH, "extendData"),
        Output(ids.LIVE_WORD, "data"),
        Output(ids.LIVE_TROUBLE, "children"),
        Input(ids.LIVE_NEWS, "data"),
        State(ids.LIVE_CURSOR, "data"),
        State(ids.LIVE_SHOWN, "data"),
        prevent_initial_call=True,
    )
    in_browser(
        ClientsideFunction("biotune", "setTimer"), Output(ids.LIVE_TIMER, "title"), Input(ids.LIVE_CLOCK, "data")
    )
    in_browser(
        ClientsideFunction("biotune", "shadePhases"), Output(ids.LIVE_MARKERS, "title"), Input(ids.LIVE_SHADES, "data")
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

    @app.callback(
        Output(ids.said(ids.LIVE_END), "children"),
        Input(ids.LIVE_END, "n_clicks"),
        State(ids.LIVE_SESSION, "data"),
        State(ids.LIVE_PHASE_NUMBER, "data"),  # the one that was shown when the button was pressed
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def end(_clicks: int, session_id: str, number: int) -> None:
        library.live.end_phase(session_id, number)

    @app.callback(
        Output(ids.said(ids.LIVE_STOP_YES), "children"),
        Input(ids.LIVE_STOP_YES, "n_clicks"),
        State(ids.LIVE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def stop(_clicks: int, session_id: str) -> None:
        library.live.request(session_id, Request.STOP)

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


def _at_hand(tail: Tail) -> dict[str, str]:
    """Hide what acts on a recording where nobody records."""
    return {} if tail.standing is Standing.RECORDED else theme.HIDDEN


def _pace_ms(tail: Tail) -> int:
    return _TICK_MS if tail.standing is not None else _NEVER_MS


def _trouble(error: Exception) -> object:
    """Tell why there is no news; the next news takes it away."""
    set_props(ids.LIVE_TROUBLE, {"children": notices.of_error(error)})
    return no_update


def _card(*inside: Component) -> Component:
    return dmc.Paper(dmc.Stack(list(inside), gap="sm"), p="lg", withBorder=True, className="bt-card")


def _fuller(part: Component) -> Component:
    """Mark what large print leaves away: few buttons, for who is tired by many."""
    return html.Div(part, className="bt-fuller")


def _pacer(tail: Tail) -> Component:
    return _card(
        html.H2("Breathing pacer"),
        html.Div(sitting.pacer(tail), id=ids.LIVE_PACER, className="bt-pacer-region"),
        *sitting.pacer_controls(tail),
        html.Div(id=ids.said(ids.LIVE_PACER), role="status"),
    )


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
                figure=live_heart_rate.figure(tail.points, tail.now_s),
                config=graph.CONFIG,
                className="bt-graph",
                responsive=True,
                style={"height": f"{live_heart_rate.HEIGHT_PX}px"},
            ),  # fmt: skip - a control's properties read as one
            html.P("Waiting for the first beats.", className="bt-live-waiting", hidden=bool(tail.points)),
            html.Figcaption(_CAPTION, className="bt-caption"),
        ],
        className="bt-figure",
    )


def _controls(tail: Tail) -> Component:
    note = dmc.Group(
        [
            # debounced, Enter sends the text together with itself; else a quick Enter is faster than the text
            dmc.TextInput(id=ids.LIVE_NOTE, label="Note", value="", debounce=True, flex="1 1 200px", maw=420),
            dmc.Button("Add note", id=ids.LIVE_ADD, variant="default", leftSection=notices.icon("flag")),
        ],
        align="end",
    )
    more = dmc.Group(
        [
            dmc.Button("Take back the last marker", id=ids.LIVE_UNDO, variant="default"),
            dmc.Button("How is it now?", id=ids.LIVE_SAY, variant="default"),
        ]
    )
    markers = _card(
        html.H2("Markers"),
        html.Div(sitting.marks(tail), id=ids.LIVE_MARKS),
        note,
        more,
        html.Div(live.happened(tail), id=ids.LIVE_MARKERS, role="status"),
        html.Div(id=ids.LIVE_SAY_TOLD, role="status"),
        sitting.keys(),
    )
    said = html.Div([html.Div(id=ids.said(each)) for each in (ids.LIVE_UNDO, ids.LIVE_NOTE)], role="status")
    return html.Div(dmc.Stack([markers, said]), id=ids.LIVE_CONTROLS, className="bt-fuller", style=_at_hand(tail))


def _ends(tail: Tail) -> Component:
    """Return what ends the phase and the sitting, beside the time that is left."""
    buttons = [
        dmc.Button("End phase", id=ids.LIVE_END, variant="outline"),
        dmc.Button("Stop and save", id=ids.LIVE_STOP),
    ]
    said = html.Div([html.Div(id=ids.said(each)) for each in (ids.LIVE_END, ids.LIVE_STOP_YES)], role="status")
    return html.Div([dmc.Group(buttons, className="bt-ends"), said], id=ids.LIVE_ENDS, style=_at_hand(tail))


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
