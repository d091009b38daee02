"""A log line as a row of the table `line`, and back."""

from typing import Any

from sqlalchemy import Integer, RowMapping, bindparam, func, select

from biotune.domain import Entry, LogLine, Stamp
from biotune.storage import schema
from biotune.storage.entries import from_columns, to_columns

NEXT_SEQ = func.coalesce(func.max(schema.line.c.seq), 0) + 1

_VALUES = {
    column.name: NEXT_SEQ if column.name == "seq" else bindparam(f"the_{column.name}", type_=column.type)
    for column in schema.line.columns
}
# one statement finds the next number and takes it
APPEND = (
    schema.line.insert()
    .from_select(
        list(_VALUES),
        select(*_VALUES.values()).where(schema.line.c.session == bindparam("the_session", type_=Integer)),
    )
    .returning(schema.line.c.seq)
)


def to_row(session: int, writer: str, stamp: Stamp, entry: Entry, recording: int) -> dict[str, Any]:
    """Return every column but `seq`, which the database gives."""
    kind, data, detail = to_columns(entry)
    return {
        "session": session,
        "writer": writer,
        "boot_id": stamp.boot_id,
        "monotonic_ns": stamp.monotonic_ns,
        "utc_ns": stamp.utc_ns,
        "recording": recording,
        "kind": kind,
        "data": data,
        "detail": detail,
    }


def from_row(row: RowMapping) -> LogLine:
    """Return the line that a row holds."""
    return LogLine(
        seq=row["seq"],
        writer=row["writer"],
        stamp=Stamp(row["boot_id"], row["monotonic_ns"], row["utc_ns"]),
        recording=row["recording"],
        entry=from_columns(row["kind"], row["data"], row["detail"]),
    )
