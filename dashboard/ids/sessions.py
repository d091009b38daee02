"""The list of sessions, and importing files into it."""

from typing import Any

from dash.dependencies import Wildcard

SESSIONS_CLIENT = "sessions-client"
SESSIONS_PROTOCOL = "sessions-protocol"
SESSIONS_TEXT = "sessions-text"
SESSIONS_SINCE = "sessions-since"
SESSIONS_UNTIL = "sessions-until"
SESSIONS_RANGE = "sessions-range"
SESSIONS_SORT = "sessions-sort"
SESSIONS_ADDRESS = "sessions-address"
SESSIONS_CLEAR = "sessions-clear"
SESSIONS_PAGE = "sessions-page"
SESSIONS_PAGER = "sessions-pager"
SESSIONS_BACK = "sessions-back"
SESSIONS_ON = "sessions-on"
SESSIONS_LIST = "sessions-list"
SESSIONS_REMOVED = "sessions-removed"
SESSIONS_STATE = "sessions-state"
SESSIONS_SAID = "sessions-said"
SESSIONS_CHANGED = "sessions-changed"

IMPORT_FILES = "import-files"
IMPORT_CLIENT = "import-client"
IMPORT_TICK = "import-tick"
IMPORT_STOP = "import-stop"
IMPORT_SAID = "import-said"


def row(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the store that says which session a row of the list is about."""
    return {"type": "sessions-row", "session": session_id}


def result(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the cell of a row that is filled in once its session is analysed."""
    return {"type": "sessions-result", "session": session_id}


def remove(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that puts a session aside."""
    return {"type": "sessions-remove", "session": session_id}


def restore(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that brings a session back."""
    return {"type": "sessions-restore", "session": session_id}
