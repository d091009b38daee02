"""What clients say of themselves."""

from typing import Any

from dash.dependencies import Wildcard

RATINGS_SESSION = "ratings-session"
RATINGS_SHOWN = "ratings-shown"
RATINGS_FORM = "ratings-form"
RATINGS_SAID = "ratings-said"
RATINGS_WHEN = "ratings-when"
RATINGS_KEEP = "ratings-keep"
RATINGS_SCORE = "ratings-score"
RATINGS_SCORE_VALUE = "ratings-score-value"
RATINGS_SCORE_KEEP = "ratings-score-keep"
RATINGS_READING = "ratings-reading"
RATINGS_READING_VALUE = "ratings-reading-value"
RATINGS_READING_TAKEN = "ratings-reading-taken"
RATINGS_READING_KEEP = "ratings-reading-keep"


def rating(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name a slider: which of a page's sets it is in, and its scale."""
    return {"type": "rating", "group": group, "scale": scale}


def rating_given(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the store that holds a slider's answer; None until it is touched."""
    return {"type": "rating-given", "group": group, "scale": scale}


def rating_told(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the place that tells a slider's answer."""
    return {"type": "rating-told", "group": group, "scale": scale}


def rating_back(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the button that takes a slider's answer back."""
    return {"type": "rating-back", "group": group, "scale": scale}
