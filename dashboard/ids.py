"""Every component id of the dashboard, in one place."""

from typing import Any

from dash.dependencies import Wildcard

LOCATION = "location"
PAGE = "page"
TITLE = "title"
SHELL = "shell"
BURGER = "burger"
PULSE = "pulse"
REVISION = "revision"

SESSIONS_CLIENT = "sessions-client"
SESSIONS_PROTOCOL = "sessions-protocol"
SESSIONS_TEXT = "sessions-text"
SESSIONS_SINCE = "sessions-since"
SESSIONS_UNTIL = "sessions-until"
SESSIONS_SORT = "sessions-sort"
SESSIONS_CLEAR = "sessions-clear"
SESSIONS_PAGE = "sessions-page"
SESSIONS_PAGER = "sessions-pager"
SESSIONS_BACK = "sessions-back"
SESSIONS_ON = "sessions-on"
SESSIONS_LIST = "sessions-list"
SESSIONS_STATE = "sessions-state"
SESSIONS_SAID = "sessions-said"
SESSIONS_CHANGED = "sessions-changed"

COMPARE_SESSION = "compare-session"
COMPARE_SWITCH = "compare-switch"
COMPARE_DETAIL = "compare-detail"
COMPARE_SCALE = "compare-scale"
COMPARE_BEFORE = "compare-before"
COMPARE_AFTER = "compare-after"
COMPARE_PRINT = "compare-print"
COMPARE_SHOWN = "compare-shown"
COMPARE_BODY = "compare-body"

BEATS = "beats-part"
BEATS_AT = "beats-at"
BEATS_SHOWN = "beats-shown"
BEATS_GRAPH = "beats"
BEATS_SAID = "beats-said"
BEATS_CHANGED = "beats-changed"
BEATS_BACK = "beats-back"
BEATS_ON = "beats-on"
BEATS_ASKED_BACK = "beats-asked-back"
BEATS_ASKED_ON = "beats-asked-on"
BEATS_USE = "beats-use"
BEATS_LEAVE = "beats-leave"
BEATS_METHOD = "beats-method"
BEATS_UNDO = "beats-undo"

TWO_FIRST = "two-first"
TWO_SECOND = "two-second"
TWO_ADDRESS = "two-address"
TWO_BODY = "two-body"

ECG_SESSION = "ecg-session"
ECG_FROM = "ecg-from"
ECG_BODY = "ecg-body"

NEW_TICK = "new-tick"
NEW_SCAN = "new-scan"
NEW_HEARD = "new-heard"
NEW_SCANNED = "new-scanned"
NEW_STRAP = "new-strap"
NEW_STRAPS = "new-straps"
NEW_PROFILE = "new-profile"
NEW_PROTOCOL = "new-protocol"
NEW_PLAN = "new-plan"
NEW_CLIENT = "new-client"
NEW_START = "new-start"
NEW_JOB = "new-job"
NEW_REFUSED = "new-refused"
NEW_SAID = "new-said"

LIVE_SESSION = "live-session"
LIVE_CURSOR = "live-cursor"
LIVE_SHOWN = "live-shown"
LIVE_TICK = "live-tick"
LIVE_CLOCK = "live-clock"
LIVE_TIMER = "live-timer"
LIVE_PHASE = "live-phase"
LIVE_RATE = "live-rate"
LIVE_STRAP = "live-strap"
LIVE_NOTICE = "live-notice"
LIVE_GRAPH = "live-heart-rate"
LIVE_MARKERS = "live-markers"
LIVE_CONTROLS = "live-controls"
LIVE_SPOKE = "live-spoke"
LIVE_MOVED = "live-moved"
LIVE_NOTE = "live-note"
LIVE_ADD = "live-add"
LIVE_END = "live-end"
LIVE_STOP = "live-stop"
LIVE_CONFIRM = "live-confirm"
LIVE_STOP_YES = "live-stop-yes"
LIVE_STOP_NO = "live-stop-no"


def nav(within: str | Wildcard) -> dict[str, Any]:
    """Name an entry of the navigation by the addresses that are within it."""
    return {"type": "nav", "within": within}


def said(identity: str) -> str:
    """Name the place that tells why an action failed."""
    return f"{identity}-said"


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
