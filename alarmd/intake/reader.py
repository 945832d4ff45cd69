"""Which family reads a topic: the families' own topics, and those an operator assigns (``[mqtt.topics]``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alarmd.door.topics import matches
from alarmd.intake.delivery import Delivery
from devices import registry
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
        family = self._of(delivery.topic)
        return registry.decode(
            delivery.topic, delivery.payload, retained=delivery.retained, families=self._families, family=family
        )

    def knows(self, topic: str) -> bool:
        """Whether some family reads this topic."""
        return self.family(topic) is not None

    def family(self, topic: str) -> str | None:
        """Which family reads this topic, as far as the topic alone says."""
        found = registry.family_of(topic, self._families)
        return self._of(topic) or (found.name if found is not None else None)

    @property
    def filters(self) -> list[str]:
        """What to subscribe to at a broker: the families' own topics, and the assigned ones."""
        names = self._families or tuple(registry.FAMILIES)
        own = [topic for name in names for topic in registry.named(name).subscriptions]
        return [*dict.fromkeys([*own, *(pattern for pattern, _ in self._assigned)])]

    def _of(self, topic: str) -> str | None:
        return next((family for pattern, family in self._assigned if matches(pattern, topic)), None)
