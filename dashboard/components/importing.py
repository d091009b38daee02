"""Files that are brought in: where they are dropped, and how far it is."""

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.library.importing import Importing
from dashboard import ids

_TICK_MS = 500


def section() -> Component:
    """Return the part of the page that takes files."""
    drop = dcc.Upload(
        html.Button("Choose files, or drop them here", type="button", className="bt-button"),
        id=ids.IMPORT_FILES,
        multiple=True,
        className="bt-drop",
        className_active="bt-drop-over",
    )
    inside = [
        html.P(
            "RR intervals as text, HRV Logger's CSV, biotune's own CSV and logs: the format is found by the content. "
            "A file that is here already is not taken twice.",
            className="bt-caption",
        ),
        dmc.TextInput(
            id=ids.IMPORT_CLIENT,
            label="Whose (client code, may stay empty)",
            value="",
            debounce=True,
            maw=320,
        ),
        drop,
        dcc.Interval(id=ids.IMPORT_TICK, interval=_TICK_MS, disabled=True),
        html.Div(id=ids.IMPORT_SAID, role="status"),
        dmc.Button("Stop", id=ids.IMPORT_STOP, variant="default", display="none"),
    ]  # fmt: skip - controls read as one
    return html.Details(
        [html.Summary("Import files"), dmc.Stack(inside, gap="sm", mt="sm")], className="bt-import bt-noprint"
    )


def told(now: Importing) -> Component | None:
    """Say how far it is, or how it ended."""
    if not now.total:
        return None
    lines = [f"{now.done} of {now.total} files done."] if now.running else []
    if not now.running:
        came = "1 session came in" if len(now.sessions) == 1 else f"{len(now.sessions)} sessions came in"
        lines.append(f"{came}{': ' + ', '.join(now.sessions) if now.sessions else ''}.")
        if now.date_of_file:
            whose = "its date is" if len(now.date_of_file) == 1 else "their dates are"
            files = "the file, which does" if len(now.date_of_file) == 1 else "the files, which do"
            lines.append(f"{', '.join(now.date_of_file)}: {whose} that of {files} not say when it was recorded.")
        if now.stopped:
            lines.append(f"Stopped: {now.total - now.done} files were left out.")
    lines += [f"{name} is here already ({session})." for name, session in now.known]
    lines += [f"{name} could not be read: {why}" for name, why in now.failed]
    return html.Ul([html.Li(line) for line in lines], className="bt-plain-list")
