"""A report as a file's bytes, by its ending."""

from biotune.library.subjects import Subject
from biotune.report import html, papers, pdf
from biotune.report.papers import Audience

ENDINGS = (".html", ".pdf")
TYPES = {".html": "text/html", ".pdf": "application/pdf"}


def printed(subject: Subject, audience: str, ending: str) -> bytes:
    """Return a session's report.

    Parameters
    ----------
    subject : Subject
        A session, or a file.
    audience : str
        ``client`` or ``researcher``.
    ending : str
        One of `ENDINGS`.

    Raises
    ------
    BiotuneError
        Where it cannot be made.
    """
    paper = papers.write(subject, Audience(audience))
    return pdf.document(paper) if ending == ".pdf" else html.page(paper).encode()
