"""Base topics: where a gateway publishes, and so which devices it may speak for.

Most families name a device by a part of the topic or by a number in the payload, and a gateway may publish under a base
topic of its own in front of it. Who speaks for ``bed_button`` is then not told by the name: the gateway of any home can
say it. So what a gateway says that is tied to a base topic of its own is about devices *behind that base*, known as
``home2//bed_button``: base topic, two slashes, address. Plain addresses are those of the family's usual base topic, and
of gateways that may publish under any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from devices.family import Family

BEHIND: Final = "//"
_WILD: Final = ("+", "#")
_OTHER: Final = "other"


def behind(base: str, address: str) -> str:
    """How a device is known that is behind a base topic of its gateway's own."""
    return f"{base}{BEHIND}{address}"


def parted(address: str) -> tuple[str, str]:
    """The base topic that a device is behind, empty for none, and its address there."""
    base, _, rest = address.partition(BEHIND)
    return (base, rest) if base and rest else ("", address)


def fixed(pattern: str) -> str:
    """The base topic of a topic filter: its levels before the first wildcard; of one without, all but the last."""
    levels = pattern.split("/")
    wild = next((at for at, level in enumerate(levels) if level in _WILD), len(levels) - 1)
    return "/".join(levels[:wild])


def known_as(family: Family, topic: str, device: str, base: str) -> str:
    """What the device is known by of which a gateway speaks that may publish under that base topic only.

    Its plain address, where the base is the family's usual one, or wider; or where the base is in the address, so that
    nobody else's is the same.
    """
    levels = base.split("/") if base else []
    usual = [one.split("/") for one in family.usual_bases]
    if any(levels == one[: len(levels)] for one in usual):
        return device
    if device == base or device.startswith(f"{base}/") or not levels:
        return device
    shared = max((_shared(levels, one) for one in usual), default=0)
    if (
        (shared or not usual)
        and family.address(topic) == device
        and not _is_another(family, topic, device, shared, levels)
    ):
        return device
    return behind(base, device)


def _shared(levels: list[str], usual: list[str]) -> int:
    """How many levels of a base are those of a usual one: all of its, or none."""
    return len(usual) if levels[: len(usual)] == usual else 0


def _is_another(family: Family, topic: str, device: str, start: int, levels: list[str]) -> bool:
    """Whether another base topic would name the same device."""
    parts = topic.split("/")
    for at in range(start, len(levels)):
        moved = "/".join([*parts[:at], _OTHER, *parts[at + 1 :]])
        if family.address(moved) == device:
            return True
    return False
