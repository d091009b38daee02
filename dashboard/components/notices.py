"""What is said instead of a page or a figure, and why."""

import logging
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.errors import BiotuneError

UNSEEN: Any = {"aria-hidden": "true"}  # by screen readers: words stand beside it

logger = logging.getLogger(__name__)


def named(label: str, **more: str) -> Any:  # noqa: ANN401 - Dash takes these names only unpacked
    """Return the property that names something for who cannot see it, and others with a hyphen (``data_x``)."""
    return {"aria-label": label, **{name.replace("_", "-"): value for name, value in more.items()}}


def marked(**marks: str) -> Any:  # noqa: ANN401 - as above
    """Return what scripts and style sheets read from an element, as its ``data-`` properties."""
    return {f"data-{name}": value for name, value in marks.items()}


def icon(name: str) -> Component:
    """Return one of our own drawings."""
    return html.Span(className=f"bt-icon bt-icon-{name}", **UNSEEN)


def notice(title: str, *sentences: str) -> Component:
    """Return a plain notice.

    Parameters
    ----------
    title : str
        What is the matter.
    *sentences : str
        Why, and what to do next; empty ones are left out.
    """
    told = [dmc.Text(sentence) for sentence in sentences if sentence]
    return dmc.Alert(dmc.Stack(told, gap=4), title=title, icon=icon("info"), color="gray", variant="outline", my="md")


def of_error(error: Exception) -> Component:
    """Turn whatever a callback raised into a notice; what is not ours is logged with its traceback.

    Parameters
    ----------
    error : Exception
        A `BiotuneError` says what, why and what next; anything else is a fault of the program.
    """
    if isinstance(error, BiotuneError):
        return notice(error.what[:1].upper() + error.what[1:], error.why, error.hint)
    logger.error("a callback failed", exc_info=error)
    return notice(
        "Something in biotune failed",
        "Your recordings are not touched by this.",
        "The window in which biotune runs shows what happened.",
    )
