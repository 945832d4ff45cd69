"""The box behind which cuffs and oximeters are; two makes of one firmware."""

from __future__ import annotations

from typing import Any

from simulators.shared.said import Episode, Turn, mac, message

BOX = "DC:DA:0C:5A:80:44"


def colons(prefix: str, number: int) -> str:
    """A hardware address in pairs."""
    digits = mac(prefix, number)
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


def box(turn: Turn, word: str, topic: str) -> Episode:
    """The box's own sign of life, in the word of its make."""
    body: dict[str, Any] = {"from": word, "to": "CLOUD", "name": "box", "time": turn.unix, "mac": turn.device}
    return (message(topic, {**body, "type": "HB_Msg", "data": {"msg": "Online"}}),)
