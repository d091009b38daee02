"""Reading and writing: every writer takes its turn, and what belongs together is one transaction."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from biotune.errors import StorageError
from biotune.storage import schema
from biotune.storage.database import WRITES, translated
from biotune.storage.references import not_found, number_of

_ATTEMPTS = 20  # at one sequence number, against writers of a database that does not queue them

T = TypeVar("T")


class Transactions:
    """The transactions of one database.

    Parameters
    ----------
    engine : Engine
        The database.
    url : str
        Its address, for messages.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        self.url = url
        self._together = threading.local()

    @property
    def open_one(self) -> Connection | None:
        """The connection of the transaction that this thread is in by `together`; None outside."""
        connection: Connection | None = getattr(self._together, "connection", None)
        return connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make everything this thread writes in the block one transaction; a block inside another is part of it."""
        if self.open_one:
            yield
            return
        with translated(self.url), self.engine.execution_options(**WRITES).begin() as connection:
            self._together.connection = connection
            try:
                yield
            finally:
                del self._together.connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold a connection to read from."""
        with translated(self.url), self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T], session_id: str = "") -> T:
        """Do the work in a transaction; return what it returns.

        Parameters
        ----------
        work : callable
            Given the connection; done again where another writer was faster.
        session_id : str
            The session it is about: where a row is refused because that is not there, this is what is said.

        Raises
        ------
        SessionNotFound, StorageError
            Where it could not be written; nothing of it is then.
        """
        if connection := self.open_one:
            return work(connection)
        writers = self.engine.execution_options(**WRITES)
        for _ in range(_ATTEMPTS):
            try:
                with translated(self.url), writers.begin() as connection:
                    return work(connection)
            except StorageError as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
                if session_id:
                    self._require(session_id)
        raise StorageError("the log could not be written: too many writers at once", hint="Try again.")

    def _require(self, session_id: str) -> None:
        table = schema.session
        with self.reading() as connection:
            if connection.scalar(select(table.c.id).where(table.c.id == number_of(session_id))) is None:
                raise not_found(session_id)
