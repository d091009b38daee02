"""A session that is being recorded: the live page, the player in it, and the calm page."""

from typing import Any

from dash.dependencies import Wildcard

LIVE_SESSION = "live-session"
LIVE_NEWS = "live-news"
LIVE_CURSOR = "live-cursor"
LIVE_WORD = "live-word"
LIVE_SHOWN = "live-shown"
LIVE_TICK = "live-tick"
LIVE_CLOCK = "live-clock"
LIVE_TIMER = "live-timer"
LIVE_PHASE = "live-phase"
LIVE_PHASE_NUMBER = "live-phase-number"
LIVE_RATE = "live-rate"
LIVE_STRAP = "live-strap"
LIVE_NOTICE = "live-notice"
LIVE_TROUBLE = "live-trouble"
LIVE_GRAPH = "live-heart-rate"
LIVE_MARKERS = "live-markers"
LIVE_CONTROLS = "live-controls"
LIVE_MARKS = "live-marks"
LIVE_UNDO = "live-undo"
LIVE_SHADES = "live-shades"
LIVE_PACER = "live-pacer"
LIVE_PACER_NOW = "live-pacer-now"
LIVE_PACER_SWITCH = "live-pacer-switch"
LIVE_PACER_RATE = "live-pacer-rate"
LIVE_PACER_BREATH = "live-pacer-breath"
LIVE_PACER_INHALE = "live-pacer-inhale"
LIVE_SAY = "live-say"
LIVE_SAY_DIALOG = "live-say-dialog"
LIVE_SAY_SLIDERS = "live-say-sliders"
LIVE_SAY_KEEP = "live-say-keep"
LIVE_SAY_NO = "live-say-no"
LIVE_SAY_DONE = "live-say-done"
LIVE_SAY_TOLD = "live-say-told"
LIVE_FEEDBACK = "live-feedback"
LIVE_FEEDBACK_SHOW = "live-feedback-show"
LIVE_FEEDBACK_TICK = "live-feedback-tick"
LIVE_KEYS = "live-keys"
LIVE_AT_HAND = "live-at-hand"
LIVE_ENDS = "live-ends"
LIVE_NOTE = "live-note"
LIVE_ADD = "live-add"
LIVE_END = "live-end"
LIVE_STOP = "live-stop"
LIVE_CONFIRM = "live-confirm"
LIVE_STOP_YES = "live-stop-yes"
LIVE_STOP_NO = "live-stop-no"

CALM_SESSION = "calm-session"
CALM_TICK = "calm-tick"
CALM_SWING = "calm-swing"
CALM_SCREEN = "calm-screen"

PLAYER = "player"
PLAYER_SESSION = "player-session"
PLAYER_OFFER = "player-offer"
PLAYER_LOOK = "player-look"
PLAYER_REVISION = "player-revision"
PLAYER_LIST = "player-list"
PLAYER_LIVE = "player-live"

LIVE_REST = "live-rest"


def live_music(key: str | Wildcard, act: str | Wildcard) -> dict[str, Any]:
    """Name the button that starts or stops music which people make: it does what it says, however old its page is."""
    return {"type": "player-live-music", "key": key, "act": act}


def live_mark(label: str | Wildcard) -> dict[str, Any]:
    """Name the button that sets a marker of that label."""
    return {"type": "live-mark", "label": label}


def live_mark_said(label: str | Wildcard) -> dict[str, Any]:
    """Name the place that tells what became of a press of that button."""
    return {"type": "live-mark-said", "label": label}
