"""Colours, shapes and type, the same in light, dark and print.

Figures carry no colour scheme of their own: marks are mid tones with at least 3:1 against
paper and against the dark page (WCAG 1.4.11), and text and grid take the page's colours through
``assets/biotune.css``. So one figure serves light, dark and print, and switching asks nobody.
Every colour is doubled by a shape; none of them means good or bad.
"""

from dataclasses import dataclass
from typing import Any

from biotune.domain import PhaseKind, Verdict
from biotune.report import naming

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
HIDDEN = {"display": "none"}  # the style of what is there but not shown just now

MANTINE: dict[str, Any] = {
    "primaryColor": "cyan",
    "primaryShade": 9,
    "defaultRadius": "md",
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT, "fontWeight": "650"},
}


def mantine(decimal: str) -> dict[str, Any]:
    """Return Mantine's theme for who writes tenths after this sign; a field takes comma and point alike.

    Parameters
    ----------
    decimal : str
        A point or a comma.
    """
    typed = {"decimalSeparator": decimal, "allowedDecimalSeparators": [".", ","]}
    return {**MANTINE, "components": {"NumberInput": {"defaultProps": typed}}}


@dataclass(frozen=True, slots=True)
class Mark:
    """How a phase is drawn.

    Attributes
    ----------
    colour : str
        Of points, as ``#rrggbb``.
    shade : str
        Of the stretch behind a line, translucent.
    symbol : str
        Plotly's name of the shape.
    glyph : str
        The same shape as a character, for text.
    """

    colour: str
    shade: str
    symbol: str
    glyph: str


_NEUTRAL = Mark("#7d8590", "rgba(125, 133, 144, 0.06)", "circle-open", "○")

MARKS: dict[PhaseKind, Mark] = {
    PhaseKind.BASELINE: Mark("#6d84a3", "rgba(109, 132, 163, 0.14)", "circle", "●"),
    PhaseKind.INTERVENTION: Mark("#0f8fa3", "rgba(15, 143, 163, 0.15)", "diamond", "◆"),
    PhaseKind.RECOVERY: Mark("#9a63c9", "rgba(154, 99, 201, 0.14)", "square", "■"),
    PhaseKind.WHOLE: Mark("#0f8fa3", "rgba(15, 143, 163, 0.08)", "diamond", "◆"),
    PhaseKind.SETTLING: _NEUTRAL,
    PhaseKind.OTHER: _NEUTRAL,
}

DASHES: dict[PhaseKind, str] = {
    PhaseKind.BASELINE: "dot",
    PhaseKind.INTERVENTION: "solid",
    PhaseKind.RECOVERY: "dash",
    PhaseKind.WHOLE: "solid",
    PhaseKind.SETTLING: "dashdot",
    PhaseKind.OTHER: "longdash",
}  # of a phase's line, where several are drawn over one another

LINE = "#0f8fa3"  # the smoothed heart rate
BEAT_LINE = "rgba(112, 135, 150, 0.75)"  # each beat, thin
FLAGGED = "#c9701a"  # a beat taken for an artefact; its shape is a cross
GAP = "rgba(125, 133, 144, 0.28)"
CONNECTION = "#7d8590"

VERDICT_BADGES: dict[Verdict, dict[str, str]] = {
    Verdict.CLEAR: {"variant": "filled", "color": "cyan"},
    Verdict.POSSIBLE: {"variant": "outline", "color": "cyan"},
    Verdict.NONE: {"variant": "default", "color": "gray"},
    Verdict.NOT_COMPARABLE: {"variant": "transparent", "color": "gray"},
}

# how names and times are written is the same on a page and on paper
clock, title, phase_title = naming.clock, naming.title, naming.phase_title
window_title, windows = naming.window_title, naming.windows
