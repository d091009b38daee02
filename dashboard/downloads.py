"""Files that a page offers: ``/download/<session>/<what>``.

`what` is ``client.html``, ``client.pdf``, ``researcher.html``, ``researcher.pdf``, or one of the export formats
(``csv``, ``kubios``, ``bids``, ``edf``, ``xlsx``, ``json``); ``?notes=yes`` lets free text out as well. A browser keeps
such a file where it likes: the library notes that it was fetched, so that erasing can remind of it.
"""

from flask import Flask, Response, request

from biotune.errors import BiotuneError, SessionNotFound, UsageError
from biotune.library import Library
from biotune.library.exports import FORMATS, OneFile, one_file
from biotune.library.subjects import Subject, of_session
from biotune.report import printing

REPORTS = tuple(f"{audience}{ending}" for audience in ("client", "researcher") for ending in printing.ENDINGS)
_OURS = frozenset({"same-origin", "none"})  # a page of this dashboard, or an address typed in


def address(session_id: str, what: str) -> str:
    """Return where a file of a session is fetched; `what` is one of `REPORTS` or of the export formats."""
    return f"/download/{session_id}/{what}"


def register(server: Flask, library: Library) -> None:
    """Answer the addresses.

    Parameters
    ----------
    server : Flask
        Of the dashboard; `security.protect` guards it.
    library : Library
        Whose sessions they are.
    """

    @server.route("/download/<path:session>/<what>", methods=["GET"])
    def download(session: str, what: str) -> Response:
        if request.headers.get("Sec-Fetch-Site", "none") not in _OURS:
            return _told("This request came from another site's page.", 403)
        try:
            subject = of_session(library, session)
            made = _made(subject, what, with_notes=request.args.get("notes") == "yes")
        except (SessionNotFound, UsageError) as error:
            return _told(str(error), 404)
        except BiotuneError as error:
            return _told(str(error), 422)
        if request.method == "GET":
            library.eraser.note_fetched(made.name, client=subject.session.client, session_id=subject.session.id)
        answer = Response(made.data, mimetype=made.media_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _made(subject: Subject, what: str, *, with_notes: bool) -> OneFile:
    if what in REPORTS:
        audience, _, ending = what.partition(".")
        number = f"-{subject.number}" if subject.number > 1 else ""
        data = printing.printed(subject, audience, f".{ending}")
        return OneFile(f"biotune-{subject.name}{number}-{what}", printing.TYPES[f".{ending}"], data)
    if what not in FORMATS:
        raise UsageError(
            f"there is no file {what!r} of a session", hint=f"There are: {', '.join((*REPORTS, *FORMATS))}."
        )
    return one_file(subject, what, with_notes=with_notes)


def _told(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")
