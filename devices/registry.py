"""Which families there are, and which one a topic belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from devices import addresses, families
from devices.families import alarmd
from devices.family import Family, Overhears
from devices.shared import overheard, reading
from devices.signal import Signal


def _found() -> Iterator[Family]:
    """Each family of the folder."""
    for name in families.NAMES:
        if (family := families.of(name)) is not None:
            yield family


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {family.name: family for family in sorted(_found(), key=lambda family: (family.rank, family.name))}
)
"""By name. The first that matches reads a topic, so families with topics of their own stand before the others."""

_OWN_TOPICS: Final = "alarmd/v1/"
"""Read by our own family only. Families whose topics may have any prefix (ChirpStack, The Things Stack, Tasmota, Shelly
Gen2, ESPHome, Theengs, OpenMQTTGateway …) would else let a button speak for devices of other homes."""


class UnknownFamilyError(LookupError):
    """There is no device family of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no device family {name!r}; there are: {', '.join(FAMILIES)}")


def named(name: str) -> Family:
    """The family of that name.

    Raises:
        UnknownFamilyError: There is none.
    """
    try:
        return FAMILIES[name]
    except KeyError:
        raise UnknownFamilyError(name) from None


def family_of(topic: str, families: Sequence[str] | None = None) -> Family | None:
    """The family that a topic belongs to, among those named (None: all); None if it is no device's topic."""
    return next((family for family in _asked(topic, families) if family.matches(topic)), None)


def _asked(topic: str, families: Sequence[str] | None) -> Iterator[Family]:
    """The families that may read a topic, in their order."""
    own = topic.startswith(_OWN_TOPICS)
    for family in FAMILIES.values() if families is None else map(named, families):
        if not own or family.name == alarmd.NAME:
            yield family


def _reader(topic: str, payload: bytes, families: Sequence[str] | None) -> Family | None:
    """As `family_of`, but of several whose topic it is the first that recognises the payload."""
    first: Family | None = None
    for family in _asked(topic, families):
        if family.matches(topic):
            if family.recognises is None or family.recognises(topic, payload):
                return family
            first = first or family
    return first


def decode(
    topic: str,
    payload: bytes,
    *,
    retained: bool = False,
    families: Sequence[str] | None = None,
    family: str | None = None,
) -> tuple[Signal, ...]:
    """What a message says.

    Pure and total: the same answer for the same bytes, in bounded time, without an exception whatever they are.

    Args:
        topic: The topic, as received.
        payload: The bytes, as received.
        retained: The broker's stored copy; noted on the signals, and left to the engine to judge.
        families: Only these families look at the topic, in this order; None for all.
        family: This family reads it, whatever the topic looks like (for a base topic of one's own).

    Returns:
        The signals; none where the message means nothing or belongs to no family.

    Raises:
        UnknownFamilyError: ``family`` or ``families`` names one that does not exist: a mistake in the settings, which
            are checked before the first message.
    """
    reader = named(family) if family is not None else _reader(topic, payload, families)
    if reader is None:
        return ()
    signals = reader.decode(topic, payload, retained=retained)
    if reader.overhears is not None and overheard.needed(signals) and overheard.hinted(payload):
        signals = overheard.with_press(signals, _overheard(reader.overhears, payload))
    return tuple(map(_named, signals))


def _overheard(how: Overhears, payload: bytes) -> overheard.Heard | None:
    try:
        said = reading.json_value(payload)
    except reading.UnreadableError:
        said = payload[:100].decode("utf-8", "replace")
    part = how.part(said)
    return overheard.press_in(
        part if isinstance(part, dict | list) else {"value": part}, flags=how.flags, numbers=how.numbers
    )


def _named(signal: Signal) -> Signal:
    """With its device's address as a file's is kept: without what nobody sees in it, nor blanks around it."""
    device = signal.device
    if device is None or (device.isascii() and device == device.strip()):
        return signal
    return replace(signal, device=addresses.visible(device) or device)
