"""How Alembic reaches the database: by the connection that `biotune.storage.database` hands over."""

from alembic import context

from biotune.storage import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
