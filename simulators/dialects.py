"""How devices of every family say the same thing.

One thing that happens is an *episode*: all messages that go over the air because of it, with the family's own radio
repeats, twin topics, several gateways, stored copies and what follows. Each family's dialect is in
`simulators.families`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from simulators.families import DIALECTS
from simulators.shared.said import Dialect, Episode, Said, Turn

__all__ = ["DIALECTS", "FAMILIES", "Dialect", "Episode", "Said", "Turn", "dialect", "says"]

FAMILIES = tuple(DIALECTS)


def dialect(family: str) -> Dialect:
    """How a family speaks.

    Raises:
        ValueError: There is no such family.
    """
    if family not in DIALECTS:
        raise ValueError(f"no simulated device of family {family!r}; there are {', '.join(FAMILIES)}")
    return DIALECTS[family]


def says(
    family: str, device: str, signal: str = "sos", *, at: datetime, battery: int = 87, flaw: str = "", **more: Any
) -> Episode:
    """All that a device of that family and its gateways publish to say that, in order of time.

    Args:
        family: One of `FAMILIES`.
        device: Its address: friendly name, devEUI …
        signal: ``sos`` (somebody calls), ``press``, ``fall``, ``vital``, ``location`` or ``heartbeat``, as far as the
            family has it; the native family knows all signal types of CONTRACT.md.
        at: The device's own time.
        battery: Per cent.
        flaw: One of the family's known flaws, instead of the signal.
        **more: Further fields, in the words of CONTRACT.md (``lat``, ``lon``, ``measurements`` …).

    Raises:
        ValueError: The family is unknown, has no such signal or flaw, or its devices have no such address.
    """
    spoken = dialect(family)
    known = spoken.flaws if flaw else spoken.says
    word = flaw or signal
    if word not in known:
        has = ", ".join(known) or "none"
        if flaw:
            raise ValueError(f"{family} has no simulated flaw {flaw!r}; it has {has}")
        raise ValueError(f"a simulated {family} device cannot say {signal!r}; it can say {has}")
    turn = Turn(device=device, at=at, battery=battery, more=more)
    try:
        episode = known[word](turn)
    except ValueError:
        raise ValueError(f"{device!r} is no address of {family}; write for example {spoken.device}") from None
    return tuple(sorted(episode, key=lambda said: said.after))


def stored(episode: Episode) -> Episode:
    """What a broker would send of an episode to whoever subscribes afterwards: the last copy of each retained topic."""
    kept = {said.topic: replace(said, after=0.0) for said in episode if said.retain}
    return tuple(said for said in kept.values() if said.payload)
