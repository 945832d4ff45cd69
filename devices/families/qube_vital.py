"""Qube-Vital: a box of vital-sign meters for clinics and day rooms. See `devices.shared.ble_gateway`."""

from __future__ import annotations

from typing import Final

from devices.addresses import MAC_COLONS
from devices.family import Family
from devices.shared import ble_gateway
from devices.signal import Signal

NAME: Final = "qube_vital"
_TOPICS: Final = ("CM4_BLE_GW_TX",)


def matches(topic: str) -> bool:
    """Whether this is the topic that all boxes share."""
    return topic in _TOPICS


def address(topic: str) -> str | None:  # noqa: ARG001 - the shape of every family
    """None: the address is in the payload."""
    return None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:  # noqa: ARG001 - as above
    """Read one message; see `Family.decode`."""
    return ble_gateway.decode(NAME, payload, retained=retained)


def gateway(topic: str, payload: bytes) -> str:
    """The box that heard the meter."""
    del topic
    return ble_gateway.box_of(payload)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=_TOPICS,
    matches=matches,
    decode=decode,
    addresses=MAC_COLONS,
    address=address,
    canonical=ble_gateway.canonical,
    gateway=gateway,
)
