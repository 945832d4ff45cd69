"""What supervision is told of a device, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from alarmd.silence.group import Group


class State(IntEnum):
    """How a device stands."""

    HEARD = 0
    DOUBTED = 1  # overdue; whether it is alone is not known yet
    SILENT = 2


@dataclass(frozen=True, slots=True)
class Registered:
    """A device as the directory has it.

    Attributes:
        family: As its decoder is called.
        address: As its family knows it.
        home: The resident's id.
        street: Empty where its resident has none.
        promised: Seconds within which it is to be heard again.
        seen_at: When it was last heard, seconds since 1970; never ahead of now.
        battery: Per cent, where known.
        silent_at: When it was noticed that it is silent, seconds since 1970; None where no exposure of it is open.
        in_use_from: From when on anybody misses it, seconds since 1970; 0 = from the beginning.
    """

    family: str
    address: str
    home: str
    street: str
    promised: float
    seen_at: float | None = None
    battery: float | None = None
    silent_at: float | None = None
    in_use_from: float = 0.0


@dataclass(slots=True)
class Found:
    """What one look brought.

    Attributes:
        silent: Devices newly silent, by what they are silent with; None = each by itself.
        back: Devices heard again, and when.
        resumed: Groups heard again.
    """

    silent: dict[Group | None, list[int]] = field(default_factory=dict)
    back: list[tuple[int, float]] = field(default_factory=list)
    resumed: list[Group] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything happened."""
        return bool(self.silent or self.back or self.resumed)
