"""How a device is shown that help is coming, where its family can show anything.

alarmd's own family has a reply topic and needs none of this. The others have a lamp, a relay or a buzzer: what is sent
by default turns it on while somebody is expected and off at the end; ``answer_topic`` and ``answer_payloads`` in
devices.toml say it otherwise, and are needed where the family's bytes are the device's own (LoRaWAN).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from devices import bases

CLOSED: Final = "closed"


class Message(NamedTuple):
    """What is published."""

    topic: str
    payload: bytes


def _zigbee2mqtt(address: str, status: str) -> Message:
    """A siren with a lamp: the light flashes, the siren stays still."""
    on = status != CLOSED
    warning = {
        "mode": "emergency" if on else "stop",
        "level": "low",
        "strobe": on,
        "strobe_duty_cycle": 5,
        "duration": 30 if on else 0,
    }
    return Message(f"zigbee2mqtt/{address}/set", json.dumps({"warning": warning}).encode())


def _shelly_gen1(address: str, status: str) -> Message:
    return Message(f"shellies/{address}/relay/0/command", b"off" if status == CLOSED else b"on")


def _shelly_gen2(address: str, status: str) -> Message:
    call = {"id": 1, "src": "alarmd", "method": "Switch.Set", "params": {"id": 0, "on": status != CLOSED}}
    return Message(f"{address}/rpc", json.dumps(call).encode())


def _tasmota(address: str, status: str) -> Message:
    return Message(f"cmnd/{address}/POWER", b"OFF" if status == CLOSED else b"ON")


def _esphome(address: str, status: str) -> Message:
    return Message(f"{address}/switch/answer/command", b"OFF" if status == CLOSED else b"ON")


_DEFAULTS: Final[Mapping[str, Callable[[str, str], Message]]] = MappingProxyType(
    {
        "zigbee2mqtt": _zigbee2mqtt,
        "shelly_gen1": _shelly_gen1,
        "shelly_gen2": _shelly_gen2,
        "tasmota": _tasmota,
        "esphome": _esphome,
    }
)
"""Families whose devices are answered without being told how."""

LORAWAN: Final = frozenset({"chirpstack", "thethingsstack"})
_PORT: Final = 85  # where Milesight's devices listen; another needs its own payload written in full


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
    usual = _DEFAULTS[family](address, status) if family in _DEFAULTS else None
    payload = payloads.get(status, "").encode() or (usual.payload if usual and not payloads else b"")
    where = topic or (usual.topic if usual and not base else "")
    if not where or not payload:
        return None
    if family in LORAWAN and not payload.startswith(b"{"):
        payload = _downlink(family, address, payload)
    return Message(where, payload) if payload else None


def _downlink(family: str, address: str, digits: bytes) -> bytes:
    try:
        raw = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
    data = base64.b64encode(raw).decode("ascii")
    if family == "chirpstack":
        return json.dumps({"devEui": address, "confirmed": False, "fPort": _PORT, "data": data}).encode()
    return json.dumps({"downlinks": [{"f_port": _PORT, "frm_payload": data, "priority": "HIGH"}]}).encode()
