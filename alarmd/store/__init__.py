"""The store: SQLite, its versions, its named SQL and the event log."""

from alarmd.store.errors import StoreError
from alarmd.store.sqlite import Row, Store, Transaction, path_of, reading, writing

__all__ = ["Row", "Store", "StoreError", "Transaction", "path_of", "reading", "writing"]
