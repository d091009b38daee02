"""Erasing for good: what is deleted here cannot be read in the database's files afterwards.

A plain DELETE leaves the words in free pages and in the write-ahead log. So SQLite overwrites what it deletes
(``secure_delete``), writes the file anew (``VACUUM``) and empties the write-ahead log. The triggers that keep the log
append-only are lifted inside the one transaction that erases; they stand again when it is over, whether it
succeeded or not. PostgreSQL's tables are written anew as well; its server's own archives are its keeper's to delete.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, false, func, insert, select, text, update

from biotune.domain import ClientCorrected
from biotune.errors import StorageError
from biotune.storage import schema
from biotune.storage.database import WRITES, database_file, translated
from biotune.storage.entries import from_columns, to_columns
from biotune.storage.mentions import Gone, is_about, without
from biotune.storage.references import not_found
from biotune.storage.remaining import Mention, mentions
from biotune.storage.transactions import Transactions

_ERASED, _CLEANED = "erased", "cleaned"  # words of the audit
_PATIENCE_S = 10.0  # for a page that reads just now
_PAUSE_S = 0.1
_TRIGGERS = {"line": ("line_no_change",), "audit": ("audit_no_change",)}  # of PostgreSQL, by table


@dataclass(frozen=True, slots=True)
class Extent:
    """What would go, or went; never its content.

    Attributes
    ----------
    sessions : tuple of str
        Their ids.
    lines : int
        Of their logs.
    documents : tuple of (str, str)
        Kind and key of each that is about them as a whole.
    has_name : bool
        Whether a name or a contact is kept.
    exports : tuple of mapping
        The records of files that were written from them.
    """

    sessions: tuple[str, ...]
    lines: int
    documents: tuple[tuple[str, str], ...] = ()
    has_name: bool = False
    exports: tuple[dict[str, Any], ...] = field(default=())


class Erasing:
    """Erasing in one database.

    Parameters
    ----------
    transactions : Transactions
        Of the database.
    is_recorded_now : callable
        Whether a session, by its id, is being recorded.
    """

    def __init__(self, transactions: Transactions, *, is_recorded_now: Callable[[str], bool]) -> None:
        self._transactions = transactions
        self._engine = transactions.engine
        self._url = transactions.url
        self._is_recorded_now = is_recorded_now

    def extent_of_client(self, client: str) -> Extent:
        """Tell what would go with a client, changing nothing.

        Raises
        ------
        StorageError
            Where nothing is kept of that client.
        """
        with self._transactions.reading() as connection:
            return _extent(connection, _numbers_of(connection, client), client=client)

    def extent_of_session(self, session_id: str) -> Extent:
        """Tell what would go with a session, changing nothing.

        Raises
        ------
        SessionNotFound
            Where there is no such session.
        """
        with self._transactions.reading() as connection:
            return _extent(connection, [_number(connection, session_id)])

    def mentions_of(self, client: str, *, besides: Extent | None = None) -> tuple[Mention, ...]:
        """Find what still names a client in what is kept of others; `besides` goes with the client."""
        with self._transactions.reading() as connection:
            return mentions(connection, client, sessions=besides.sessions if besides else ())

    def erase_client(self, client: str, *, who: str, utc_ns: int) -> Extent:
        """Erase everything of one client; return what went. Then `clean`.

        Raises
        ------
        StorageError
            Where nothing is kept of that client, or a recording runs.
        """

        def work(connection: Connection) -> Extent:
            numbers = _numbers_of(connection, client)
            extent = _extent(connection, numbers, client=client)
            _erase_sessions(connection, numbers)
            _erase_documents(connection, Gone({client}, extent.sessions))
            _forget(connection, client)
            return extent

        return self._do(work, who=who, utc_ns=utc_ns)

    def erase_session(self, session_id: str, *, who: str, utc_ns: int) -> Extent:
        """Erase one session; return what went. Then `clean`. Raises as `extent_of_session` and `erase_client`."""

        def work(connection: Connection) -> Extent:
            number = _number(connection, session_id)
            extent = _extent(connection, [number])
            _erase_sessions(connection, [number])
            _erase_documents(connection, Gone(sessions=extent.sessions))
            return extent

        return self._do(work, who=who, utc_ns=utc_ns)

    def is_unclean(self) -> bool:
        """Tell whether something was erased whose words may still stand in the database's files."""
        table = schema.audit
        last = select(table.c.what).where(table.c.what.in_([_ERASED, _CLEANED])).order_by(table.c.id.desc()).limit(1)
        with self._transactions.reading() as connection:
            return connection.scalar(last) == _ERASED

    def clean(self, *, who: str, utc_ns: int) -> None:
        """Write the database's files anew, so that nothing erased can be read in them.

        Raises
        ------
        StorageError
            Where a recording runs, or another program reads without end.
        """
        self._refuse_while_recording()
        with translated(self._url):
            self._rewrite_sqlite() if self._is_sqlite else self._rewrite_postgresql()
            with self._engine.execution_options(**WRITES).begin() as connection:
                connection.execute(insert(schema.audit).values(utc_ns=utc_ns, who=who, what=_CLEANED, about=""))

    # ------------------------------------------------------------ inside

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _do(self, work: Callable[[Connection], Extent], *, who: str, utc_ns: int) -> Extent:
        self._refuse_while_recording()
        with translated(self._url), self._engine.connect().execution_options(**WRITES) as connection:
            if self._is_sqlite:
                connection.connection.cursor().execute("PRAGMA secure_delete = ON")
            with connection.begin(), _changes_allowed(connection):
                extent = work(connection)
                connection.execute(delete(schema.cache))  # what was computed of it, under whatever key
                told = f"{len(extent.sessions)} sessions, {extent.lines} lines"
                connection.execute(insert(schema.audit).values(utc_ns=utc_ns, who=who, what=_ERASED, about=told))
        self._remove_locks(extent.sessions)
        return extent

    def _refuse_while_recording(self) -> None:
        """Refuse: rewriting a large file holds up a recorder's appends for most of a second."""
        with self._transactions.reading() as connection:
            open_ones = connection.scalars(select(schema.session.c.id).where(schema.session.c.finished == false()))
            running = [f"S{number}" for number in open_ones if self._is_recorded_now(f"S{number}")]
        if running:
            raise StorageError(
                f"nothing is erased while a recording runs ({', '.join(running)})",
                hint="End the session, then give the same command again.",
            )

    def _remove_locks(self, sessions: Collection[str]) -> None:
        if self._is_sqlite:
            file = database_file(self._url)
            for session in sessions:
                file.with_name(f"{file.name}.{session}.recording").unlink(missing_ok=True)

    def _rewrite_sqlite(self) -> None:
        raw = self._engine.raw_connection()
        try:
            cursor = raw.cursor()
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                until = time.monotonic() + _PATIENCE_S
                while (row := cursor.execute(statement).fetchone()) and row[0]:  # somebody still reads what was there
                    if time.monotonic() > until:
                        raise StorageError(
                            "it is erased, but its words may still stand in the database's files",
                            why=f"Another program keeps reading {Path(database_file(self._url)).name}.",
                            hint="Close the dashboard and give the same command again.",
                        )
                    time.sleep(_PAUSE_S)
            cursor.close()
        finally:
            raw.close()

    def _rewrite_postgresql(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in schema.metadata.sorted_tables:
                connection.execute(text(f"VACUUM FULL {table.name}"))


# ---------------------------------------------------------------- what is there


def _number(connection: Connection, session_id: str) -> int:
    number = session_id.strip().upper().removeprefix("S")
    table = schema.session
    if number.isdecimal() and connection.scalar(select(table.c.id).where(table.c.id == int(number))) is not None:
        return int(number)
    raise not_found(session_id)


def _numbers_of(connection: Connection, client: str) -> list[int]:
    """Numbers of a client's sessions: those typed as theirs, as far as no correction says otherwise."""
    table, line = schema.session, schema.line
    whose = {number: code or "" for number, code in connection.execute(select(table.c.id, table.c.client))}
    corrections = select(line.c.session, line.c.kind, line.c.data, line.c.detail).where(
        line.c.kind == "client-corrected"
    )
    for number, kind, data, detail in connection.execute(corrections.order_by(line.c.session, line.c.seq)):
        whose[number] = getattr(from_columns(kind, data, detail), "client", "")
    return sorted(number for number, code in whose.items() if code == client)


def _extent(connection: Connection, numbers: Collection[int], *, client: str = "") -> Extent:
    line, name = schema.line, schema.client_name
    sessions = tuple(f"S{number}" for number in numbers)
    gone = Gone({client} - {""}, sessions)
    documents = [(kind, key, body) for kind, key, body in _documents(connection) if is_about(kind, key, body, gone)]
    known = connection.scalar(select(func.count()).where(schema.client.c.code == client)) if client else 0
    if client and not (known or sessions or documents):
        raise StorageError(
            f"nothing is kept of a client {client!r}", hint="See whose sessions there are: biotune sessions"
        )
    lines = connection.scalar(select(func.count()).where(line.c.session.in_(list(numbers)))) or 0
    return Extent(
        sessions=sessions,
        lines=lines,
        documents=tuple((kind, key) for kind, key, _ in documents if kind != "export"),
        has_name=bool(client and connection.scalar(select(func.count()).where(name.c.client == client))),
        exports=tuple(body for kind, _, body in documents if kind == "export"),
    )


def _documents(connection: Connection) -> Iterator[tuple[str, str, Any]]:
    table = schema.document
    for kind, key, body in connection.execute(select(table.c.kind, table.c.key, table.c.body)).all():
        try:
            yield kind, key, json.loads(body)
        except ValueError:
            yield kind, key, None


# ---------------------------------------------------------------- what is done


def _erase_sessions(connection: Connection, numbers: Collection[int]) -> None:
    wanted = list(numbers)
    for table in (schema.line, schema.imported_file, schema.recording):
        connection.execute(delete(table).where(table.c.session.in_(wanted)))
    connection.execute(delete(schema.session).where(schema.session.c.id.in_(wanted)))


def _erase_documents(connection: Connection, gone: Gone) -> None:
    table = schema.document
    for kind, key, body in _documents(connection):
        this = (table.c.kind == kind, table.c.key == key)
        if is_about(kind, key, body, gone):
            connection.execute(delete(table).where(*this))
        elif (pruned := without(body, gone)) != body:
            connection.execute(update(table).where(*this).values(body=json.dumps(pruned, ensure_ascii=False)))


def _forget(connection: Connection, client: str) -> None:
    """Take a client's code and name out of everything that is another's."""
    connection.execute(delete(schema.client_name).where(schema.client_name.c.client == client))
    line, session, audit = schema.line, schema.session, schema.audit
    connection.execute(update(session).where(session.c.client == client).values(client=None))
    typed = select(line).where(line.c.kind == "client-corrected")
    for row in connection.execute(typed).mappings().all():
        entry = from_columns(row["kind"], row["data"], row["detail"])
        if isinstance(entry, ClientCorrected) and client in {entry.client, entry.was}:  # a later one holds
            now, was = ("" if code == client else code for code in (entry.client, entry.was))
            _, _, detail = to_columns(replace(entry, client=now, was=was))
            this = (line.c.session == row["session"], line.c.seq == row["seq"])
            connection.execute(update(line).where(*this).values(detail=detail))
    connection.execute(update(audit).where(audit.c.about == client).values(about=""))
    connection.execute(delete(schema.client).where(schema.client.c.code == client))


@contextmanager
def _changes_allowed(connection: Connection) -> Iterator[None]:
    """Lift the triggers that refuse changes, within the transaction that runs; its end brings them back in any case."""
    if connection.dialect.name != "sqlite":
        for table, triggers in _TRIGGERS.items():
            for trigger in triggers:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
        yield
        for table, triggers in _TRIGGERS.items():
            for trigger in triggers:
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"))
        return
    triggers_there = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('line', 'audit')")
    ).all()
    for name, _ in triggers_there:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, sql in triggers_there:
        connection.exec_driver_sql(sql)
