"""``/session/<id>/ecg``: a recorded ECG, ten seconds at a time."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from biotune.errors import AnalysisError
from biotune.library import EcgView, Library
from biotune.report import text
from dashboard import ids
from dashboard.components import graph, notices
from dashboard.figures import ecg as drawing


def layout(library: Library, session_id: str) -> Component:
    """Return the page's head at once; the ECG follows by a callback.

    Raises
    ------
    SessionNotFound
        Where no session has that id.
    """
    library.session(session_id)
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
            dmc.NumberInput(
                id=ids.ECG_FROM,
                label="Show ten seconds from",
                description="Seconds into the session; the arrow keys move by ten.",
                value=0,
                min=0,
                step=drawing.STRIP_S,
                clampBehavior="blur",
                debounce=300,
                maw=260,
            ),
            html.Div(dmc.Skeleton(h=drawing.HEIGHT_PX), id=ids.ECG_BODY),
        ]
    )  # fmt: skip - a control's properties read as one


def register(app: Dash, library: Library) -> None:
    """Connect the page."""

    @app.callback(
        Output(ids.ECG_BODY, "children"),
        Input(ids.ECG_SESSION, "data"),
        Input(ids.ECG_FROM, "value"),
        on_error=notices.of_error,
    )
    def show(session_id: str, start_s: float | str | None) -> Component:
        recorded = library.ecg(session_id)
        if recorded is None:
            raise AnalysisError(
                "There is no ECG in this session",
                why="The strap has none, or nobody asked for it.",
                hint="Record with --ecg and a strap that streams one.",
            )
        return view(recorded, float(start_s or 0))


def view(recorded: EcgView, start_s: float) -> Component:
    """Return ten seconds of an ECG, and what is told of the whole."""
    drawn = graph.graph(
        drawing.figure(recorded.samples, recorded.peak_s, start_s),
        identity="ecg",
        caption="Triangle: an R peak, as it was found. Nothing is drawn where the strap sent nothing.",
        head=("R peak at", "Interval before it"),
        rows=_rows(recorded, start_s),
    )
    told = [html.P(line, className="bt-caption") for line in text.streamed(recorded.assessment).splitlines()]
    return dmc.Paper(dmc.Stack([drawn, *told], gap="sm"), p="lg", withBorder=True, className="bt-card")


def _rows(recorded: EcgView, start_s: float) -> list[tuple[str, str]]:
    inside = [float(at_s) for at_s in recorded.peak_s if start_s <= at_s < start_s + drawing.STRIP_S]
    return [(f"{at_s:.2f} s", f"{(at_s - inside[k - 1]) * 1000:.0f} ms" if k else "") for k, at_s in enumerate(inside)]
