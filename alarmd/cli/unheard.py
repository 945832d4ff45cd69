"""What speaks on the broker and is not read, found out by listening for a moment (`alarmd check`).

A gateway whose base topic somebody changed publishes as before, and nobody subscribes to it: its buttons are dead
without a sign. Its stored last will or state is enough to find it.

And what was heard and is nobody's, because its address is registered in another spelling.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence

import aiomqtt

from alarmd.directory import lookup
from alarmd.door.topics import matches
from alarmd.store import Transaction
from devices import registry

LISTEN_S = 2.0
STRANGERS = 20
QUARANTINED = 500
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


def strangers(tx: Transaction) -> list[tuple[str, str, str]]:
    """Devices that spoke and are registered nowhere, where one differs only in its spelling.

    Returns:
        The family, the address as it was heard, and the id of the device that is probably meant; at most a few.
    """
    registered = lookup.devices(tx)
    known = {(device.family, device.address) for device in registered}
    spelt = {(device.family, _squeezed(device.address)): device.id for device in registered}
    found = dict.fromkeys(
        (family, address, spelt[family, _squeezed(address)])
        for family, address in _heard(tx)
        if (family, address) not in known and _squeezed(address) and (family, _squeezed(address)) in spelt
    )
    return list(found)[:STRANGERS]


def _heard(tx: Transaction) -> Iterator[tuple[str, str]]:
    for row in tx.each("signals_unregistered", limit=MOST):
        family, _, address = row["device"].partition("/")
        yield family, address
    for row in tx.each("quarantine_latest", reason="unknown_device", limit=QUARANTINED):
        for signal in registry.decode(row["topic"], row["payload"]):
            if signal.device is not None:
                yield signal.family, signal.device


def _squeezed(address: str) -> str:
    """Without capitals, blanks, signs between and leading zeros: what a hand or a spreadsheet changes."""
    return re.sub(r"[\W_]+", "", address.casefold()).lstrip("0")


def _base(topic: str) -> str:
    """All below the first level that has a name."""
    root, _, rest = topic.partition("/")
    return f"{root}/#" if root else f"/{rest.partition('/')[0]}/#"
