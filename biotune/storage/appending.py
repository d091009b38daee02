"""One line, one commit: what a recorder does all the time, without housekeeping around it."""

import sqlite3
import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler

from biotune.storage.lines import APPEND


class Appender:
    """Appends single lines to a SQLite database by the driver itself, over a connection that it keeps.

    The statement is the same as everywhere, compiled once. On its own it is a transaction of its own:
    it waits for its turn as any writer does, and is on the disk when its result has been read.
    """

    def __init__(self, engine: Engine) -> None:
        compiled = APPEND.compile(dialect=engine.dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what a statement compiles to
        self._statement = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if not name.startswith("the_")}
        self._names = [name.removeprefix("the_") for name in compiled.positiontup or ()]
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._turn = threading.Lock()

    def append(self, row: Mapping[str, Any]) -> int | None:
        """Append a row of `biotune.storage.lines.to_row`; return its number, None where the database refuses it."""
        row = {**self._constants, **row}
        values = [row[name] for name in self._names]
        with self._turn:
            self._connection = self._connection or self._engine.raw_connection()
            cursor = self._connection.cursor()
            try:
                ((seq,),) = cursor.execute(self._statement, values).fetchall()
            except sqlite3.IntegrityError:
                return None
            finally:
                cursor.close()
        number: int = seq
        return number

    def close(self) -> None:
        """Give the connection back."""
        with self._turn:
            if self._connection:
                self._connection.close()
            self._connection = None
