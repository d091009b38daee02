"""Every component id of the dashboard, in one place."""

from typing import Any

from dash.dependencies import Wildcard

LOCATION = "location"
PAGE = "page"
TITLE = "title"
SHELL = "shell"
BURGER = "burger"
NAV_SESSIONS = "nav-sessions"
NAV_HELP = "nav-help"
PULSE = "pulse"
REVISION = "revision"

SESSIONS_CLIENT = "sessions-client"
SESSIONS_TEXT = "sessions-text"
SESSIONS_SORT = "sessions-sort"
SESSIONS_PAGER = "sessions-pager"
SESSIONS_LIST = "sessions-list"
SESSIONS_STATE = "sessions-state"

COMPARE_SESSION = "compare-session"
COMPARE_BEFORE = "compare-before"
COMPARE_AFTER = "compare-after"
COMPARE_PRINT = "compare-print"
COMPARE_SHOWN = "compare-shown"
COMPARE_BODY = "compare-body"


def row(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the store that says which session a row of the list is about."""
    return {"type": "sessions-row", "session": session_id}


def result(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the cell of a row that is filled in once its session is analysed."""
    return {"type": "sessions-result", "session": session_id}
