"""How devices of several families say the same thing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

APPLICATION = "5f0e9d2c-3f7b-4b57-9d5f-0a6f1c2b3d4e"  # a ChirpStack application's id
FAMILIES = ("alarmd", "zigbee2mqtt", "chirpstack")


@dataclass(frozen=True, slots=True)
class Said:
    """One message of one device.

    Attributes:
        topic: Where it goes.
        payload: Its bytes.
        ref: The key of this one signal, where the family has one.
        reply: The topic of the answer, where the family has one.
    """

    topic: str
    payload: bytes
    ref: str = ""
    reply: str = ""


def says(family: str, device: str, signal: str = "sos", *, at: datetime, battery: int = 87, **more: Any) -> Said:
    """What a device of that family publishes to say that.

    Args:
        family: ``alarmd``, ``zigbee2mqtt`` or ``chirpstack``.
        device: Its address: friendly name, devEUI …
        signal: ``sos``, ``fall`` or ``heartbeat``; the native family knows all signal types of CONTRACT.md.
        at: The device's own time.
        battery: Per cent.
        **more: Further fields, for the native family (``lat``, ``measurements`` …).

    Raises:
        ValueError: The family is unknown, or has no such signal.
    """
    match family:
        case "alarmd":
            return _native(device, signal, at, battery, more)
        case "zigbee2mqtt":
            return _zigbee(device, signal, battery)
        case "chirpstack":
            return _chirpstack(device, signal, at, battery)
        case _:
            raise ValueError(f"no simulated device of family {family!r}; there are {', '.join(FAMILIES)}")


def _native(device: str, signal: str, at: datetime, battery: int, more: Mapping[str, Any]) -> Said:
    ref = secrets.token_hex(8)
    body = {"ref": ref, "type": signal, "at": _iso(at), "battery": battery, **more}
    return Said(f"alarmd/v1/{device}/signal", _json(body), ref, f"alarmd/v1/{device}/reply")


def _zigbee(device: str, signal: str, battery: int) -> Said:
    fields = {
        "sos": {"action": "emergency"},
        "fall": {"fall_status": "fall_alarm"},
        "heartbeat": {},
    }
    said = {**_known(fields, signal, "zigbee2mqtt"), "battery": battery, "linkquality": 132}
    return Said(f"zigbee2mqtt/{device}", _json(said))


def _chirpstack(device: str, signal: str, at: datetime, battery: int) -> Said:
    fields: dict[str, dict[str, Any]] = {
        "sos": {"sos": True, "battery": battery},
        "fall": {"fall": True, "battery": battery},
        "heartbeat": {"battery": battery},
    }
    ref = secrets.token_hex(16)
    body = {
        "deduplicationId": f"{ref[:8]}-{ref[8:12]}-4{ref[13:16]}-8{ref[17:20]}-{ref[20:]}",
        "time": _iso(at),
        "deviceInfo": {"applicationId": APPLICATION, "deviceName": device, "devEui": device},
        "fPort": 85,
        "object": _known(fields, signal, "chirpstack"),
    }
    return Said(f"application/{APPLICATION}/device/{device}/event/up", _json(body), str(body["deduplicationId"]))


def _known(fields: Mapping[str, Mapping[str, Any]], signal: str, family: str) -> Mapping[str, Any]:
    if signal not in fields:
        raise ValueError(f"a simulated {family} device cannot say {signal!r}; it can say {', '.join(fields)}")
    return fields[signal]


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
