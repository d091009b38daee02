"""The log: appended to, never changed, read back as sessions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, func, select

from biotune.domain import (
    ClientCorrected,
    Entry,
    LogLine,
    Recording,
    Session,
    SessionFinished,
    SessionSummary,
    Stamp,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import StorageError
from biotune.storage import rows, schema, server_locks
from biotune.storage.appending import Appender
from biotune.storage.clients import ClientTable
from biotune.storage.database import connect, database_file, translated
from biotune.storage.documents import Documents
from biotune.storage.erasing import Erasing
from biotune.storage.finding import Finding
from biotune.storage.holding import holding, is_held
from biotune.storage.lines import APPEND, NEXT_SEQ, from_row, to_row
from biotune.storage.outlines import Outline, outline
from biotune.storage.references import SessionReference, not_found, number_of
from biotune.storage.summaries import Summaries
from biotune.storage.transactions import Transactions

__all__ = ["SessionHead", "SessionReference", "Store"]


@dataclass(frozen=True, slots=True)
class SessionHead:
    """A session's id, client and protocol, and whether it is over."""

    id: str
    client: str
    protocol: str
    finished: bool


class Store:
    """Sessions and their logs in one database; made by `Store.open`, closed by `close` or ``with``.

    Safe to use from several threads, and from several processes on one database: every writer takes
    its turn, and a line's number is given in the transaction that writes it.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._url = url
        self._transactions = Transactions(engine, url)
        self._appender = Appender(engine) if engine.dialect.name == "sqlite" else None
        self.documents = Documents(self._transactions)
        self.finding = Finding(self._transactions)
        self.clients = ClientTable(self._transactions)
        self.erasing = Erasing(self._transactions, is_recorded_now=self.is_recorded_now)
        self._summaries = Summaries(self._transactions, lines=self.lines, is_recorded_now=self.is_recorded_now)

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the database at a SQLAlchemy URL; create it and its folder where they are missing.

        Raises
        ------
        StorageError
            Where it cannot be had: what, why and what next.
        UsageError
            Where the URL is not one.
        """
        return cls(connect(url), url)

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self._url

    def close(self) -> None:
        """Let go of the database."""
        if self._appender:
            self._appender.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the database."""
        self.close()

    # ------------------------------------------------------------ writing

    def together(self) -> AbstractContextManager[None]:
        """Make everything this thread writes in the block one transaction: all of it or nothing.

        A block inside another is part of it. What is read in the block is what was there before it.
        """
        return self._transactions.together()

    def create_session(self, *, client: str, protocol: str, started: datetime) -> str:
        """Begin a session's log; return its id, such as ``S12``."""

        def work(connection: Connection) -> str:
            if client:
                rows.know_client(connection, client)
            row = schema.session.insert().values(
                client=client or None,
                protocol=protocol,
                started_utc_ns=rows.to_utc_ns(started),
                finished=False,
            )
            return f"S{connection.scalar(row.returning(schema.session.c.id))}"

        return self._transactions.write(work)

    def add_recording(self, session_id: str, *, label: str) -> int:
        """Add a recording (a client's strap, a file) to the session; return its number, counted from 1."""
        session, table = number_of(session_id), schema.recording

        def work(connection: Connection) -> int:
            last = connection.scalar(select(func.max(table.c.number)).where(table.c.session == session)) or 0
            connection.execute(table.insert().values(session=session, number=last + 1, label=label))
            return last + 1

        return self._transactions.write(work, session_id)

    def append(self, session_id: str, writer: str, stamp: Stamp, entry: Entry, *, recording: int = 0) -> LogLine:
        """Append one line; when this returns, it is on the disk.

        Parameters
        ----------
        session_id : str
            Such as ``S12``.
        writer : str
            Who appends it, as in `LogLine.writer`.
        stamp : Stamp
            When it happened.
        entry : Entry
            What it says.
        recording : int
            Which recording it belongs to; 0 for the session's own lines.

        Raises
        ------
        StorageError
            Where it could not be written; the log is then as it was.
        """
        row = to_row(number_of(session_id), writer, stamp, entry, recording)
        if seq := self._append_alone(row, entry):
            return LogLine(seq, writer, stamp, recording, entry)

        def work(connection: Connection) -> int:
            if isinstance(entry, SessionFinished):
                rows.finish(connection, row["session"])
            elif isinstance(entry, ClientCorrected):
                rows.give_to(connection, row["session"], entry.client)
            seq: int = connection.execute(APPEND, {f"the_{name}": row[name] for name in row}).scalar_one()
            return seq

        return LogLine(self._transactions.write(work, session_id), writer, stamp, recording, entry)

    def append_many(self, session_id: str, writer: str, lines: Iterable[tuple[Stamp, Entry, int]]) -> int:
        """Append many lines (stamp, entry, recording) in one transaction: all or none; return how many."""
        new = [to_row(number_of(session_id), writer, *line) for line in lines]

        def work(connection: Connection) -> int:
            session = number_of(session_id)
            first = connection.scalar(select(NEXT_SEQ).where(schema.line.c.session == session)) or 1
            if new:
                connection.execute(
                    schema.line.insert(), [{**row, "seq": seq} for seq, row in enumerate(new, start=first)]
                )
            if any(row["kind"] == "session-finished" for row in new):
                rows.finish(connection, session)
            return len(new)

        return self._transactions.write(work, session_id)

    def add_import(self, session_id: str, file_name: str, format: str, sha256: str) -> None:  # noqa: A002 - the word
        """Note the file a session was imported from; such a session is finished."""
        session = number_of(session_id)

        def work(connection: Connection) -> None:
            rows.finish(connection, session)
            connection.execute(
                schema.imported_file.insert().values(session=session, file_name=file_name, format=format, sha256=sha256)
            )

        self._transactions.write(work, session_id)

    def keep(self, key: str, document: str, *, of: str = "") -> None:
        """Keep what was computed, in place of what was kept under that key; nothing `of` a session erased meanwhile."""

        def write(connection: Connection) -> None:
            table = schema.session.c
            # a server's reader waits here for an erasing that is not through yet
            there = select(table.id).where(table.id == number_of(of)).with_for_update(read=True) if of else None
            if there is None or connection.scalar(there) is not None:
                rows.keep(connection, {key: document})

        self._transactions.write(write)

    def remove_session(self, session_id: str, *, utc_ns: int) -> None:
        """Put a session aside: no list shows it, its id still finds it, `restore_session` brings it back.

        Raises
        ------
        SessionNotFound
            Where there is no such session.
        StorageError
            While it is being recorded.
        """
        if self.is_recorded_now(session_id):
            raise StorageError(f"{session_id} is being recorded", hint="End the session first.")
        self._put_aside(session_id, utc_ns)

    def restore_session(self, session_id: str) -> None:
        """Bring back a session that was put aside; raises as `remove_session`."""
        self._put_aside(session_id, None)

    # ------------------------------------------------------------ reading

    def kept(self, key: str) -> str | None:
        """Return what `keep` was given, or None."""
        with self._transactions.reading() as connection:
            document: str | None = connection.scalar(select(schema.cache.c.document).where(schema.cache.c.key == key))
            return document

    def lines(
        self, session_id: str, *, after: int = 0, kinds: Sequence[str] = (), most: int | None = None
    ) -> tuple[LogLine, ...]:
        """Return the session's lines with a number above `after`, in order; only those `kinds` if given."""
        table = schema.line
        wanted = select(table).where(table.c.session == number_of(session_id), table.c.seq > after)
        if kinds:
            wanted = wanted.where(table.c.kind.in_(kinds))
        with self._transactions.reading() as connection:
            return tuple(map(from_row, connection.execute(wanted.order_by(table.c.seq).limit(most)).mappings()))

    def every_line(self, session_id: str, *, at_once: int = 5000) -> Iterator[LogLine]:
        """Yield the session's lines in order, a few thousand in memory at a time."""
        after = 0
        while part := self.lines(session_id, after=after, most=at_once):
            yield from part
            after = part[-1].seq

    def session(self, session_id: str) -> Session:
        """Return a session with its recordings: each has its own lines and the session's.

        Raises
        ------
        SessionNotFound
            Where there is none with that id.
        """
        number = number_of(session_id)
        name = f"S{number}"
        with self._transactions.reading() as connection:
            row = connection.execute(select(schema.session).where(schema.session.c.id == number)).mappings().first()
            if row is None:
                raise not_found(session_id)
            table = schema.recording
            numbers = connection.scalars(
                select(table.c.number).where(table.c.session == number).order_by(table.c.number)
            ).all()
        client, lines = row["client"] or "", self.lines(name)
        return Session(
            id=name,
            client=client,
            protocol=row["protocol"],
            started=rows.from_utc_ns(row["started_utc_ns"]),
            finished=row["finished"],
            recordings=tuple(
                Recording(
                    source=name if n == 1 else f"{name}/{n}",
                    lines=tuple(line for line in lines if line.recording in {0, n}),
                    protocol=row["protocol"],
                    client=client,
                )
                for n in numbers
            ),
        )

    def head(self, session_id: str) -> SessionHead:
        """Return what is known of a session without reading its log; raises as `session`."""
        table = schema.session
        with self._transactions.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == number_of(session_id))).mappings().first()
        if row is None:
            raise not_found(session_id)
        return SessionHead(f"S{row['id']}", row["client"] or "", row["protocol"], finished=row["finished"])

    def sessions(self, client: str | None = None, *, removed: bool = False) -> tuple[SessionSummary, ...]:
        """Return a summary of every session (of one client's, if given), the newest first.

        Parameters
        ----------
        client : str, optional
            Whose; everybody's by default.
        removed : bool
            Those that were put aside, instead of the others.
        """
        put_aside = schema.session.c.removed_utc_ns
        conditions = [put_aside.is_not(None) if removed else put_aside.is_(None)]
        return self._summaries.of(*conditions, *([] if client is None else [rows.is_of(client)]))

    def summary(self, session_id: str) -> SessionSummary:
        """Return the summary of one session, also of one that was put aside; raises as `session`."""
        for summary in self._summaries.of(schema.session.c.id == number_of(session_id)):
            return summary
        raise not_found(session_id)

    def summaries(self, numbers: Sequence[int]) -> tuple[SessionSummary, ...]:
        """Return the summaries of the sessions with these numbers, the newest first."""
        return self._summaries.of(schema.session.c.id.in_(numbers)) if numbers else ()

    def outlines(self) -> tuple[Outline, ...]:
        """Return every session from outside, by its number; no log is read."""
        return outline(self._transactions)

    def revision(self) -> str:
        """Return a word that changes whenever anything is recorded; cheap enough to ask every second."""
        return self.finding.revision()

    def import_of(self, sha256: str) -> str | None:
        """Return the first session imported from a file of that content that was not put aside, or None."""
        return self.finding.import_of(sha256)

    def known_straps(self) -> tuple[StrapIdentity, ...]:
        """Return every strap that was ever recorded, the one seen last first, each once by name and serial."""
        wanted = select(schema.line).where(schema.IS_OF_STRAP)
        with self._transactions.reading() as connection:
            found = connection.execute(wanted.order_by(schema.line.c.utc_ns.desc())).mappings().all()
        seen: dict[tuple[str, str], StrapIdentity] = {}
        for row in found:
            entry = from_row(row).entry
            if isinstance(entry, StrapEvent) and entry.strap:
                seen.setdefault((entry.strap.name, entry.strap.serial), entry.strap)
        return tuple(seen.values())

    # ------------------------------------------------------------ being recorded

    def unfinished(self, client: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return id and protocol of every unfinished session (of one client's, if given), the newest first."""
        return self.finding.unfinished(client)

    def last_stamp(self, session_id: str) -> Stamp | None:
        """Return the stamp of the session's last line; None where it has no line."""
        last = self.last_line(session_id)
        return last.stamp if last else None

    def last_line(self, session_id: str, *, before: int | None = None) -> LogLine | None:
        """Return the session's last line, or the last with a number below `before`; None where there is none."""
        table = schema.line
        newest = select(table).where(table.c.session == number_of(session_id)).order_by(table.c.seq.desc()).limit(1)
        if before is not None:
            newest = newest.where(table.c.seq < before)
        with self._transactions.reading() as connection:
            row = connection.execute(newest).mappings().first()
        return from_row(row) if row else None

    @contextmanager
    def recording_now(self, session_id: str) -> Iterator[bool]:
        """Hold the session as its recorder for the length of the block; False where another process does."""
        file = self._lock_file(session_id)
        with holding(file) if file else self._held_on_server(session_id) as held:
            yield held

    def is_recorded_now(self, session_id: str) -> bool:
        """Tell whether a recorder is at work on the session."""
        if file := self._lock_file(session_id):
            return is_held(file)
        with self._transactions.reading() as connection:
            return server_locks.is_held(connection, number_of(session_id))

    # ------------------------------------------------------------ inside

    def _put_aside(self, session_id: str, utc_ns: int | None) -> None:
        table = schema.session
        change = table.update().where(table.c.id == number_of(session_id)).values(removed_utc_ns=utc_ns)
        if not self._transactions.write(lambda connection: connection.execute(change).rowcount):
            raise not_found(session_id)

    def _append_alone(self, row: dict[str, Any], entry: Entry) -> int | None:
        """Append a line that is a transaction of its own; None where that is not so, or was refused."""
        alone = not isinstance(entry, SessionFinished | ClientCorrected)  # those change the session's row as well
        if self._appender is None or not alone or self._transactions.open_one:
            return None
        with translated(self._url):
            return self._appender.append(row)

    @contextmanager
    def _held_on_server(self, session_id: str) -> Iterator[bool]:
        with translated(self._url), server_locks.holding(self._engine, number_of(session_id)) as held:
            yield held

    def _lock_file(self, session_id: str) -> Path | None:
        """Return the file whose lock says so; None for a database server, which has locks of its own."""
        if self._engine.dialect.name != "sqlite":
            return None
        file = database_file(self._url)
        return file.with_name(f"{file.name}.S{number_of(session_id)}.recording")
