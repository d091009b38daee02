"""Which sessions there are: asked without reading a log, so that ten thousand cost hardly more than ten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Select,
    String,
    cast,
    false,
    func,
    literal,
    select,
    true,
    type_coerce,
)

from biotune.storage import schema
from biotune.storage.database import database_file
from biotune.storage.references import number_of
from biotune.storage.rows import is_of, to_utc_ns
from biotune.storage.transactions import Transactions


class SessionRow(NamedTuple):
    """A session's number, whose it is, its protocol, and when it began; a tuple, since there may be very many."""

    number: int
    client: str
    protocol: str
    started_utc_ns: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions: of one client, of one protocol (empty for any), begun from `since_ns` until before `until_ns`."""

    client: str = ""
    protocol: str = ""
    since_ns: int | None = None
    until_ns: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the same as conditions on the table; what was put aside is never among them."""
        table = schema.session.c
        found: list[ColumnElement[bool]] = [table.removed_utc_ns.is_(None)]
        if self.client:
            found.append(table.client == self.client)
        if self.protocol:
            found.append(table.protocol == self.protocol)
        if self.since_ns is not None:
            found.append(table.started_utc_ns >= self.since_ns)
        if self.until_ns is not None:
            found.append(table.started_utc_ns < self.until_ns)
        return found


EVERYTHING = Wanted()


class Finding:
    """The table of sessions of one database.

    Parameters
    ----------
    transactions : Transactions
        Of the database.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def count(self, wanted: Wanted = EVERYTHING) -> int:
        """Count the sessions."""
        number: int = self._rows(select(func.count()).select_from(schema.session).where(*wanted.conditions()))[0][0]
        return number

    def index(self, wanted: Wanted = EVERYTHING) -> tuple[SessionRow, ...]:
        """Return what can be known of sessions without their logs, the newest first."""
        table = schema.session.c
        columns = select(table.id, func.coalesce(table.client, ""), table.protocol, table.started_utc_ns)
        newest = columns.where(*wanted.conditions()).order_by(table.started_utc_ns.desc(), table.id.desc())
        return tuple(map(SessionRow._make, self._rows(newest)))

    def numbers(self, wanted: Wanted, *, order: str, limit: int, offset: int) -> list[int]:
        """Return the numbers of a page of sessions.

        Parameters
        ----------
        wanted : Wanted
            Which ones.
        order : str
            ``newest``, ``oldest``, ``client``, ``protocol`` or ``longest``, which is by the length as last counted.
        limit, offset : int
            Which page.
        """
        table = schema.session.c
        source = schema.session if order != "longest" else self._with_counts()
        orders: dict[str, tuple[ColumnElement[Any], ...]] = {
            "newest": (table.started_utc_ns.desc(), table.id.desc()),
            "oldest": (table.started_utc_ns, table.id),
            "client": (func.lower(func.coalesce(table.client, "")), table.started_utc_ns),
            "protocol": (func.lower(table.protocol), table.started_utc_ns),
            "longest": (func.coalesce(self._counted_s(), 0.0).desc(), table.started_utc_ns.desc(), table.id.desc()),
        }
        page = (
            select(table.id)
            .select_from(source)
            .where(*wanted.conditions())
            .order_by(*orders[order])
            .limit(limit)
            .offset(offset)
        )
        return [number for (number,) in self._rows(page)]

    def _with_counts(self) -> FromClause:
        """Return the sessions beside what was counted of each."""
        of_it = literal("summary/") + cast(schema.session.c.id, String)
        return schema.session.outerjoin(schema.cache, schema.cache.c.key == of_it)

    def _counted_s(self) -> ColumnElement[Any]:
        """Return a session's length out of what was counted of it, read by the database itself."""
        document = schema.cache.c.document
        on_file = self._transactions.engine.dialect.name == "sqlite"  # whose JSON is text
        read: ColumnElement[Any] = type_coerce(document, JSON) if on_file else cast(document, JSON)
        seconds: ColumnElement[Any] = read["duration_s"].as_float()
        return seconds

    def words(self, column: str) -> tuple[str, ...]:
        """Return every different ``client`` or ``protocol`` there is, in order."""
        wanted = select(schema.session.c[column]).where(*EVERYTHING.conditions()).distinct()
        return tuple(sorted((word for (word,) in self._rows(wanted) if word), key=str.casefold))

    def state(self) -> str:
        """Return a word that changes whenever a session begins, ends, is put aside or brought back."""
        table = schema.session
        finished = select(func.count()).where(table.c.finished == true()).scalar_subquery()
        wanted = select(func.count(), func.max(table.c.id), finished, func.count(table.c.removed_utc_ns))
        return ".".join(str(number or 0) for number in self._rows(wanted.select_from(table))[0])

    def revision(self) -> str:
        """Return a word that changes whenever anything is recorded; cheap enough to ask every second."""
        session, line = schema.session, schema.line
        last = select(func.max(line.c.seq)).where(line.c.session == session.c.id).scalar_subquery()
        finished = select(func.count()).where(session.c.finished == true()).scalar_subquery()
        numbers_of = (func.max(session.c.id), func.count(), finished, func.sum(func.coalesce(last, 0)))
        removed = func.count(session.c.removed_utc_ns)
        (numbers,) = self._rows(select(*numbers_of, removed).select_from(session))
        return ".".join(str(number or 0) for number in numbers)

    def import_of(self, sha256: str) -> str | None:
        """Return the first session imported from a file of that content that was not put aside, or None."""
        table, session = schema.imported_file, schema.session
        there = select(func.min(table.c.session)).join(session, session.c.id == table.c.session)
        ((found,),) = self._rows(there.where(table.c.sha256 == sha256, session.c.removed_utc_ns.is_(None)))
        return None if found is None else f"S{found}"

    def format_of(self, session_id: str) -> str:
        """Return the format of the file that a session was imported from; empty where it was recorded here."""
        table = schema.imported_file.c
        found = self._rows(select(table.format).where(table.session == number_of(session_id)))
        return str(found[0][0]) if found else ""

    def begun_at(self, moment: datetime) -> tuple[str, ...]:
        """Return the ids of sessions that began at that instant and were not put aside, the first ones first."""
        table = schema.session.c
        wanted = select(table.id).where(table.started_utc_ns == to_utc_ns(moment), table.removed_utc_ns.is_(None))
        return tuple(f"S{number}" for (number,) in self._rows(wanted.order_by(table.id)))

    def unfinished(self, client: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return id and protocol of every unfinished session (of one client's, if given), the newest first."""
        table = schema.session.c
        wanted = select(table.id, table.protocol).where(table.finished == false(), table.removed_utc_ns.is_(None))
        if client is not None:
            wanted = wanted.where(is_of(client))
        return tuple((f"S{number}", protocol) for number, protocol in self._rows(wanted.order_by(table.id.desc())))

    def lengths(self) -> dict[int, float]:
        """Return the length of every session in seconds, by its number, as last counted."""
        table = schema.cache
        rows = self._rows(select(table.c.key, table.c.document).where(table.c.key.like("summary/%")))
        return {int(key[len("summary/") :]): _length_s(document) for key, document in rows}

    def audit(self, *, most: int) -> list[tuple[int, str, str, str]]:
        """Return the newest rows of the audit log (when, who, what, about), the newest first."""
        table = schema.audit.c
        wanted = select(table.utc_ns, table.who, table.what, table.about).order_by(table.id.desc()).limit(most)
        return [(utc_ns, who, what, about) for utc_ns, who, what, about in self._rows(wanted)]

    def address(self) -> str:
        """Return the database's address for people: a password is hidden."""
        return self._transactions.engine.url.render_as_string(hide_password=True)

    def file(self) -> Path | None:
        """Return the database's file; None for a server's."""
        return database_file(self._transactions.url) if self._transactions.engine.dialect.name == "sqlite" else None

    def _rows(self, wanted: Select[Any]) -> Sequence[Sequence[Any]]:
        with self._transactions.reading() as connection:
            return connection.execute(wanted).all()


@lru_cache(maxsize=50_000)
def _length_s(document: str) -> float:
    return float(json.loads(document)["duration_s"])
