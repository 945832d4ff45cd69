"""What speaks on the broker and is not read, found out by listening for a moment (`alarmd check`).

A gateway whose base topic somebody changed publishes as before, and nobody subscribes to it: its buttons are dead
without a sign. Its stored last will or state is enough to find it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import aiomqtt

from alarmd.door.topics import matches
from devices import registry

LISTEN_S = 2.0
MOST = 20_000  # stored messages of a large broker; the first of a gateway is enough


async def listen(client: aiomqtt.Client, filters: Sequence[str], families: Sequence[str] | None) -> dict[str, str]:
    """What to add to ``[mqtt.topics]``: topic filter to family. Nothing where the broker does not let us hear all."""
    found: dict[str, str] = {}
    try:
        async with asyncio.timeout(LISTEN_S):
            await client.subscribe("#")
            count = 0
            async for message in client.messages:
                found |= missed(str(message.topic), message.payload, filters, families)
                count += 1
                if count >= MOST:
                    break
    except TimeoutError:
        pass  # the way it ends
    return found


def missed(topic: str, payload: object, filters: Sequence[str], families: Sequence[str] | None) -> Mapping[str, str]:
    """The filter and family that a message wants; nothing where it is read, or is no device's."""
    if any(matches(pattern, topic) for pattern in filters):
        return {}
    family = registry.family_of(topic, families)
    if family is None or not isinstance(payload, bytes):
        return {}
    said = registry.decode(topic, payload, family=family.name)
    return {_base(topic): family.name} if any(signal.suspect is None for signal in said) else {}


def _base(topic: str) -> str:
    """All below the first level that has a name."""
    root, _, rest = topic.partition("/")
    return f"{root}/#" if root else f"/{rest.partition('/')[0]}/#"
