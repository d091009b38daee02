"""The log: appended to, never changed, read back as sessions."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, false, func, select, true
from sqlalchemy.exc import IntegrityError

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
from biotune.errors import SessionNotFound, StorageError
from biotune.storage import schema
from biotune.storage.appending import Appender
from biotune.storage.clients import ClientTable
from biotune.storage.database import WRITES, connect, database_file, translated
from biotune.storage.documents import Documents
from biotune.storage.erasing import Erasing
from biotune.storage.finding import Finding
from biotune.storage.holding import holding, is_held
from biotune.storage.lines import APPEND, NEXT_SEQ, from_row, to_row
from biotune.storage.outlines import Outline, outline
from biotune.storage.summaries import Counts, count

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEW = 200  # sessions whose counts are asked for by name, not all
_ATTEMPTS = 20  # at one sequence number, against writers of a database that does not queue them
_REFERENCE = re.compile(r"[Ss](\d{1,18})(?:/(\d{1,9}))?")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SessionReference:
    """What a person means by ``S12`` or ``S12/2``: a session's number and a recording of it."""

    number: int
    recording: int = 1

    @classmethod
    def parse(cls, text: str) -> "SessionReference | None":
        """Read ``S12``, ``s12`` or ``S12/2``; None where the text has another form.

        Examples
        --------
        >>> SessionReference.parse("s12/2")
        SessionReference(number=12, recording=2)
        >>> SessionReference.parse("S12.csv") is None
        True
        """
        match = _REFERENCE.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2] or 1)) if match else None


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
        self._together = threading.local()
        self._appender = Appender(engine) if engine.dialect.name == "sqlite" else None
        self.documents = Documents(engine, url)
        self.finding = Finding(engine, url)
        self.clients = ClientTable(engine, url)
        self.erasing = Erasing(engine, url, is_recorded_now=self.is_recorded_now)

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

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make everything this thread writes in the block one transaction: all of it or nothing.

        A block inside another is part of it. What is read in the block is what was there before it.
        """
        if getattr(self._together, "connection", None):
            yield
            return
        with translated(self._url), self._engine.execution_options(**WRITES).begin() as connection:
            self._together.connection = connection
            try:
                yield
            finally:
                del self._together.connection

    def create_session(self, *, client: str, protocol: str, started: datetime) -> str:
        """Begin a session's log; return its id, such as ``S12``."""

        def work(connection: Connection) -> str:
            _know_client(connection, client)
            row = schema.session.insert().values(
                client=client or None,
                protocol=protocol,
                started_utc_ns=(started - _EPOCH) // timedelta(microseconds=1) * 1000,
                finished=False,
            )
            return f"S{connection.scalar(row.returning(schema.session.c.id))}"

        return self._write(work)

    def add_recording(self, session_id: str, *, label: str) -> int:
        """Add a recording (a client's strap, a file) to the session; return its number, counted from 1."""
        session, table = _number(session_id), schema.recording

        def work(connection: Connection) -> int:
            last = connection.scalar(select(func.max(table.c.number)).where(table.c.session == session)) or 0
            connection.execute(table.insert().values(session=session, number=last + 1, label=label))
            return last + 1

        return self._write(work, session_id)

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
        row = to_row(_number(session_id), writer, stamp, entry, recording)
        if seq := self._append_alone(row, entry):
            return LogLine(seq, writer, stamp, recording, entry)

        def work(connection: Connection) -> int:
            if isinstance(entry, SessionFinished):
                _finish(connection, row["session"])
            elif isinstance(entry, ClientCorrected):
                _give_to(connection, row["session"], entry.client)
            seq: int = connection.execute(APPEND, {f"the_{name}": row[name] for name in row}).scalar_one()
            return seq

        return LogLine(self._write(work, session_id), writer, stamp, recording, entry)

    def append_many(self, session_id: str, writer: str, lines: Iterable[tuple[Stamp, Entry, int]]) -> int:
        """Append many lines (stamp, entry, recording) in one transaction: all or none; return how many."""
        rows = [to_row(_number(session_id), writer, *line) for line in lines]

        def work(connection: Connection) -> int:
            session = _number(session_id)
            first = connection.scalar(select(NEXT_SEQ).where(schema.line.c.session == session)) or 1
            if rows:
                connection.execute(
                    schema.line.insert(), [{**row, "seq": seq} for seq, row in enumerate(rows, start=first)]
                )
            if any(row["kind"] == "session-finished" for row in rows):
                _finish(connection, session)
            return len(rows)

        return self._write(work, session_id)

    def add_import(self, session_id: str, file_name: str, format: str, sha256: str) -> None:  # noqa: A002 - the word
        """Note the file a session was imported from; such a session is finished."""
        session = _number(session_id)

        def work(connection: Connection) -> None:
            _finish(connection, session)
            connection.execute(
                schema.imported_file.insert().values(session=session, file_name=file_name, format=format, sha256=sha256)
            )

        self._write(work, session_id)

    def keep(self, key: str, document: str) -> None:
        """Keep what was computed, in place of what was kept under that key."""
        self._write(lambda connection: _keep(connection, {key: document}))

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
        with self._read() as connection:
            document: str | None = connection.scalar(select(schema.cache.c.document).where(schema.cache.c.key == key))
            return document

    def lines(
        self, session_id: str, *, after: int = 0, kinds: Sequence[str] = (), most: int | None = None
    ) -> tuple[LogLine, ...]:
        """Return the session's lines with a number above `after`, in order; only those `kinds` if given."""
        table = schema.line
        wanted = select(table).where(table.c.session == _number(session_id), table.c.seq > after)
        if kinds:
            wanted = wanted.where(table.c.kind.in_(kinds))
        with self._read() as connection:
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
        number = _number(session_id)
        name = f"S{number}"
        with self._read() as connection:
            row = connection.execute(select(schema.session).where(schema.session.c.id == number)).mappings().first()
            if row is None:
                raise _not_found(session_id)
            table = schema.recording
            numbers = connection.scalars(
                select(table.c.number).where(table.c.session == number).order_by(table.c.number)
            ).all()
        client, lines = row["client"] or "", self.lines(name)
        return Session(
            id=name,
            client=client,
            protocol=row["protocol"],
            started=_datetime(row["started_utc_ns"]),
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
        with self._read() as connection:
            row = connection.execute(select(table).where(table.c.id == _number(session_id))).mappings().first()
        if row is None:
            raise _not_found(session_id)
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
        return self._summaries(*conditions, *([] if client is None else [_is_of(client)]))

    def summary(self, session_id: str) -> SessionSummary:
        """Return the summary of one session, also of one that was put aside; raises as `session`."""
        for summary in self._summaries(schema.session.c.id == _number(session_id)):
            return summary
        raise _not_found(session_id)

    def summaries(self, numbers: Sequence[int]) -> tuple[SessionSummary, ...]:
        """Return the summaries of the sessions with these numbers, the newest first."""
        return self._summaries(schema.session.c.id.in_(numbers)) if numbers else ()

    def _summaries(self, *conditions: ColumnElement[bool]) -> tuple[SessionSummary, ...]:
        session, line, recording = schema.session, schema.line, schema.recording
        last = select(func.coalesce(func.max(line.c.seq), 0)).where(line.c.session == session.c.id)
        recordings = select(func.count()).where(recording.c.session == session.c.id)
        wanted = select(session, last.scalar_subquery().label("last"), recordings.scalar_subquery().label("recordings"))
        wanted = wanted.where(*conditions)
        with self._read() as connection:
            newest_first = wanted.order_by(session.c.started_utc_ns.desc(), session.c.id.desc())
            rows = connection.execute(newest_first).mappings().all()
        counts = self._counts({row["id"]: row["last"] for row in rows})
        return tuple(
            SessionSummary(
                id=f"S{row['id']}",
                client=row["client"] or "",
                protocol=row["protocol"],
                started=_datetime(row["started_utc_ns"]),
                recordings=row["recordings"],
                finished=row["finished"],
                **asdict(counts[row["id"]]),
            )
            for row in rows
        )

    def outlines(self) -> tuple[Outline, ...]:
        """Return every session from outside, by its number; no log is read."""
        return outline(self._engine, self._url)

    def revision(self) -> str:
        """Return a word that changes whenever anything is recorded; cheap enough to ask every second."""
        session, line = schema.session, schema.line
        last = select(func.max(line.c.seq)).where(line.c.session == session.c.id).scalar_subquery()
        finished = select(func.count()).where(session.c.finished == true()).scalar_subquery()
        numbers_of = (func.max(session.c.id), func.count(), finished, func.sum(func.coalesce(last, 0)))
        removed = func.count(session.c.removed_utc_ns)
        with self._read() as connection:
            numbers = connection.execute(select(*numbers_of, removed).select_from(session)).one()
        return ".".join(str(number or 0) for number in numbers)

    def import_of(self, sha256: str) -> str | None:
        """Return the first session imported from a file of that content that was not put aside, or None."""
        table, session = schema.imported_file, schema.session
        there = select(func.min(table.c.session)).join(session, session.c.id == table.c.session)
        with self._read() as connection:
            found = connection.scalar(there.where(table.c.sha256 == sha256, session.c.removed_utc_ns.is_(None)))
        return None if found is None else f"S{found}"

    def known_straps(self) -> tuple[StrapIdentity, ...]:
        """Return every strap that was ever recorded, the one seen last first, each once by name and serial."""
        wanted = select(schema.line).where(schema.IS_OF_STRAP)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(schema.line.c.utc_ns.desc())).mappings().all()
        seen: dict[tuple[str, str], StrapIdentity] = {}
        for row in rows:
            entry = from_row(row).entry
            if isinstance(entry, StrapEvent) and entry.strap:
                seen.setdefault((entry.strap.name, entry.strap.serial), entry.strap)
        return tuple(seen.values())

    # ------------------------------------------------------------ being recorded

    def unfinished(self, client: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return id and protocol of every unfinished session (of one client's, if given), the newest first."""
        table = schema.session
        wanted = select(table.c.id, table.c.protocol).where(
            table.c.finished == false(), table.c.removed_utc_ns.is_(None)
        )
        if client is not None:
            wanted = wanted.where(_is_of(client))
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(table.c.id.desc())).all()
        return tuple((f"S{number}", protocol) for number, protocol in rows)

    def last_stamp(self, session_id: str) -> Stamp | None:
        """Return the stamp of the session's last line; None where it has no line."""
        last = self.last_line(session_id)
        return last.stamp if last else None

    def last_line(self, session_id: str, *, before: int | None = None) -> LogLine | None:
        """Return the session's last line, or the last with a number below `before`; None where there is none."""
        table = schema.line
        newest = select(table).where(table.c.session == _number(session_id)).order_by(table.c.seq.desc()).limit(1)
        if before is not None:
            newest = newest.where(table.c.seq < before)
        with self._read() as connection:
            row = connection.execute(newest).mappings().first()
        return from_row(row) if row else None

    @contextmanager
    def recording_now(self, session_id: str) -> Iterator[bool]:
        """Hold the session as its recorder for the length of the block; False where another process does."""
        file = self._lock_file(session_id)
        with holding(file) if file else nullcontext(True) as held:
            yield held

    def is_recorded_now(self, session_id: str) -> bool:
        """Tell whether a recorder is at work on the session."""
        file = self._lock_file(session_id)
        return file is not None and is_held(file)

    # ------------------------------------------------------------ inside

    def _put_aside(self, session_id: str, utc_ns: int | None) -> None:
        table = schema.session
        change = table.update().where(table.c.id == _number(session_id)).values(removed_utc_ns=utc_ns)
        if not self._write(lambda connection: connection.execute(change).rowcount):
            raise _not_found(session_id)

    def _append_alone(self, row: dict[str, Any], entry: Entry) -> int | None:
        """Append a line that is a transaction of its own; None where that is not so, or was refused."""
        alone = not isinstance(entry, SessionFinished | ClientCorrected)  # those change the session's row as well
        if self._appender is None or not alone or getattr(self._together, "connection", None):
            return None
        with translated(self._url):
            return self._appender.append(row)

    def _lock_file(self, session_id: str) -> Path | None:
        if self._engine.dialect.name != "sqlite":
            return None  # a database server's own locks would serve; nobody runs one yet
        file = database_file(self._url)
        return file.with_name(f"{file.name}.S{_number(session_id)}.recording")

    def _counts(self, last_seq: dict[int, int]) -> dict[int, Counts]:
        table = schema.cache
        few = len(last_seq) <= _FEW
        wanted = table.c.key.in_([f"summary/{each}" for each in last_seq]) if few else table.c.key.like("summary/%")
        with self._read() as connection:
            rows = connection.execute(select(table).where(wanted)).all()
        kept = {key: json.loads(document) for key, document in rows}
        counts: dict[int, Counts] = {}
        fresh: dict[str, str] = {}
        for number, seq in last_seq.items():
            document = kept.get(f"summary/{number}", {})
            if document.pop("seq", None) == seq:
                counts[number] = Counts(**document)
            else:
                counts[number] = count(self.lines(f"S{number}"))
                if not self.is_recorded_now(f"S{number}"):  # else it is out of date in a second
                    fresh[f"summary/{number}"] = json.dumps({"seq": seq, **asdict(counts[number])})
        if fresh:
            self._write(lambda connection: _keep(connection, fresh))
        return counts

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with translated(self._url), self._engine.connect() as connection:
            yield connection

    def _write(self, work: Callable[[Connection], T], session_id: str = "") -> T:
        if connection := getattr(self._together, "connection", None):
            return work(connection)
        writers = self._engine.execution_options(**WRITES)
        for _ in range(_ATTEMPTS):
            try:
                with translated(self._url), writers.begin() as connection:
                    return work(connection)
            except StorageError as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
                if session_id:
                    self._require(session_id)
        raise StorageError("the log could not be written: too many writers at once", hint="Try again.")

    def _require(self, session_id: str) -> None:
        table = schema.session
        with self._read() as connection:
            if connection.scalar(select(table.c.id).where(table.c.id == _number(session_id))) is None:
                raise _not_found(session_id)


def _number(session_id: str) -> int:
    reference = SessionReference.parse(session_id)
    if reference is None:
        raise SessionNotFound(
            f"{session_id!r} is not a session", hint="A session is called S and a number; see: biotune sessions"
        )
    return reference.number


def _not_found(session_id: str) -> SessionNotFound:
    return SessionNotFound(f"there is no session {session_id}", hint="See what there is: biotune sessions")


def _datetime(utc_ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=utc_ns // 1000)


def _is_of(client: str) -> ColumnElement[bool]:
    return schema.session.c.client == client if client else schema.session.c.client.is_(None)


def _know_client(connection: Connection, client: str) -> None:
    known = select(schema.client.c.code).where(schema.client.c.code == client)
    if client and connection.scalar(known) is None:
        connection.execute(schema.client.insert().values(code=client))


def _give_to(connection: Connection, session: int, client: str) -> None:
    _know_client(connection, client)
    table = schema.session
    connection.execute(table.update().where(table.c.id == session).values(client=client or None))


def _finish(connection: Connection, session: int) -> None:
    connection.execute(schema.session.update().where(schema.session.c.id == session).values(finished=true()))


def _keep(connection: Connection, documents: dict[str, str]) -> None:
    table = schema.cache
    connection.execute(table.delete().where(table.c.key.in_(list(documents))))
    connection.execute(table.insert(), [{"key": key, "document": text} for key, text in documents.items()])
