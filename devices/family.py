"""What a device family is: the shape that each module of this package fills in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple, Protocol

from devices import bases
from devices.addresses import TOPIC_NAMES, Addresses, Fault, for_later, plain_signs, unquoted
from devices.signal import Signal

CLOSED: Final = "closed"
"""The status of an alarm that is over; all others are of one that is not."""


class Message(NamedTuple):
    """What is published to a device or its gateway."""

    topic: str
    payload: bytes


class Reports(Enum):
    """How often its devices are heard of their own accord."""

    AS_ITS_KIND = auto()
    """As devices of that kind are in any family."""
    ON_BATTERY = auto()
    """They report a battery every 4 to 24 hours, of every kind but radars."""
    WHEN_PRESSED = auto()
    """Its buttons say nothing else."""


def _all_of_it(said: object) -> object:
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhears:
    """What is heard as a press in a message of which the family's own reading found none (`devices.shared.overheard`).

    Attributes:
        flags: Whether a flag that is set can be one; not where the family knows all of its alarms.
        numbers: Whether a number can be one; not where the gateway repeats what it counts.
        part: The part of a message in which it is looked for.
    """

    flags: bool = True
    numbers: bool = True
    part: Callable[[object], object] = _all_of_it


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
        rank: How free its topics are: 0 where nobody else can have them, more where their words or their shape are
            others', too. Of those whose topic it is the one of the lowest rank reads a message, of equals the first by
            name.
        overhears: Where a press is looked for that its own reading did not find; None where its words leave nothing
            open, or an envelope names devices and only a codec's part counts.
        reports: How often its devices are heard of their own accord.
        pad_opens_when_occupied: Whether its bed pad opens when somebody lies down; mats wired to a contact close then.
        answer: What shows a device a status, from its address and the status; None where it has nothing to show one.
        downlink: How bytes for a device are packed, from its address and the bytes; None where they go as they are.
        receipt: What its sender waits for once a message is kept, from topic, payload and time of receipt; None for
            none. Asked of every message that is kept: a topic of another family's is told at once.
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
    rank: int = 0
    overhears: Overhears | None = Overhears()
    reports: Reports = Reports.AS_ITS_KIND
    pad_opens_when_occupied: bool = False
    answer: Callable[[str, str], Message] | None = None
    downlink: Callable[[str, bytes], bytes] | None = None
    receipt: Callable[[str, bytes, datetime], Message | None] | None = None

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
