"""Sessions without a look into their logs: enough to choose among thousands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from biotune.storage import schema
from biotune.storage.rows import from_utc_ns
from biotune.storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Outline:
    """A session from outside.

    Attributes
    ----------
    id, client, protocol : str
        As in `Session`.
    started : datetime
        When it began.
    finished : bool
        Whether it is over.
    last_seq : int
        The number of its last line: a log only grows, so whoever knows this number knows the whole log.
    """

    id: str
    client: str
    protocol: str
    started: datetime
    finished: bool
    last_seq: int


def outline(transactions: Transactions) -> tuple[Outline, ...]:
    """Return every session that was not put aside, by its number.

    Parameters
    ----------
    transactions : Transactions
        Of the database.
    """
    session, line = schema.session, schema.line
    last = select(func.coalesce(func.max(line.c.seq), 0)).where(line.c.session == session.c.id).scalar_subquery()
    wanted = select(session, last.label("last")).where(session.c.removed_utc_ns.is_(None)).order_by(session.c.id)
    with transactions.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return tuple(
        Outline(
            id=f"S{row['id']}",
            client=row["client"] or "",
            protocol=row["protocol"],
            started=from_utc_ns(row["started_utc_ns"]),
            finished=row["finished"],
            last_seq=row["last"],
        )
        for row in rows
    )
