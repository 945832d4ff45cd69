"""Devices that fall silent together: those behind one gateway, of one street, and all there are."""

from __future__ import annotations

from enum import StrEnum

from alarmd.privacy import place_name

NOBODY = -1
MESSAGES_MISSED = 5  # so many that ought to have come, and the silence is no chance
LEAST_PATIENCE_S = 2.0


class Scope(StrEnum):
    """How far a silence reaches, the widest first."""

    ALL = "all"
    GATEWAY = "gateway"
    STREET = "street"
    HOME = "home"


class Group:
    """One set of devices with something in common.

    Attributes:
        scope: What they have in common.
        name: Which gateway or street; empty for all.
        heard: When any of them was last heard, seconds since 1970.
        rate: Messages a second that they promise together.
        several: They are of more than one home.
        hinted: Something (a last will, a lost connection) says that it is gone; a hint only.
        silent_since: When the silence that is going on began; None while it is heard.
    """

    __slots__ = ("_home", "heard", "hinted", "members", "name", "rate", "scope", "several", "silent_since")

    def __init__(self, scope: Scope, name: str) -> None:
        self.scope = scope
        self.name = name
        self.heard = 0.0
        self.rate = 0.0
        self.members = 0
        self.several = False
        self.hinted = False
        self.silent_since: float | None = None
        self._home = NOBODY

    @property
    def called(self) -> str:
        """Its name for log and desk: a gateway may be called by its IMEI."""
        return place_name(self.name)

    @property
    def subject(self) -> str:
        """What an incident about it is about."""
        return f"{self.scope}:{self.called}" if self.name else self.scope.value

    def join(self, home: int, promised: float) -> None:
        """One more device."""
        self.members += 1
        self.rate += 1.0 / promised
        if self._home == NOBODY:
            self._home = home
        self.several = self.several or home != self._home

    def leave(self, promised: float) -> None:
        """One device fewer: it is heard through another gateway now."""
        self.members -= 1
        self.rate = max(0.0, self.rate - 1.0 / promised)

    def patience(self) -> float:
        """Seconds of silence after which it is no chance any more."""
        if self.hinted:
            return LEAST_PATIENCE_S
        return max(LEAST_PATIENCE_S, MESSAGES_MISSED / self.rate) if self.rate else float("inf")
