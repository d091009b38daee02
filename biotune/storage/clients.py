"""Clients' codes, and their names: in a table of its own, which nothing else looks into."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from biotune.storage import rows, schema
from biotune.storage.transactions import Transactions


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
    transactions : Transactions
        Of the database.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def codes(self) -> tuple[str, ...]:
        """Return every code that was ever given, in order."""
        with self._transactions.reading() as connection:
            return tuple(connection.scalars(select(schema.client.c.code).order_by(schema.client.c.code)))

    def add(self, code: str) -> None:
        """Give a code; one that was given before stays as it is."""
        self._transactions.write(lambda connection: rows.know_client(connection, code))

    def name(self, code: str) -> ClientName:
        """Return who a code stands for; nothing where that is not kept."""
        table = schema.client_name
        with self._transactions.reading() as connection:
            row = connection.execute(select(table.c.name, table.c.contact).where(table.c.client == code)).first()
        return ClientName(row.name, row.contact) if row else ClientName()

    def names(self) -> dict[str, ClientName]:
        """Return every name that is kept, by code."""
        table = schema.client_name
        with self._transactions.reading() as connection:
            found = connection.execute(select(table).order_by(table.c.client)).all()
        return {row.client: ClientName(row.name, row.contact) for row in found}

    def set_name(self, code: str, kept: ClientName) -> None:
        """Keep who a code stands for, in place of what was kept; an empty name forgets it."""
        table = schema.client_name

        def work(connection: Connection) -> None:
            rows.know_client(connection, code)
            connection.execute(delete(table).where(table.c.client == code))
            if kept:
                connection.execute(insert(table).values(client=code, name=kept.name, contact=kept.contact))

        self._transactions.write(work)
