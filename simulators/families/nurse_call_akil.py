"""A nurse call's receiver: it says ON three times, and OFF when somebody resets it in the room."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated

CLIENT = "xtremesos"  # whom the receiver belongs to


def _nurse_call(turn: Turn) -> Episode:
    """The receiver says ON three times, and OFF when somebody resets it in the room."""
    serial, room = turn.device.split("/")
    said = {"type": "sos", "roomId": int(room), "name": f"Room {room}", "status": "ON", "code": "7654321"}
    return repeated(message(f"{CLIENT}/{serial}/sosalarm", said), 0.5, 1.0)


def _reset(turn: Turn) -> Episode:
    serial, room = turn.device.split("/")
    said = {"type": "sos", "roomId": int(room), "name": f"Room {room}", "status": "OFF", "code": "7654321"}
    return (*_nurse_call(turn), message(f"{CLIENT}/{serial}/sosalarm", said, after=5.0))


def _receiver(turn: Turn) -> Episode:
    serial = turn.device.split("/")[0]
    return (message(f"{CLIENT}/{serial}/heartbeat", {"type": "heartbeat", "serialNumber": serial}),)


DIALECT = Dialect(
    family="nurse_call_akil",
    device="SN1001/12",
    kind="button",
    says=MappingProxyType({"sos": _nurse_call, "heartbeat": _receiver}),
    every=60,
    flaws=MappingProxyType({"reset in the room": _reset}),
    addressed=lambda prefix, number: f"{prefix}/{number}",
    others=lambda device: (device.split("/")[0],),
)
