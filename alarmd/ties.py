"""What a gateway's user is tied to: the device families that read what it publishes, and where it may publish."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from alarmd.door.topics import matches
from devices import bases


class Tied(tuple[str, ...]):  # noqa: SLOT001 - a tuple can have none
    """Names of device families, and the topic filters within which their gateway speaks.

    A tuple of the names, for most who ask want to know no more.

    Args:
        families: The names.
        filters: Topic filters it may publish to; none = it is not known where it may.
    """

    filters: tuple[str, ...]

    def __new__(cls, families: Iterable[str], filters: Iterable[str] = ()) -> Self:
        """Make one; a tuple's content cannot be set later."""
        made = super().__new__(cls, families)
        made.filters = tuple(filters)
        return made

    def base(self, topic: str) -> str:
        """The base topic under which it publishes that: what is fixed of the widest filter that allows it."""
        allowed = [bases.fixed(pattern) for pattern in self.filters if matches(pattern, topic)]
        return min(allowed, key=lambda base: base.count("/") + bool(base), default="")
