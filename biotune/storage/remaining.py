"""Where a client's code still stands in what is kept of others: words that people typed, and names of files.

Erasing takes away what is about a client. That somebody's playlist is called by the code, or that a note in another's
session names it, is other people's text: it is found and told, and left to people.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from biotune.storage import schema
from biotune.storage.mentions import Gone, is_about, without

# Kinds of lines that hold people's words; in the others a code such as 812 would be found among numbers.
_WORDED = (
    "marker",
    "marker-added",
    "marker-corrected",
    "context",
    "music",
    "music-report",
    "phase-started",
    "phase-corrected",
    "beat-judged",
    "rating",
    "score",
    "reading",
)
_PLAIN = re.compile(r"[\x00-\x7f]+")
_NAMES = ("title", "name", "path")  # what a document is called by, where it says


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One place that still names a client.

    Attributes
    ----------
    kind : str
        Of the line (``marker``, ``context``, …) or the document (``playlist``, …); ``recording`` for a recording's
        label, ``import`` for an imported file's name, ``name`` for another client's name or contact.
    about : str
        The session, what the document is called, or the other client's code.
    """

    kind: str
    about: str


def mentions(connection: Connection, code: str, *, sessions: Collection[str] = ()) -> tuple[Mention, ...]:
    """Find what names a client and does not go with the client, in whole words, whatever their case.

    Parameters
    ----------
    connection : Connection
        Of the database.
    code : str
        The client's.
    sessions : collection of str
        Ids of the client's own.
    """
    word = re.compile(rf"(?<!\w){re.escape(code)}(?!\w)", re.IGNORECASE)
    found = {
        *_in_lines(connection, code, word),
        *_in_sessions(connection, code, word),
        *_in_names(connection, code, word),
    }
    kept = {each for each in found if each.about not in sessions}
    gone = Gone({code}, sessions)
    return tuple(sorted({*kept, *_in_documents(connection, word, gone)}))


def _in_lines(connection: Connection, code: str, word: re.Pattern[str]) -> Iterator[Mention]:
    line = schema.line.c
    wanted = select(line.session, line.kind, line.detail).where(
        line.kind.in_(_WORDED),
        _may_contain(line.detail, json.dumps(_plainest(code))[1:-1]),  # as the log writes it
    )
    for session, kind, detail in connection.execute(wanted):
        if _says(json.loads(detail), word):
            yield Mention(kind, f"S{session}")


def _in_sessions(connection: Connection, code: str, word: re.Pattern[str]) -> Iterator[Mention]:
    for kind, table, column in (
        ("recording", schema.recording, schema.recording.c.label),
        ("import", schema.imported_file, schema.imported_file.c.file_name),
    ):
        wanted = select(table.c.session, column).where(_may_contain(column, _plainest(code)))
        for session, text in connection.execute(wanted):
            if word.search(text):
                yield Mention(kind, f"S{session}")


def _in_names(connection: Connection, code: str, word: re.Pattern[str]) -> Iterator[Mention]:
    table = schema.client_name.c
    for client, name, contact in connection.execute(select(table.client, table.name, table.contact)):
        if client != code and (word.search(name) or word.search(contact)):
            yield Mention("name", client)


def _in_documents(connection: Connection, word: re.Pattern[str], gone: Gone) -> Iterator[Mention]:
    table = schema.document.c
    for kind, key, body in connection.execute(select(table.kind, table.key, table.body)):
        try:
            document: Any = json.loads(body)
        except ValueError:
            document = body
        if is_about(kind, key, document, gone):
            continue
        document = without(document, gone)  # what erasing takes out of it is not left
        if word.search(key) or _says(document, word):
            named = document if isinstance(document, dict) else {}
            yield Mention(kind, next((str(named[each]) for each in _NAMES if named.get(each)), key))


def _may_contain(column: Any, part: str) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions
    return func.lower(column).contains(part.lower(), autoescape=True)


def _plainest(code: str) -> str:
    """Return the longest part of a code whose case every database knows: SQLite's `lower` leaves Ü as it is."""
    return max(_PLAIN.findall(code), key=len, default="")


def _says(document: Any, word: re.Pattern[str]) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(document, dict):
        return any(_says(value, word) for value in document.values())
    if isinstance(document, list):
        return any(_says(each, word) for each in document)
    return isinstance(document, str) and word.search(document) is not None
