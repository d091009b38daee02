"""Rows of the tables beside the log, changed inside the transaction of whoever asks."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, true

from biotune.storage import schema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_utc_ns(moment: datetime) -> int:
    """Return a moment as its column holds it: whole microseconds, in nanoseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def from_utc_ns(utc_ns: int) -> datetime:
    """Return the moment that a column holds."""
    return _EPOCH + timedelta(microseconds=utc_ns // 1000)


def is_of(client: str) -> ColumnElement[bool]:
    """Return the condition that a session is that client's; nobody's where the code is empty."""
    return schema.session.c.client == client if client else schema.session.c.client.is_(None)


def know_client(connection: Connection, client: str) -> None:
    """Give a client's code a row, where it has none yet."""
    known = select(schema.client.c.code).where(schema.client.c.code == client)
    if connection.scalar(known) is None:
        connection.execute(schema.client.insert().values(code=client))


def give_to(connection: Connection, session: int, client: str) -> None:
    """Make a session that client's; nobody's where the code is empty."""
    if client:
        know_client(connection, client)
    table = schema.session
    connection.execute(table.update().where(table.c.id == session).values(client=client or None))


def finish(connection: Connection, session: int) -> None:
    """Mark a session as over."""
    connection.execute(schema.session.update().where(schema.session.c.id == session).values(finished=true()))


def keep(connection: Connection, documents: Mapping[str, str]) -> None:
    """Keep what was computed, by its key, in place of what was kept under it."""
    table = schema.cache
    connection.execute(table.delete().where(table.c.key.in_(list(documents))))
    connection.execute(table.insert(), [{"key": key, "document": text} for key, text in documents.items()])
