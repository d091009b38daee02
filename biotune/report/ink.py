"""Colours of a paper, by their use: the same names in the page's style sheet and in the drawings.

Every mark has at least 3:1 against its ground and all text 4.5:1 (WCAG 2.2), in light and in dark. No colour means
good or bad, and a shape doubles each.
"""

from collections.abc import Mapping
from string import Template

from biotune.domain import PhaseKind

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "ink": "#1b2733",
    "quiet": "#51606d",
    "rule": "#d5dce1",
    "words": "#e4f2f0",
    "edge": "#8ba39f",
    "line": "#0b7285",
    "beat": "#93a5b1",
    "flagged": "#a85a12",
    "gap": "#d9dde1",
    "baseline": "#4f6785",
    "intervention": "#0b7285",
    "recovery": "#7d47ab",
    "other": "#6a737c",
}
DARK: Mapping[str, str] = {
    "ground": "#14191d",
    "ink": "#e6ecf0",
    "quiet": "#a9b6c0",
    "rule": "#39444c",
    "words": "#12312f",
    "edge": "#4f7a75",
    "line": "#45bfd2",
    "beat": "#647682",
    "flagged": "#e29a52",
    "gap": "#343b41",
    "baseline": "#93add0",
    "intervention": "#45bfd2",
    "recovery": "#c39be6",
    "other": "#98a2aa",
}
KINDS: Mapping[PhaseKind, str] = {
    PhaseKind.BASELINE: "baseline",
    PhaseKind.INTERVENTION: "intervention",
    PhaseKind.RECOVERY: "recovery",
    PhaseKind.WHOLE: "intervention",
    PhaseKind.SETTLING: "other",
    PhaseKind.OTHER: "other",
}
GLYPHS: Mapping[str, str] = {"baseline": "●", "intervention": "◆", "recovery": "■", "other": "○"}

# how a drawing uses them: by class, so that one drawing serves light, dark and print
_USES = """\
.t { fill: $ink; font-size: 12px; }
.t.s { fill: $quiet; font-size: 11px; }
.rule { stroke: $rule; stroke-width: 1; }
.axis { stroke: $quiet; stroke-width: 1; }
.beat { fill: none; stroke: $beat; stroke-width: 0.7; }
.smooth { fill: none; stroke: $line; stroke-width: 2.4; stroke-linejoin: round; }
.flag { fill: none; stroke: $flagged; stroke-width: 1.4; }
.gap { fill: $gap; stroke: $quiet; stroke-width: 0.8; stroke-dasharray: 2 2; }
.dots { fill: none; stroke: $quiet; stroke-width: 1.2; stroke-dasharray: 2 3; }
.lane { fill: $intervention; fill-opacity: 0.22; stroke: $intervention; stroke-width: 0.8; }
"""
_KIND_USES = """\
.f-NAME { fill: $NAME; }
.b-NAME { fill: $NAME; fill-opacity: 0.13; }
.m-NAME { fill: $NAME; stroke: $NAME; stroke-width: 1.8; }
.e-NAME { fill: none; stroke: $NAME; stroke-width: 1.8; }
"""


def rules(colours: Mapping[str, str]) -> str:
    """Return the drawings' classes as a style sheet.

    Parameters
    ----------
    colours : mapping of str to str
        `LIGHT` or `DARK`, or the same names as variables of a page.
    """
    kinds = "".join(_KIND_USES.replace("NAME", name) for name in GLYPHS)
    return Template(_USES + kinds).substitute(colours)


def variables() -> Mapping[str, str]:
    """Return every colour as the page's variable of that name."""
    return {name: f"var(--{name})" for name in LIGHT}
