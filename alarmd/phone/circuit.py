"""Which phone provider gets the next message: failover by outcome, and a way back to the first.

A provider that refuses to work or does not answer is left alone for a while (its circuit is *open*) and the next one in
the operator's order is used. When the while is over, one message may try it again (*half-open*): accepted, the provider
is back in its old place; if not, the while doubles. Nothing ever waits for a circuit: where every provider is down, all
of them are tried in turn, for a call that probably fails beats no call (promise 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSE_FIRST, PAUSE_MOST = timedelta(seconds=30), timedelta(minutes=2)
TRY_TAKES = timedelta(seconds=40)  # the longest a provider's transport may need for one message
PUT_OFF_MOST = 5  # so often in a row "later" is as good as no


@dataclass(slots=True)
class _Circuit:
    open_until: datetime | None = None
    pause: timedelta = PAUSE_FIRST
    tried_until: datetime | None = None
    put_off: int = 0
    opened_at: datetime | None = None
    worked_at: datetime | None = None


class Circuits:
    """What is known of each provider, by name; a name never heard of works."""

    def __init__(self) -> None:
        self._circuits: dict[str, _Circuit] = {}

    def pick(self, names: Sequence[str], *, tries: int, now: datetime) -> str:
        """The provider for a message.

        Args:
            names: In the operator's order of preference; never empty.
            tries: How often this message was tried already; each try goes to another provider while there is one.
            now: The present.
        """
        well = [name for name in names if not self.is_down(name)]
        if not well:
            return names[tries % len(names)]
        if tries == 0:  # a message that failed once is no guinea pig while another provider works
            for name in names[: names.index(well[0])]:
                if self._may_try(name, now):
                    self._of(name).tried_until = now + TRY_TAKES
                    return name
        return well[tries % len(well)]

    def is_down(self, name: str) -> bool:
        """Whether its circuit is open or half-open: nothing was accepted since it failed."""
        return self._of(name).open_until is not None

    def all_down(self, names: Sequence[str]) -> bool:
        """Whether no provider is known to work."""
        return all(self.is_down(name) for name in names)

    def failed(self, name: str, now: datetime) -> bool:
        """It refused to work or did not answer; returns whether that is news."""
        circuit = self._of(name)
        news = circuit.open_until is None
        if news:
            circuit.opened_at = now
        elif circuit.tried_until is not None:  # its one try
            circuit.pause = min(circuit.pause * 2, PAUSE_MOST)
        circuit.open_until = now + circuit.pause
        circuit.tried_until = None
        return news

    def put_off(self, name: str, now: datetime) -> bool:
        """It said *later* (throttled, out of order); said often enough in a row, that is a no. Returns whether news."""
        circuit = self._of(name)
        circuit.put_off += 1
        if circuit.put_off < PUT_OFF_MOST and circuit.open_until is None:
            return False
        return self.failed(name, now)

    def worked(self, name: str, now: datetime) -> timedelta | None:
        """It accepted a message; returns for how long it had been down, or None if it was not."""
        circuit = self._of(name)
        since = circuit.opened_at if circuit.open_until is not None else None
        self._circuits[name] = _Circuit(worked_at=now)
        return None if since is None else max(now - since, timedelta(0))

    def answered(self, name: str, now: datetime) -> timedelta | None:
        """Asked whether it works it said yes, with nothing sent: it may be used again once its pause is over.

        The length of its pause is remembered, so that one that says yes and then refuses is not asked over and over.

        Returns:
            For how long it had been down, or None if it was not, or if its pause is not over.
        """
        circuit = self._of(name)
        if circuit.open_until is None or not self._may_try(name, now):
            return None
        since = circuit.opened_at or now
        self._circuits[name] = _Circuit(pause=min(circuit.pause * 2, PAUSE_MOST), worked_at=circuit.worked_at)
        return max(now - since, timedelta(0))

    def down_since(self, name: str) -> datetime | None:
        """Since when it is down; None where it is not."""
        circuit = self._of(name)
        return circuit.opened_at if circuit.open_until is not None else None

    def worked_within(self, name: str, span: timedelta, now: datetime) -> bool:
        """Whether it accepted something a short time ago."""
        at = self._of(name).worked_at
        return at is not None and abs(now - at) <= span

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing failed or worked later than now, and no pause lasts until the old time."""
        for circuit in self._circuits.values():
            circuit.opened_at = circuit.opened_at and min(circuit.opened_at, now)
            circuit.worked_at = circuit.worked_at and min(circuit.worked_at, now)
            circuit.open_until = circuit.open_until and min(circuit.open_until, now + circuit.pause)
            circuit.tried_until = circuit.tried_until and min(circuit.tried_until, now)

    def _may_try(self, name: str, now: datetime) -> bool:
        circuit = self._of(name)
        if circuit.open_until is None:
            return False
        # a time farther away than any try or pause takes: the clock was set back
        if circuit.tried_until is not None and timedelta(0) < circuit.tried_until - now <= TRY_TAKES:
            return False
        return circuit.open_until <= now or circuit.open_until - now > PAUSE_MOST

    def _of(self, name: str) -> _Circuit:
        return self._circuits.setdefault(name, _Circuit())
