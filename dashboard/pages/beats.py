"""A part of ``/session/<id>``: beats one by one, and what a person decides about them."""

import time
from collections.abc import Callable

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis.strip import Beat, Strip
from biotune.domain import BeatJudgement
from biotune.errors import AnalysisError
from biotune.library import Library
from dashboard import address, ids, theme
from dashboard.components import graph, notices
from dashboard.components.panel import panel
from dashboard.components.pressed import was_pressed
from dashboard.figures import beat_strip

_CLASSES = {
    "extra": "taken for an extra beat",
    "missed": "a beat seems to be missing before it",
    "ectopic": "out of turn",
    "long": "too long",
    "short": "too short",
}
_DECIDED = {
    BeatJudgement.ACCEPTED: "used, as a person decided",
    BeatJudgement.REJECTED: "left out, as a person decided",
    BeatJudgement.ADDED: "put there by a person",
}
_KEYS = (
    "Keys, while this part has the focus: ← → one beat, Page Up and Page Down one that is questioned, U use, X leave "
    "out, M as the method says, Z undo."
)
_CAPTION = "Dot: an interval that is used. Cross: left out. Diamond: a part of one. Ring: the beat that is told of."
_MOVE_BUTTONS = (
    (ids.BEATS_BACK, "Previous beat", "ArrowLeft"),
    (ids.BEATS_ON, "Next beat", "ArrowRight"),
    (ids.BEATS_ASKED_BACK, "Previous questioned", "PageUp"),
    (ids.BEATS_ASKED_ON, "Next questioned", "PageDown"),
)
_ACT_BUTTONS = (
    (ids.BEATS_USE, "Use this beat", "u"),
    (ids.BEATS_LEAVE, "Leave it out", "x"),
    (ids.BEATS_METHOD, "As the method says", "m"),
    (ids.BEATS_UNDO, "Undo", "z"),
)
_MOVES: dict[str, Callable[[Strip, int], float]] = {
    ids.BEATS_BACK: lambda strip, k: strip.beat(k - 1).time_s,
    ids.BEATS_ON: lambda strip, k: strip.beat(k + 1).time_s,
    ids.BEATS_ASKED_BACK: lambda strip, k: strip.next_questioned(k, forward=False).time_s,
    ids.BEATS_ASKED_ON: lambda strip, k: strip.next_questioned(k, forward=True).time_s,
}
_JUDGEMENTS = {
    ids.BEATS_USE: BeatJudgement.ACCEPTED,
    ids.BEATS_LEAVE: BeatJudgement.REJECTED,
    ids.BEATS_METHOD: BeatJudgement.UNDECIDED,
}


def register(app: Dash, library: Library) -> None:
    """Connect the part."""

    @app.callback(
        Output(ids.BEATS, "children"),
        Input(ids.LOCATION, "search"),
        Input(ids.COMPARE_SHOWN, "data"),
        State(ids.COMPARE_SESSION, "data"),
        State(ids.BEATS, "children"),
        on_error=notices.of_error,
    )
    def begin(search: str | None, shown: str | None, session_id: str, now: object) -> object:
        if not address.is_detailed(search) or not shown:
            return None
        strip, running = library.closeup(session_id).strip, library.overview(session_id).running
        if now or strip is None:  # what is chosen stays chosen while decisions change the rest of the page
            return no_update
        return view(strip, growing=running)

    @app.callback(
        Output(ids.BEATS_AT, "data"),
        *(Input(each, "n_clicks") for each in _MOVES),
        Input(ids.BEATS_GRAPH, "clickData"),
        State(ids.BEATS_AT, "data"),
        State(ids.COMPARE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda _error: no_update,  # the strip itself tells of it
    )
    def move(*given: object) -> object:
        *_, clicked, at_s, session_id = given
        strip = _strip(library, str(session_id))
        if ctx.triggered_id == ids.BEATS_GRAPH:
            return _clicked(strip, clicked)
        return _MOVES[str(ctx.triggered_id)](strip, strip.nearest(float(str(at_s))).number)

    @app.callback(
        Output(ids.BEATS_SHOWN, "children"),
        Input(ids.BEATS_AT, "data"),
        Input(ids.BEATS_CHANGED, "data"),
        State(ids.COMPARE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def show(at_s: float, _changed: object, session_id: str) -> Component:
        strip = _strip(library, session_id)
        return shown(strip, strip.nearest(at_s))

    @app.callback(
        Output(ids.BEATS_CHANGED, "data"),
        Output(ids.BEATS_SAID, "children"),
        *(Input(each, "n_clicks") for each in (*_JUDGEMENTS, ids.BEATS_UNDO)),
        State(ids.BEATS_AT, "data"),
        State(ids.COMPARE_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def decide(*given: object) -> tuple[object, str]:
        *_, at_s, session_id = given
        if not was_pressed():
            return no_update, ""
        if ctx.triggered_id == ids.BEATS_UNDO:
            told = library.corrections.undo_last(str(session_id), of_beats=True)
            return time.time_ns(), f"Taken back: {told}"
        judgement = _JUDGEMENTS[str(ctx.triggered_id)]
        line = library.corrections.judge_beat(str(session_id), float(str(at_s)), judgement)
        return line.seq, "Kept. Everything on this page is computed anew; the log itself is not changed."


def _strip(library: Library, session_id: str) -> Strip:
    strip = library.closeup(session_id).strip
    if strip is None:
        raise AnalysisError("this recording has no single beats", why="Its strap sends no intervals.")
    return strip


def _clicked(strip: Strip, clicked: object) -> object:
    points = clicked.get("points", []) if isinstance(clicked, dict) else []
    if not points or "customdata" not in points[0]:
        return no_update
    return strip.beat(int(points[0]["customdata"])).time_s


def view(strip: Strip, *, growing: bool) -> Component:
    """Return the panel with its first questioned beat chosen.

    Parameters
    ----------
    strip : Strip
        Every beat.
    growing : bool
        Whether the session is being recorded: then nothing is decided yet.
    """
    asked = strip.questioned()
    first = strip.beat(int(asked[0])) if len(asked) else strip.beat(0)
    controls: list[Component] = [
        dmc.Group([_button(*each) for each in _MOVE_BUTTONS], gap="xs"),
        *([] if growing else [dmc.Group([_button(*each) for each in _ACT_BUTTONS], gap="xs")]),
    ]
    return panel(
        "Beats that were questioned",
        html.Div(
            [
                dcc.Store(id=ids.BEATS_AT, data=first.time_s),
                html.Div(shown(strip, first), id=ids.BEATS_SHOWN),
                dmc.Stack(controls, gap="xs", className="bt-noprint"),
                html.Div(id=ids.BEATS_SAID, role="status"),
                html.P(_KEYS, className="bt-caption bt-noprint"),
            ],
            className="bt-keys",
            tabIndex=0,
            role="group",
            **notices.named("Beats one by one"),
        ),
    )


def shown(strip: Strip, chosen: Beat) -> Component:
    """Return the strip around a beat, and what is known of that beat."""
    asked = strip.questioned()
    left_out, added_up = int((strip.flagged & ~strip.joined).sum()), int(strip.joined.sum())
    part = strip.around(chosen.time_s, beat_strip.SPAN_S)
    drawn = graph.graph(
        beat_strip.figure(strip, chosen),
        identity=ids.BEATS_GRAPH,
        caption=_CAPTION,
        head=("R peak at", "Interval", "How it stands"),
        rows=[_row(strip.beat(k)) for k in range(part.start, part.stop)],
    )
    at = f" ({list(asked).index(chosen.number) + 1} of {len(asked)} questioned)" if chosen.number in asked else ""
    return html.Div(
        [
            html.P(f"{left_out} of {len(strip)} beats are left out.{_sums(added_up)}", className="bt-caption"),
            drawn,
            html.P(
                [
                    html.Strong(f"Beat at {theme.clock(chosen.time_s)}{at}: {chosen.rr_ms:.0f} ms, "),
                    f"{told(chosen)}.",
                ],
                role="status",
            ),
        ]
    )


def told(beat: Beat) -> str:
    """Say in words how a beat stands."""
    if beat.decided:
        by = f" ({beat.decided.by})" if beat.decided.by else ""
        return _DECIDED.get(beat.decided.judgement, "used") + by
    if beat.joined:
        return "a part of one interval: the beat between is taken for an extra one, and the parts are added up"
    return f"left out: {_CLASSES.get(beat.as_what, 'flagged')}" if beat.flagged else "used"


def _sums(parts: int) -> str:
    """Say how many intervals are parts of others; nothing where none is.

    Examples
    --------
    >>> _sums(2), _sums(0)
    (' 2 intervals are parts that add up to whole ones, without the extra beats between.', '')
    """
    return f" {parts} intervals are parts that add up to whole ones, without the extra beats between." * bool(parts)


def _row(beat: Beat) -> tuple[str, str, str]:
    return (f"{beat.time_s:.2f} s", f"{beat.rr_ms:.0f} ms", told(beat))


def _button(identity: str, label: str, key: str) -> Component:
    return dmc.Button(label, id=identity, variant="default", size="xs", **{"data-key": key})
