"""The pages of one session that was recorded: compared, corrected, replayed, its ECG, beside another."""

from typing import Any

from dash.dependencies import Wildcard

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

REPLAY_SESSION = "replay-session"
REPLAY_ASKED = "replay-asked"
REPLAY_CHANGED = "replay-changed"
REPLAY_BODY = "replay-body"
REPLAY_SPEED = "replay-speed"
REPLAY_MARKERS = "replay-markers"
REPLAY_NOTE = "replay-note"
REPLAY_ADD = "replay-add"
REPLAY_UNDO = "replay-undo"
REPLAY_SAID = "replay-said"

ECG_SESSION = "ecg-session"
ECG_FROM = "ecg-from"
ECG_SPAN = "ecg-span"
ECG_FIRST = "ecg-first"
ECG_BACK = "ecg-back"
ECG_ON = "ecg-on"
ECG_STRIP = "ecg"
ECG_DRAGGED = "ecg-dragged"
ECG_WHOLE = "ecg-whole"
ECG_WHOLE_BODY = "ecg-whole-body"
ECG_TOLD = "ecg-told"
ECG_BODY = "ecg-body"

WHOSE_CLIENT = "whose-client"
WHOSE_CHANGE = "whose-change"
WHOSE_TOLD = "whose-told"
WHOSE_SAID = "whose-said"
WHOSE_DONE = "whose-done"


def replay_act(act: str | Wildcard, line: int | Wildcard) -> dict[str, Any]:
    """Name the button that does something about the marker or phase which that line of the log began."""
    return {"type": "replay-act", "act": act, "line": line}


def replay_label(line: int | Wildcard) -> dict[str, Any]:
    """Name the words of a marker."""
    return {"type": "replay-label", "line": line}
