"""A count on the terminal while something long is read; nothing where nobody looks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from rich.console import Console

from alarmd.store import Row, Transaction

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
    console = Console(file=stream)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(doing) as status:
        yield lambda n: status.update(f"{doing}: {n:,} entries")
