"""A wristband that tells a slip three times."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated


def _slip(turn: Turn) -> Episode:
    body = {"id": turn.device, "code": 400, "message": "监测到患者摔倒", "timestamp": turn.unix}
    return repeated(message(f"drug/{turn.device}/slip", body), 1.0, 2.0)


def _beats(turn: Turn) -> Episode:
    body = {"id": turn.device, "code": 200, "heartrate": turn.pulse, "timestamp": turn.unix}
    return (message(f"drug/{turn.device}/heartrate", body),)


DIALECT = Dialect(
    family="scuiot_drug",
    device="a1b2c3d4",
    kind="wearable",
    says=MappingProxyType({"fall": _slip, "vital": _beats, "heartbeat": _beats}),
    every=60,
)
