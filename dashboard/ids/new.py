"""A new session, step by step."""

from typing import Any

from dash.dependencies import Wildcard

NEW_TICK = "new-tick"
NEW_SCAN = "new-scan"
NEW_HEARD = "new-heard"
NEW_SCANNED = "new-scanned"
NEW_STRAP = "new-strap"
NEW_STRAPS = "new-straps"
NEW_PROFILE = "new-profile"
NEW_PROTOCOL = "new-protocol"
NEW_PLAN = "new-plan"
NEW_AT_REST = "new-at-rest"
NEW_CLIENT = "new-client"
NEW_START = "new-start"
NEW_JOB = "new-job"
NEW_REFUSED = "new-refused"
NEW_SAID = "new-said"
NEW_STEP = "new-step"
NEW_NAMED = "new-named"
NEW_HEAD = "new-head"
NEW_AFRESH = "new-afresh"
NEW_PROFILE_BOX = "new-profile-box"
NEW_ECG = "new-ecg"
NEW_ECG_BOX = "new-ecg-box"
NEW_SHORT = "new-short"
NEW_ABOUT = "new-about"
NEW_TAKE_PLAN = "new-take-plan"
NEW_CHECK = "new-check"
NEW_CHECK_BEGIN = "new-check-begin"
NEW_CHECKED = "new-checked"
NEW_LAST = "new-last"
NEW_LAST_TOLD = "new-last-told"
NEW_RATINGS = "new-ratings"
NEW_SCORE = "new-score"
NEW_SCORE_VALUE = "new-score-value"


def new_go(to: int | Wildcard, where: str | Wildcard) -> dict[str, Any]:
    """Name a button that leads to a step of a new session, and where on the page it stands."""
    return {"type": "new-go", "to": to, "where": where}


def new_head(to: int | Wildcard) -> dict[str, Any]:
    """Name a step of a new session in the head of the page, where it can be gone to."""
    return {"type": "new-head", "to": to}


def new_panel(step: int | Wildcard) -> dict[str, Any]:
    """Name what is shown in a step of a new session."""
    return {"type": "new-panel", "step": step}


def new_context(item: str | Wildcard) -> dict[str, Any]:
    """Name the field of a circumstance."""
    return {"type": "new-context", "item": item}


def new_reading(quantity: str | Wildcard) -> dict[str, Any]:
    """Name the field of a reading."""
    return {"type": "new-reading", "quantity": quantity}
