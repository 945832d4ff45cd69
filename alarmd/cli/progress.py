"""A count on the terminal while something long is read; nothing where nobody looks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from alarmd.store import Row, Transaction
from config.wording import said

EVERY = 20_000  # rows between two updates


class Counted(Transaction):
    """A transaction that tells how many rows were read one by one.

    Args:
        inner: The transaction that does the work.
        seen: Called with the count, now and then.
    """

    def __init__(self, inner: Transaction, seen: Callable[[int], None]) -> None:
        super().__init__(inner._connection)  # noqa: SLF001 - the same transaction, seen from outside
        self._seen = seen

    def each(self, query: str, /, **values: Any) -> Iterator[Row]:
        """Every row, counted."""
        for n, row in enumerate(super().each(query, **values), 1):
            if n % EVERY == 0:
                self._seen(n)
            yield row


@contextlib.contextmanager
def counting(doing: str, stream: TextIO) -> Iterator[Callable[[int], None]]:
    """Show ``doing`` and a count while the block runs, if the stream is a terminal."""
    if not stream.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only where somebody looks, and something long is read

    console = Console(file=stream)
    with console.status(doing) as status:
        yield lambda n: status.update(said("{doing}: {number} entries", doing=doing, number=f"{n:,}"))
