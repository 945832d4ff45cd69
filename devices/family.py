"""What a device family is: the shape that each module of this package fills in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices.signal import Signal


def as_written(address: str) -> str:
    """The address without surrounding blanks: for families that compare names exactly."""
    return address.strip()


class Decode(Protocol):
    """How a family reads a message: any topic, any bytes, bounded time, no exception."""

    def __call__(self, topic: str, payload: bytes, /, *, retained: bool = False) -> tuple[Signal, ...]:
        """Say what the message means; nothing for a message that means nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family of devices, as a value; see ``docs/devices/index.md`` for the recipe.

    Attributes:
        name: As in ``families = […]``, ``devices.csv`` and `Signal.family`.
        subscriptions: MQTT topic filters to subscribe to at a broker.
        matches: Whether a topic is this family's own.
        decode: One message to its signals.
        address: The device's address in the topic alone; None where the topic names no device.
        canonical: One spelling for an address, so that ``24E124…`` in devices.csv finds ``24e124…`` on the air.
        replies: MQTT topic filters of all that alarmd publishes to its devices of its own accord: answers, receipts.
        idle: A payload that says on any of its topics no more than that its device is alive (`alarmd check` sends it).
        recognises: Whether a payload can be this family's, for families that share a shape of topic with another; None
            where the topic says it all. A message that no family recognises goes to the first whose topic it is.
        gateway: Through which gateway alone a message came, empty where it does not say or where there were several;
            cheap, for it is asked with every sign of life. None where the family never says.
    """

    name: str
    subscriptions: tuple[str, ...]
    matches: Callable[[str], bool]
    decode: Decode
    address: Callable[[str], str | None]
    canonical: Callable[[str], str] = as_written
    replies: tuple[str, ...] = ()
    idle: bytes = b""
    recognises: Callable[[str, bytes], bool] | None = None
    gateway: Callable[[str, bytes], str] | None = None
