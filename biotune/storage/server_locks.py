"""Who is recording a session just now, on a database server: a lock that the server takes back with the connection.

PostgreSQL's advisory locks belong to a connection. A recorder that is killed loses its connection, and the lock with
it; one whose machine vanished loses it once the server has asked three times in vain.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

_SESSIONS = 0x62696F74  # the first of a lock's two numbers says what is locked: "biot"
_SCHEMA = 0x62696F73
_ASK_AFTER_S, _AGAIN_S, _TIMES = 15, 5, 3

_TAKE = text("SELECT pg_try_advisory_lock(:kind, :number)")
_LET_GO = text("SELECT pg_advisory_unlock(:kind, :number)")
_LOOK = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "
    "AND classid::bigint = :kind AND objid::bigint = :number "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
_WAIT = text("SELECT pg_advisory_xact_lock(:kind, 0)")


@contextmanager
def holding(engine: Engine, number: int) -> Iterator[bool]:
    """Hold session `number` for the length of the block; False where another connection does."""
    of_it = {"kind": _SESSIONS, "number": number}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting, value in (("idle", _ASK_AFTER_S), ("interval", _AGAIN_S), ("count", _TIMES)):
            connection.execute(text(f"SET tcp_keepalives_{setting} = {value}"))
        held = bool(connection.scalar(_TAKE, of_it))
        try:
            yield held
        finally:
            if held:
                with suppress(DBAPIError):  # with a connection that is lost, the lock is gone
                    connection.execute(_LET_GO, of_it)


def is_held(connection: Connection, number: int) -> bool:
    """Tell whether a connection holds session `number`; it is only looked, and nothing is taken for an instant."""
    return bool(connection.scalar(_LOOK, {"kind": _SESSIONS, "number": number}))


def take_turn(connection: Connection) -> None:
    """Wait until no other program brings the tables up to date; the transaction's end lets the next one."""
    connection.execute(_WAIT, {"kind": _SCHEMA})
