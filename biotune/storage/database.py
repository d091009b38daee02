"""Opening the database: its folder, its pragmas, its migrations, and its errors in words.

SQLite is what is tested. Everything said in SQLAlchemy Core holds for PostgreSQL too; what only
one of them knows is here and in the first migration. PostgreSQL itself has not been tried yet.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from biotune.errors import StorageError, UsageError
from biotune.storage import server_locks
from biotune.storage.schema import REVISION

BUSY_TIMEOUT_MS = 5000
WRITES = {"biotune_writes": True}  # execution option of a connection whose transactions write

_MIGRATIONS = Path(__file__).parent / "migrations"
_ANOTHER = "Move it away, or name another one with --home or BIOTUNE_DATABASE."
_TROUBLE = {  # by the start of SQLite's error name: what, hint
    "SQLITE_NOTADB": ("{} is not a biotune database", _ANOTHER),
    "SQLITE_CORRUPT": ("{} is damaged", "Restore it from a backup, or name another one with --home."),
    "SQLITE_CANTOPEN": ("{} cannot be opened", "Check that its folder exists and that you may write there."),
    "SQLITE_READONLY": ("{} cannot be written", "Give yourself the right to write it and its folder."),
    "SQLITE_PERM": ("{} cannot be written", "Give yourself the right to write it and its folder."),
    "SQLITE_FULL": ("{} cannot be written: the disk is full", "Free some space; nothing already recorded is lost."),
    "SQLITE_BUSY": ("{} is in use by another program for too long", "Close what else has it open and try again."),
    "SQLITE_IOERR": ("{} cannot be read or written", "Check the disk (full, removed, failing?)."),
}


def connect(url: str) -> Engine:
    """Open the database, create it where it is missing, and bring its tables up to date.

    Raises
    ------
    UsageError
        Where the URL is not one.
    StorageError
        Where the database cannot be opened, is not biotune's, or is newer than this program.
    """
    engine = _engine(url)
    if engine.dialect.name == "sqlite":
        _make_folder(database_file(url))
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    try:
        with translated(url):
            _bring_up_to_date(engine, url)
    except BaseException:
        engine.dispose()
        raise
    return engine


def look_up_revision(url: str) -> str | None:
    """Return the schema of a database without changing anything; None where there is none yet.

    Raises
    ------
    UsageError, StorageError
        As `connect`.
    """
    engine = _engine(url)
    try:
        if engine.dialect.name == "sqlite" and not database_file(url).exists():
            return None
        with translated(url), engine.connect() as connection:
            revision = _revision(connection, url)
    finally:
        engine.dispose()
    _refuse_newer(revision, url)
    return revision


def _engine(url: str) -> Engine:
    try:
        return create_engine(url)
    except ArgumentError as error:
        raise UsageError(
            f"{url!r} is not a database URL", why=f"{error}.", hint="Write BIOTUNE_DATABASE as sqlite:///FILE."
        ) from error
    except ImportError as error:
        raise StorageError(
            "the driver of that database is not installed", why=f"{error}.", hint="pip install 'biotune[postgres]'"
        ) from error


def database_file(url: str) -> Path:
    """Return the file of a SQLite URL."""
    return Path(make_url(url).database or "")


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the database's errors into `StorageError`: what, why, what next."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        name = make_url(url).database or "the database"
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorname", "")
        what, hint = next(
            (words for start, words in _TROUBLE.items() if code.startswith(start)),
            ("{} cannot be used", "Check that the database runs and can be reached."),
        )
        said = " ".join(str(cause).split()).rstrip(".?!")
        raise StorageError(what.format(name), why=f"The database says: {said}.", hint=hint) from error


def _make_folder(file: Path) -> None:
    if file.is_dir():
        raise StorageError(f"{file} is a folder, not a database", hint=_ANOTHER)
    try:
        file.parent.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # health data: nobody else on the machine may read it
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # SQLite gives its other files the same
    except FileExistsError as error:
        raise StorageError(f"{file.parent} is a file, not a folder", hint=_ANOTHER) from error
    except OSError as error:
        raise StorageError(
            f"the data folder {file.parent} cannot be made",
            why=f"{error.strerror}.",
            hint="Name another one with --home or BIOTUNE_HOME.",
        ) from error


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin` says when a transaction begins, not the driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit has reached the disk when it returns
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # a writer takes the lock at once: upgrading a read transaction would fail instead of waiting
    writes = connection.get_execution_options().get("biotune_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine, url: str) -> None:
    with engine.connect() as connection:
        revision = _revision(connection, url)
    if revision == REVISION:
        return
    _refuse_newer(revision, url)
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # a writer of SQLite has taken its turn already
            server_locks.take_turn(connection)
        if _revision(connection, url) != REVISION:  # another process may have been faster
            _migrate(connection)


def _refuse_newer(revision: str | None, url: str) -> None:
    if revision is not None and revision > REVISION:
        raise StorageError(
            f"{make_url(url).database} was written by a newer biotune",
            why=f"It has schema {revision}; this program knows {REVISION}.",
            hint="Install the newer version.",
        )


def _revision(connection: Connection, url: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
    if tables:
        raise StorageError(f"{make_url(url).database} is a database, but not biotune's", hint=_ANOTHER)
    return None


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 0.15 s that only a database out of date has to pay
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
