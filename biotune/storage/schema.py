"""The tables, as the newest migration leaves them.

A session's log is the table `line`, keyed by (session, seq). Triggers refuse to change or
delete a line, on SQLite and on PostgreSQL alike. What can be computed from the log is kept in
`cache` only, and may be emptied at any time.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

REVISION = "0002"  # the newest migration; a test compares it with the scripts

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

client = Table("client", metadata, Column("code", String, primary_key=True))

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client", ForeignKey("client.code"), index=True),
    Column("protocol", String, nullable=False),
    Column("started_utc_ns", BigInteger, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("removed_utc_ns", BigInteger),  # put aside by a person, who may still want it back
    sqlite_autoincrement=True,  # the number of an erased session is never given again
)

recording = Table(
    "recording",
    metadata,
    Column("session", ForeignKey("session.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("label", String, nullable=False),
)

line = Table(
    "line",
    metadata,
    Column("session", ForeignKey("session.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("writer", String, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("monotonic_ns", BigInteger, nullable=False),
    Column("utc_ns", BigInteger, nullable=False),
    Column("recording", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("data", LargeBinary),  # a packet's bytes
    Column("detail", Text, nullable=False),  # everything else the entry says, as JSON
    sqlite_with_rowid=False,  # a session's lines lie beside one another
)

# as text: a database uses a partial index only where the condition stands in the query, not in a parameter
IS_OF_STRAP = text("kind = 'strap'")
Index("ix_line_strap", line.c.session, line.c.seq, sqlite_where=IS_OF_STRAP, postgresql_where=IS_OF_STRAP)

imported_file = Table(
    "imported_file",
    metadata,
    Column("session", ForeignKey("session.id"), primary_key=True),
    Column("file_name", String, nullable=False),
    Column("format", String, nullable=False),
    Column("sha256", String, nullable=False, index=True),
)

cache = Table(
    "cache",
    metadata,
    Column("key", String, primary_key=True),
    Column("document", Text, nullable=False),
)

# What the house knows beside the log: clients, pieces, playlists, plans, settings, drafts; one JSON document each.
document = Table(
    "document",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("body", Text, nullable=False),
    Column("changed_utc_ns", BigInteger, nullable=False),
)

# Names sit apart from everything else, and nothing but this table knows them.
client_name = Table(
    "client_name",
    metadata,
    Column("client", ForeignKey("client.code"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("contact", Text, nullable=False),
)

# Who did what with people's data; append-only like the log, and without content.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("utc_ns", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("about", String, nullable=False),
    sqlite_autoincrement=True,
)
