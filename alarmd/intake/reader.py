"""Which family reads a topic: the families' own topics, and those an operator assigns (``[mqtt.topics]``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from alarmd.door.topics import matches
from alarmd.intake.delivery import Delivery
from alarmd.ties import Tied
from devices import bases, registry
from devices.signal import Signal


class Reader:
    """Reads messages as the settings say.

    Args:
        families: The families that look at topics, in this order; None = all.
        assigned: Topic filter to the family that reads it, whatever the topic looks like; the first match counts.
    """

    def __init__(self, families: Sequence[str] | None = None, assigned: Mapping[str, str] | None = None) -> None:
        self._families = families
        self._assigned = tuple((assigned or {}).items())

    def decode(self, delivery: Delivery) -> tuple[Signal, ...]:
        """What the message says."""
        family = self._of(delivery.topic, delivery.families)
        families = self._among(delivery.families)
        signals = registry.decode(
            delivery.topic, delivery.payload, retained=delivery.retained, families=families, family=family
        )
        if not isinstance(delivery.families, Tied):
            return signals
        return tuple(
            replace(one, device=known_as(one.family, one.device, delivery)) if one.device is not None else one
            for one in signals
        )

    def knows(self, topic: str, families: tuple[str, ...] | None = None) -> bool:
        """Whether some family reads this topic; with ``families`` one of those its sender is tied to."""
        return self.family(topic, families) is not None

    def family(self, topic: str, families: tuple[str, ...] | None = None) -> str | None:
        """Which family reads this topic, as far as the topic alone says; ``families`` as in `knows`."""
        found = registry.family_of(topic, self._among(families))
        return self._of(topic, families) or (found.name if found is not None else None)

    @property
    def filters(self) -> list[str]:
        """What to subscribe to at a broker: the families' own topics, and the assigned ones."""
        names = self._families or tuple(registry.FAMILIES)
        own = [topic for name in names for topic in registry.named(name).subscriptions]
        return [*dict.fromkeys([*own, *(pattern for pattern, _ in self._assigned)])]

    def _among(self, families: tuple[str, ...] | None) -> Sequence[str] | None:
        if families is None:
            return self._families
        return [name for name in self._families or registry.FAMILIES if name in families]

    def _of(self, topic: str, families: tuple[str, ...] | None) -> str | None:
        found = next((family for pattern, family in self._assigned if matches(pattern, topic)), None)
        return found if families is None or found in families else None


def known_as(family: str, device: str, delivery: Delivery) -> str:
    """What a device of that family is known by, of which this message speaks.

    Its address; where the sender is tied to a base topic of its own, the device of that address behind it
    (`devices.bases`): a gateway does not speak for devices behind another one.
    """
    ties = delivery.families
    if not isinstance(ties, Tied) or not ties.filters:
        return device
    return bases.known_as(registry.named(family), delivery.topic, device, ties.base(delivery.topic))
