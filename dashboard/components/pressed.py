"""Whether a button was pressed, or has only been drawn."""

from typing import Any

from dash import ctx


def was_pressed() -> bool:
    """Tell, within a callback, whether the button that called it was pressed.

    A list that is drawn anew brings buttons nobody pressed, beside others that were. Dash's own ``ctx.triggered`` has
    no value where an id holds letters beyond ASCII, as the name of a folder or a client's code may.
    """
    groups: list[Any] = list(ctx.inputs_list)
    buttons = [each for group in groups for each in (group if isinstance(group, list) else [group])]
    return any(each.get("value") for each in buttons if each["id"] == ctx.triggered_id)
