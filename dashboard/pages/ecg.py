"""``/session/<id>/ecg``: a recorded ECG, from a heartbeat to a whole day."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, Patch, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.errors import AnalysisError
from biotune.library import EcgStrip, Library
from biotune.report import text
from dashboard import ids, theme
from dashboard.components import graph, notices
from dashboard.components.panel import panel
from dashboard.figures import ecg as drawing

SPANS_S = {"5": "5 s", "10": "10 s", "30": "30 s", "120": "2 min", "600": "10 min", "3600": "1 h"}
USUAL_S = 10.0  # as on paper: a dozen beats, each wave to be seen
_STEP = 0.8  # of what is shown: a little of it stays in view
_KEYS = "Keys, within this part: ← → move, Home goes to the start. The strip can be dragged; a click below goes there."
_MOVES = (
    (ids.ECG_FIRST, "To the start", "Home", None),
    (ids.ECG_BACK, "Earlier", "ArrowLeft", -_STEP),
    (ids.ECG_ON, "Later", "ArrowRight", _STEP),
)


def layout(library: Library, session_id: str) -> Component:
    """Return the page's head at once; the ECG follows by a callback.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    library.store.head(session_id.partition("/")[0])
    buttons = [
        dmc.Button(label, id=identity, variant="default", **notices.named(label, data_key=key))
        for identity, label, key, _ in _MOVES
    ]
    controls = dmc.Group(
        [
            *buttons,
            dmc.NumberInput(
                id=ids.ECG_FROM,
                label="From (seconds)",
                value=0,
                min=0,
                step=USUAL_S,
                clampBehavior="blur",
                debounce=300,
                w=150,
            ),  # fmt: skip - a control's properties read as one
            dmc.SegmentedControl(
                id=ids.ECG_SPAN,
                data=[{"value": value, "label": label} for value, label in SPANS_S.items()],
                value=f"{USUAL_S:g}",
                **notices.named("How much is shown"),
            ),
        ],
        align="end",
        className="bt-noprint",
    )
    return dmc.Stack(
        [
            dmc.Anchor(
                dmc.Group([notices.icon("back"), f"Session {session_id}"], gap=6),
                href=f"/session/{session_id}",
                w="fit-content",
                className="bt-noprint",
            ),
            html.H1(f"ECG of session {session_id}", tabIndex=-1),
            dcc.Store(id=ids.ECG_SESSION, data=session_id),
            dcc.Store(id=ids.ECG_DRAGGED),
            html.Div(
                [
                    controls,
                    html.P(_KEYS, className="bt-caption bt-noprint"),
                    html.Div(dmc.Skeleton(h=drawing.HEIGHT_PX), id=ids.ECG_BODY),
                ],
                className="bt-keys",
            ),
            html.Div(id=ids.ECG_WHOLE_BODY),
            html.Div(id=ids.ECG_TOLD),
        ]
    )


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.ECG_BODY, "children"),
        Input(ids.ECG_SESSION, "data"),
        Input(ids.ECG_FROM, "value"),
        Input(ids.ECG_SPAN, "value"),
        on_error=notices.of_error,
    )
    def show(session_id: str, start_s: float | str | None, span_s: str) -> Component:
        start, span = float(start_s or 0), float(span_s)
        found = library.ecg.strip(session_id, start, span)
        if found is None:
            raise AnalysisError(
                "There is no ECG in this session",
                why="The strap has none, or nobody asked for it.",
                hint="Record with --ecg and a strap that streams one.",
            )
        return view(found, start, span)

    @app.callback(
        Output(ids.ECG_WHOLE_BODY, "children"),
        Input(ids.ECG_SESSION, "data"),
        on_error=lambda _error: None,  # the strip tells of it
    )
    def show_whole(session_id: str) -> Component | None:
        return whole(library, session_id)

    @app.callback(
        Output(ids.ECG_WHOLE, "figure"),
        Input(ids.ECG_FROM, "value"),
        Input(ids.ECG_SPAN, "value"),
        prevent_initial_call=True,
    )
    def mark(start_s: float | str | None, span_s: str) -> Patch:
        patch = Patch()
        patch["layout"]["shapes"] = [drawing.place(float(start_s or 0), float(span_s))]
        return patch

    @app.callback(Output(ids.ECG_TOLD, "children"), Input(ids.ECG_SESSION, "data"), on_error=lambda _error: None)
    def tell(session_id: str) -> list[Component]:
        assessment = library.ecg.assessment(session_id)
        told = text.streamed(assessment).splitlines() if assessment else []
        return [html.P(line, className="bt-caption") for line in told]

    @app.callback(
        Output(ids.ECG_FROM, "value"),
        *(Input(identity, "n_clicks") for identity, *_ in _MOVES),
        Input(ids.ECG_WHOLE, "clickData"),
        Input(ids.ECG_DRAGGED, "data"),
        State(ids.ECG_FROM, "value"),
        State(ids.ECG_SPAN, "value"),
        prevent_initial_call=True,
    )
    def move(*given: Any) -> object:  # noqa: ANN401 - what each input has to say
        *_, clicked, dragged_s, start_s, span_s = given
        return moved(str(ctx.triggered_id), clicked, dragged_s, float(start_s or 0), float(span_s))

    in_browser: Any = app.clientside_callback
    in_browser(
        ClientsideFunction("biotune", "dragged"),
        Output(ids.ECG_DRAGGED, "data"),
        Input(ids.ECG_STRIP, "relayoutData"),
        State(ids.ECG_FROM, "value"),
        prevent_initial_call=True,
    )


def moved(pressed: str, clicked: Any, dragged_s: float | None, start_s: float, span_s: float) -> object:  # noqa: ANN401
    """Return where the strip begins after what somebody did.

    Parameters
    ----------
    pressed : str
        What was used.
    clicked : dict or None
        Where in the whole a click went.
    dragged_s : float or None
        Where the strip was dragged to.
    start_s, span_s : float
        Where it was.
    """
    steps = {identity: step for identity, _, _, step in _MOVES}
    if pressed in steps:
        step = steps[pressed]
        return 0 if step is None else max(0.0, round(start_s + step * span_s, 2))
    if pressed == ids.ECG_WHOLE and clicked:
        return max(0.0, round(clicked["points"][0]["x"] * 60 - span_s / 2, 2))
    return no_update if dragged_s is None else max(0.0, round(dragged_s, 2))


def view(strip: EcgStrip, start_s: float, span_s: float) -> Component:
    """Return a strip of the ECG."""
    detail = "" if strip.view.whole else " Wide as it is, each point stands for the lowest and highest of many samples."
    drawn = graph.graph(
        drawing.figure(strip, start_s, span_s),
        identity=ids.ECG_STRIP,
        caption="Triangle: an R peak, as it was found. Nothing is drawn where the strap sent nothing." + detail,
        head=("R peak at", "Interval before it"),
        rows=_rows(strip, start_s, span_s),
    )
    where = f"{theme.clock(start_s)} to {theme.clock(start_s + span_s)} of {theme.clock(strip.ends_s)}"
    return panel(where, drawn)


def whole(library: Library, session_id: str) -> Component | None:
    """Return the whole ECG in small; None where there is none."""
    everything = library.ecg.whole(session_id)
    if everything is None:
        return None
    drawn = graph.graph(
        drawing.whole(everything, 0.0, USUAL_S),
        identity=ids.ECG_WHOLE,
        caption="The whole ECG. The marked part is the strip above.",
        head=("From", "To"),
        rows=[(theme.clock(float(everything.time_s[0])), theme.clock(float(everything.time_s[-1])))],
    )
    return panel("All of it", drawn)


def _rows(strip: EcgStrip, start_s: float, span_s: float) -> list[tuple[str, str]]:
    inside = [float(at_s) for at_s in strip.peak_s if start_s <= at_s < start_s + span_s]
    return [(f"{at_s:.2f} s", f"{(at_s - inside[k - 1]) * 1000:.0f} ms" if k else "") for k, at_s in enumerate(inside)]
