"""What does not work at this moment, for the desk: said at the top of every list, before anybody trusts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from alarmd.part_faults import told
from alarmd.watch.troubles import Troubles
from config.wording import for_later, said
from escalation.texts.watching import Silence

Ask = Callable[[], Awaitable[str | None]]
"""None if a part works, else a sentence saying what is wrong."""

_SAYS = MappingProxyType(
    {
        Silence.BROKER: for_later("no connection to the MQTT broker: presses do not get through"),
        Silence.HEARING: for_later("the MQTT broker passes nothing on: presses may not get through"),
        Silence.CANARY: for_later("alarmd's own test press did not get through: presses may not, either"),
        Silence.TRAFFIC_BROKER: for_later("nothing has come from the MQTT broker for unusually long"),
        Silence.TRAFFIC_DOOR: for_later("nothing has come to alarmd's own MQTT listener for unusually long"),
        Silence.WRITER: for_later("the store does not answer: alarms are not kept and nobody is rung"),
        Silence.PHONES: for_later("no phone provider works: nobody is rung. Ring by hand"),
        Silence.RECORD: for_later("the event log was changed by somebody: run alarmd verify"),
    }
)
_NO_MORE_NEWS = MappingProxyType({"mqtt": (Silence.BROKER, Silence.HEARING), "store": (Silence.WRITER,)})
"""What a part's own answer need not say again."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not work.

    Attributes:
        what: A word for programs: a `Silence`, ``phone <name>``, ``mqtt`` or ``store``.
        since: Since when, as far as it is known.
        says: A sentence in the reader's language.
    """

    what: str
    since: datetime | None
    says: str


class DownProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A phone provider that does not work, since when, and what it said."""

    name: str
    since: datetime
    reason: str


class Present:
    """Knows what does not work now.

    Args:
        troubles: What the watchdogs found.
        providers: The phone providers that are down.
        parts: Asked at once, for what no watchdog has noticed yet: ``mqtt``, ``store``.
    """

    def __init__(
        self,
        *,
        troubles: Troubles,
        providers: Callable[[], Sequence[DownProvider]],
        parts: dict[str, Ask],
    ) -> None:
        self._troubles = troubles
        self._providers = providers
        self._parts = parts

    async def now(self) -> list[Trouble]:
        """What does not work, the gravest first: what all depends on, then single providers."""
        silent = {notice.silence: notice for notice in self._troubles.now()}
        found = [
            Trouble(what=silence.value, since=silent[silence].since, says=said(says))
            for silence, says in _SAYS.items()
            if silence in silent
        ]
        for name, ask in self._parts.items():
            if not any(silence in silent for silence in _NO_MORE_NEWS.get(name, ())):
                fault = await ask()
                if fault is not None:
                    found.append(Trouble(what=name, since=None, says=told(fault)))
        found += [
            Trouble(
                what=f"phone {one.name}",
                since=one.since,
                says=said("the phone provider {name} does not work: {reason}", name=one.name, reason=one.reason),
            )
            for one in self._providers()
        ]
        return found
