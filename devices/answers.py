"""How a device is shown that help is coming, where its family can show anything.

alarmd's own family has a reply topic and needs none of this. Others have a lamp, a relay or a buzzer: what is sent by
default turns it on while somebody is expected and off at the end; ``answer_topic`` and ``answer_payloads`` in
devices.toml say it otherwise, and are needed where the family's bytes are the device's own (LoRaWAN).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices import bases, families
from devices.family import Message


def answer(
    family: str, address: str, status: str, *, topic: str = "", payloads: Mapping[str, str] = MappingProxyType({})
) -> Message | None:
    """What to publish to show a device a status; None where nobody said how.

    Args:
        family: As registered.
        address: As registered. Behind a base topic of its gateway's own (`devices.bases`) only the ``topic`` is
            answered, for nobody knows how the gateway goes on from there.
        status: ``kept``, ``accepted``, ``coming``, ``arrived`` or ``closed``.
        topic: In place of the family's own.
        payloads: Status to payload, in place of the family's own; for LoRaWAN the bytes in hexadecimal, which are put
            into a downlink, or a JSON object, which is published as it is.
    """
    base, address = bases.parted(address)
    known = families.of(family)
    usual = known.answer(address, status) if known is not None and known.answer is not None else None
    payload = payloads.get(status, "").encode() or (usual.payload if usual and not payloads else b"")
    where = topic or (usual.topic if usual and not base else "")
    if not where or not payload:
        return None
    if known is not None and known.downlink is not None and not payload.startswith(b"{"):
        raw = _bytes(payload)
        payload = known.downlink(address, raw) if raw is not None else b""
    return Message(where, payload) if payload else None


def _bytes(digits: bytes) -> bytes | None:
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return None
