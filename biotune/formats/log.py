"""A whole biotune session as JSON Lines: a header, then one line for each line of its log.

::

    {"schema": "biotune.log/1", "client": "C07", "protocol": "listening", "started": "2026-…", "finished": true, "recordings": 1}
    {"seq": 1, "writer": "recorder", "boot": "…", "monotonic_ns": 0, "utc_ns": 0, "recording": 1, "kind": "strap", "entry": {…}}

Nothing is lost on the way out and in again: what is read has the log's own hash.
"""  # noqa: E501 - a line of the file is one line

import json
from datetime import datetime
from typing import Any

from biotune.domain import KIND_OF_ENTRY, IntervalImported, LogLine, PacketReceived, Session, Stamp
from biotune.domain.plain_text import without_controls
from biotune.errors import FormatError, StorageError
from biotune.formats.text import Content, TextFile, quoted
from biotune.storage.entries import from_json, to_json

NAME = "biotune-log"
PLAIN = "a biotune session's log"
SCHEMA = "biotune.log/1"

_TYPES: dict[str, type] = {
    "seq": int,
    "writer": str,
    "boot": str,
    "monotonic_ns": int,
    "utc_ns": int,
    "recording": int,
    "kind": str,
    "entry": dict,
}
_MOST_RECORDINGS = 100  # a strap each: a group, not a crowd
_LARGEST = 2**63 - 1  # what a database's integer holds


def sniff(file: TextFile) -> bool:
    """Whether the first line is a log's header."""
    return file.first.startswith("{") and '"biotune.log/' in file.first


def read(file: TextFile) -> Content:
    """Read a session's log.

    Raises
    ------
    FormatError
        Where a line is not what the header promises, saying which.
    """
    numbered = [(line, text) for line, text in enumerate(file.lines, start=1) if text.strip()]
    (first, header_text), *rest = numbered
    header = _object(file, first, header_text)
    if header.get("schema") != SCHEMA:
        file.refuse(
            first,
            f"the schema is {quoted(str(header.get('schema')))}, not {SCHEMA}",
            hint="It may come from a newer version of biotune.",
        )
    recordings = header.get("recordings", 1)
    if type(recordings) is not int or not 1 <= recordings <= _MOST_RECORDINGS:
        file.refuse(first, f"{quoted(str(recordings))} is not a number of recordings")
    lines = tuple(_line(file, number, text, recordings, seq) for seq, (number, text) in enumerate(rest, start=1))
    if not any(isinstance(line.entry, PacketReceived | IntervalImported) for line in lines):
        raise FormatError(f"{file.source} is a session without a heartbeat in it", hint="Export another session.")
    return Content(
        lines,
        recordings=recordings,
        started=_started(file, first, header.get("started")),
        client=_word(file, first, header, "client"),
        protocol=_word(file, first, header, "protocol"),
        finished=header.get("finished") is not False,
    )


def write(session: Session) -> str:
    """Return a session's log as text.

    Parameters
    ----------
    session : Session
        With all its recordings; the lines they share are written once.
    """
    header = {
        "schema": SCHEMA,
        "client": session.client,
        "protocol": session.protocol,
        "started": session.started.isoformat(),
        "finished": session.finished,
        "recordings": len(session.recordings),
    }
    by_seq = {line.seq: line for recording in session.recordings for line in recording.lines}
    documents = [header, *(_document(by_seq[seq]) for seq in sorted(by_seq))]
    return "".join(f"{json.dumps(document, ensure_ascii=False)}\n" for document in documents)


def _document(line: LogLine) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "writer": line.writer,
        "boot": line.stamp.boot_id,
        "monotonic_ns": line.stamp.monotonic_ns,
        "utc_ns": line.stamp.utc_ns,
        "recording": line.recording,
        "kind": KIND_OF_ENTRY[type(line.entry)],
        "entry": to_json(line.entry),
    }


def _object(file: TextFile, number: int, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{file.source}, line {number} is not JSON",
            why="The file may have been cut off or edited.",
            hint="Export the session again.",
        ) from error
    if not isinstance(document, dict):
        file.refuse(number, "this is not a line of a log", hint="Export the session again.")
    return document


def _line(file: TextFile, number: int, text: str, recordings: int, seq: int) -> LogLine:
    document = _object(file, number, text)
    for key, kind in _TYPES.items():
        value = document.get(key)
        if type(value) is not kind or (isinstance(value, str) and not value.isprintable()):
            file.refuse(number, f"{key} is missing or is not what it should be", hint="Export the session again.")
    if document["seq"] != seq:
        file.refuse(
            number,
            f"line {seq} of the log was expected and {document['seq']} stands there",
            why="The file may have been cut or edited.",
            hint="Export the session again.",
        )
    if not 0 <= document["recording"] <= recordings:
        file.refuse(number, f"there is no recording {document['recording']} in this session")
    if max(abs(document["monotonic_ns"]), abs(document["utc_ns"])) > _LARGEST:
        file.refuse(number, "a stamp lies beyond all clocks")
    try:
        entry = from_json(document["kind"], _plain(document["entry"]))
    except StorageError as error:
        raise FormatError(f"{file.source}, line {number}: {error.what}", why=error.why, hint=error.hint) from error
    stamp = Stamp(document["boot"], document["monotonic_ns"], document["utc_ns"])
    return LogLine(seq, document["writer"], stamp, document["recording"], entry)


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what an entry says, its texts without control characters."""
    return {key: without_controls(value) if isinstance(value, str) else value for key, value in entry.items()}


def _word(file: TextFile, number: int, header: dict[str, Any], key: str) -> str:
    value = header.get(key, "")
    if not isinstance(value, str) or not value.isprintable():
        file.refuse(number, f"{key} is not a word: {quoted(str(value))}")
    return value


def _started(file: TextFile, number: int, text: object) -> datetime:
    try:
        started = datetime.fromisoformat(str(text))
    except ValueError:
        file.refuse(number, f"{quoted(str(text))} is not a date")
    if started.tzinfo is None:
        file.refuse(number, "the date has no time zone")
    return started
