"""What stands around every page, and what several pages hold."""

from typing import Any

from dash.dependencies import Wildcard

LOCATION = "location"

PAGE = "page"

TITLE = "title"

SHELL = "shell"

BURGER = "burger"

PULSE = "pulse"

REVISION = "revision"


def nav(within: str | Wildcard) -> dict[str, Any]:
    """Name an entry of the navigation by the addresses that are within it."""
    return {"type": "nav", "within": within}


def anyway(where: str, code: str | Wildcard) -> dict[str, Any]:
    """Name the button that takes a code which looks like a name, on one of the pages that ask."""
    return {"type": f"{where}-anyway", "code": code}


def said(identity: str) -> str:
    """Name the place that tells why an action failed."""
    return f"{identity}-said"


def later(figure: str | Wildcard) -> dict[str, Any]:
    """Return the id of the place where plotly draws a figure that is there already as the server drew it."""
    return {"type": "later", "figure": figure}


def near(figure: str | Wildcard) -> dict[str, Any]:
    """Return the id of what tells that somebody came near such a figure."""
    return {"type": "near", "figure": figure}


def opened(part: str | Wildcard) -> dict[str, Any]:
    """Return the id of the inside of a part that is made when it is opened."""
    return {"type": "opened", "part": part}


def opening(part: str | Wildcard) -> dict[str, Any]:
    """Return the id of what tells that such a part was opened."""
    return {"type": "opening", "part": part}
