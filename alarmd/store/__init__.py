"""The store: SQLite, its versions, its named SQL and the event log."""

from typing import TYPE_CHECKING, Any

from alarmd.store.errors import StoreError
from alarmd.store.plain import Row, Transaction, path_of, reading, writing

if TYPE_CHECKING:
    from alarmd.store.sqlite import Store

__all__ = ["Row", "Store", "StoreError", "Transaction", "path_of", "reading", "writing"]


def __getattr__(name: str) -> Any:
    """`Store`, once somebody wants it: it brings asyncio and the log's library, which a command need not wait for."""
    if name != "Store":
        raise AttributeError(name)
    from alarmd.store.sqlite import Store  # noqa: PLC0415 - see above

    return Store
