"""What the house knows beside the log: one JSON document a thing, found by its kind and key.

Kinds in use: ``client``, ``piece``, ``playlist``, ``plan``, ``folder``, ``setting``, ``draft``, ``export``. The log
stays the only record of what happened; a document may change, and the newest one holds.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from biotune.errors import StorageError
from biotune.storage import schema
from biotune.storage.transactions import Transactions

Document = Mapping[str, Any]


_MOST_KEYS = 500  # in one statement: some databases take no more than 999


class Documents:
    """The documents of one database.

    Parameters
    ----------
    transactions : Transactions
        Of the database.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def put(self, kind: str, key: str, document: Document, *, utc_ns: int) -> None:
        """Keep a document in place of what had its kind and key.

        Raises
        ------
        StorageError
            Where it could not be written.
        """
        self.put_many(kind, {key: document}, utc_ns=utc_ns)

    def put_many(self, kind: str, documents: Mapping[str, Document], *, utc_ns: int) -> None:
        """Keep many documents of a kind, all or none; as `put`."""
        table = schema.document
        rows = [
            {"kind": kind, "key": key, "body": json.dumps(document, ensure_ascii=False), "changed_utc_ns": utc_ns}
            for key, document in documents.items()
        ]

        def work(connection: Connection) -> None:
            for row in rows:
                connection.execute(delete(table).where(table.c.kind == kind, table.c.key == row["key"]))
            if rows:
                connection.execute(insert(table), rows)

        self._transactions.write(work)

    def remove(self, kind: str, key: str) -> bool:
        """Forget a document; tell whether there was one."""
        table = schema.document
        return self._transactions.write(
            lambda connection: (
                connection.execute(delete(table).where(table.c.kind == kind, table.c.key == key)).rowcount > 0
            )
        )

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document of that kind and key, or None."""
        table = schema.document
        with self._transactions.reading() as connection:
            body = connection.scalar(select(table.c.body).where(table.c.kind == kind, table.c.key == key))
        return None if body is None else _read(body, kind, key)

    def some(self, kind: str, keys: Sequence[str]) -> dict[str, Document]:
        """Return those documents of a kind that have these keys, by key."""
        table = schema.document
        found: dict[str, Document] = {}
        with self._transactions.reading() as connection:
            for at in range(0, len(keys), _MOST_KEYS):
                among = table.c.key.in_(keys[at : at + _MOST_KEYS])
                rows = connection.execute(select(table.c.key, table.c.body).where(table.c.kind == kind, among))
                found |= {key: _read(body, kind, key) for key, body in rows}
        return found

    def all(self, kind: str) -> dict[str, Document]:
        """Return every document of a kind by its key, in the keys' order."""
        table = schema.document
        wanted = select(table.c.key, table.c.body).where(table.c.kind == kind).order_by(table.c.key)
        with self._transactions.reading() as connection:
            return {key: _read(body, kind, key) for key, body in connection.execute(wanted)}

    def since(self, kind: str, utc_ns: int) -> tuple[dict[str, Document], int, int]:
        """Return what changed of a kind at an instant or later, how many there are in all, and when the latest changed.

        Parameters
        ----------
        utc_ns : int
            The instant; 0 for every document.
        """
        table = schema.document
        newer = select(table.c.key, table.c.body).where(table.c.kind == kind, table.c.changed_utc_ns >= utc_ns)
        totals = select(func.count(), func.max(table.c.changed_utc_ns)).where(table.c.kind == kind)
        with self._transactions.reading() as connection:
            count, latest = connection.execute(totals).one()
            found = connection.execute(newer.order_by(table.c.key)).all()
        return {key: _read(body, kind, key) for key, body in found}, count, latest or 0

    def revision(self, kind: str) -> str:
        """Return a word that changes whenever a document of that kind does."""
        table = schema.document
        wanted = select(func.count(), func.max(table.c.changed_utc_ns)).where(table.c.kind == kind)
        with self._transactions.reading() as connection:
            count, newest = connection.execute(wanted).one()
        return f"{count}.{newest or 0}"


def _read(body: str, kind: str, key: str) -> Document:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise StorageError(f"what is kept of the {kind} {key} cannot be read", why=f"{error}.") from error
    if not isinstance(document, dict):
        raise StorageError(f"what is kept of the {kind} {key} cannot be read", why="It is no document.")
    return document
