"""What a device family is: the shape that each module of this package fills in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices import bases
from devices.addresses import TOPIC_NAMES, Addresses, Fault, for_later, plain_signs, unquoted
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
        addresses: What its addresses look like.
        replies: MQTT topic filters of all that alarmd publishes to its devices of its own accord: answers, receipts.
        idle: A payload that says on any of its topics no more than that its device is alive (`alarmd check` sends it).
        recognises: Whether a payload can be this family's, for families that share a shape of topic with another; None
            where the topic says it all. A message that no family recognises goes to the first whose topic it is.
        gateway: Through which gateway alone a message came, empty where it does not say or where there were several;
            cheap, for it is asked with every sign of life. None where the family never says.
        bases: The base topics that its devices or gateways come with; None for what its subscriptions begin with.
    """

    name: str
    subscriptions: tuple[str, ...]
    matches: Callable[[str], bool]
    decode: Decode
    address: Callable[[str], str | None]
    canonical: Callable[[str], str] = as_written
    addresses: Addresses = TOPIC_NAMES
    replies: tuple[str, ...] = ()
    idle: bytes = b""
    recognises: Callable[[str, bytes], bool] | None = None
    gateway: Callable[[str, bytes], str] | None = None
    bases: tuple[str, ...] | None = None

    @property
    def usual_bases(self) -> tuple[str, ...]:
        """The base topics under which its devices are known by their plain addresses (`devices.bases`)."""
        if self.bases is not None:
            return self.bases
        return tuple(dict.fromkeys(base for base in map(bases.fixed, self.subscriptions) if base))

    def registered(self, written: str) -> str:
        """The one spelling of an address from a file, by which its device is looked up when it speaks.

        What nobody sees, and what a spreadsheet puts around a number, is taken away; full-width digits and hyphens that
        only look like one are put right where the address is then one of this family's, as are a label before a number
        and what stands between groups of its digits.
        """
        base, rest = bases.parted(unquoted(written))
        if base:
            return bases.behind(base, self.registered(rest))
        found = self.canonical(unquoted(written))
        pattern = self.addresses.pattern
        if (pattern is None or not pattern.fullmatch(found)) and (
            digits := self.addresses.ungrouped(plain_signs(unquoted(written)))
        ):
            return self.canonical(digits)
        if not found.isascii():
            narrow = self.canonical(unquoted(plain_signs(written)))
            if narrow.isascii() and (self.addresses.pattern is not None or narrow.isdecimal()):
                return narrow
        return found

    def address_fault(self, written: str) -> Fault | None:
        """Why what is written in a file cannot be an address of this family's; None where it can."""
        base, rest = bases.parted(unquoted(written))
        if base:
            return TOPIC_NAMES.fault(base) or self.address_fault(rest)
        address = self.registered(written)
        if (wrong := self.addresses.fault(address)) is not None:
            return wrong
        if self.addresses.pattern is None and (wrong := self.addresses.fault(unquoted(written))) is not None:
            return wrong
        if "/" in address and self.matches(address) and (meant := self.address(address)) and meant != address:
            facts = {"address": address, "near": meant}
            return Fault(for_later("{address} is a topic, and the address in it is {near}"), facts)
        return self.addresses.tail(address)

    def address_doubt(self, address: str) -> Fault | None:
        """What looks odd about an address that can be right all the same."""
        return self.addresses.doubt(bases.parted(address)[1])

    @property
    def example_address(self) -> str:
        """One that a device of this family could have."""
        return self.addresses.example
