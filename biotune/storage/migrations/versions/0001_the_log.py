"""The log, the sessions it belongs to, and the cache of what is computed from it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER line_no_{verb.lower()} BEFORE {verb} ON line "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for verb in ("UPDATE", "DELETE")
)
_POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION refuse_change_of_line() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$""",
    """CREATE TRIGGER line_no_change BEFORE UPDATE OR DELETE ON line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_line()""",
)


def upgrade() -> None:
    op.create_table("client", sa.Column("code", sa.String, nullable=False), sa.PrimaryKeyConstraint("code"))
    op.create_table(
        "session",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("client", sa.String, sa.ForeignKey("client.code")),
        sa.Column("protocol", sa.String, nullable=False),
        sa.Column("started_utc_ns", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_session_client", "session", ["client"])
    op.create_table(
        "recording",
        sa.Column("session", sa.Integer, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("session", "number"),
    )
    op.create_table(
        "line",
        sa.Column("session", sa.Integer, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("writer", sa.String, nullable=False),
        sa.Column("boot_id", sa.String, nullable=False),
        sa.Column("monotonic_ns", sa.BigInteger, nullable=False),
        sa.Column("utc_ns", sa.BigInteger, nullable=False),
        sa.Column("recording", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("data", sa.LargeBinary),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session", "seq"),
        sqlite_with_rowid=False,
    )
    strap_lines = sa.text("kind = 'strap'")
    op.create_index("ix_line_strap", "line", ["session", "seq"], sqlite_where=strap_lines, postgresql_where=strap_lines)
    op.create_table(
        "imported_file",
        sa.Column("session", sa.Integer, sa.ForeignKey("session.id"), primary_key=True),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
    )
    op.create_index("ix_imported_file_sha256", "imported_file", ["sha256"])
    op.create_table(
        "cache",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    for statement in _SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS:
        op.execute(statement)
