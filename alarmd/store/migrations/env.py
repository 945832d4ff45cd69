"""How alembic reaches the database: through the connection that `alarmd.store` hands it, inside its transaction.

All that is missing is done in that one transaction, with the row that says how far it came: a crash or a full disk
leaves the store as it was.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
