"""What of a session can be fetched as a file: reports for paper, and data for other programs."""

from dash import html
from dash.development.base_component import Component

from dashboard import downloads
from dashboard.components import notices

_OFFERED = (
    ("A report for the client", (("PDF", "client.pdf"), ("web page", "client.html"))),
    ("A report for researchers", (("PDF", "researcher.pdf"), ("web page", "researcher.html"))),
    (
        "Data for other programs",
        (
            ("CSV", "csv"),
            ("spreadsheet", "xlsx"),
            ("EDF+", "edf"),
            ("BIDS", "bids"),
            ("Kubios", "kubios"),
            ("JSON", "json"),
        ),
    ),
)
_NOTE = (
    "Notes and circumstances that people typed are left out. Where your browser keeps a file, nobody else knows: "
    "delete it there when the client's data is to go."
)


def offered(session_id: str) -> Component:
    """Return the files behind a summary that opens.

    Parameters
    ----------
    session_id : str
        Such as ``S12`` or ``S12/2``.
    """
    rows = [html.Li([f"{title}: ", *_links(title, session_id, files)]) for title, files in _OFFERED]
    inside = [html.Ul(rows), html.P(_NOTE, className="bt-caption")]
    return html.Details([html.Summary("Reports and files"), *inside], className="bt-noprint bt-files")


def _links(title: str, session_id: str, files: tuple[tuple[str, str], ...]) -> list[str | Component]:
    made: list[str | Component] = []
    for label, what in files:
        told = notices.named(f"{title}: {label}")
        made += [html.A(label, href=downloads.address(session_id, what), **told), ", "]
    return made[:-1]
