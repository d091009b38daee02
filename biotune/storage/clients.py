"""Clients' codes, and their names: in a table of its own, which nothing else looks into."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, insert, select

from biotune.storage import schema
from biotune.storage.database import WRITES, translated

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClientName:
    """Who a code stands for, where that is kept at all."""

    name: str = ""
    contact: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is kept."""
        return bool(self.name or self.contact)


class ClientTable:
    """Codes and names of one database.

    Parameters
    ----------
    engine : Engine
        The database.
    url : str
        Its address, for messages.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._url = url

    def codes(self) -> tuple[str, ...]:
        """Return every code that was ever given, in order."""
        with translated(self._url), self._engine.connect() as connection:
            return tuple(connection.scalars(select(schema.client.c.code).order_by(schema.client.c.code)))

    def add(self, code: str) -> None:
        """Give a code; one that was given before stays as it is."""
        self._write(lambda connection: _add(connection, code))

    def name(self, code: str) -> ClientName:
        """Return who a code stands for; nothing where that is not kept."""
        table = schema.client_name
        with translated(self._url), self._engine.connect() as connection:
            row = connection.execute(select(table.c.name, table.c.contact).where(table.c.client == code)).first()
        return ClientName(row.name, row.contact) if row else ClientName()

    def names(self) -> dict[str, ClientName]:
        """Return every name that is kept, by code."""
        table = schema.client_name
        with translated(self._url), self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.client)).all()
        return {row.client: ClientName(row.name, row.contact) for row in rows}

    def set_name(self, code: str, kept: ClientName) -> None:
        """Keep who a code stands for, in place of what was kept; an empty name forgets it."""
        table = schema.client_name

        def work(connection: Connection) -> None:
            _add(connection, code)
            connection.execute(delete(table).where(table.c.client == code))
            if kept:
                connection.execute(insert(table).values(client=code, name=kept.name, contact=kept.contact))

        self._write(work)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with translated(self._url), self._engine.execution_options(**WRITES).begin() as connection:
            return work(connection)


def _add(connection: Connection, code: str) -> None:
    if connection.scalar(select(schema.client.c.code).where(schema.client.c.code == code)) is None:
        connection.execute(insert(schema.client).values(code=code))
