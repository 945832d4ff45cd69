"""EspruinoHub: a Puck.js and a chest strap, and the hub's twins of what they advertise."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, mac, message


def _colons(prefix: str, number: int) -> str:
    digits = mac(prefix, number).lower()
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


def _puck(turn: Turn) -> Episode:
    """What the program on a Puck.js advertises, and the hub's twins of it."""
    root = f"/ble/advertise/{turn.device}"
    body = {"rssi": -53, "name": "Puck.js", "manufacturer": "0590"}
    own = {"btn": 1, "bat": turn.battery}
    return (
        message(root, body),
        message(f"{root}/rssi", "-53"),
        message(f"{root}/espruino", own),
        message(f"{root}/espruino", own, after=0.4),
        message(f"{root}/espruino", {"btn": 0, "bat": turn.battery}, after=2.0),
    )


def _watch(turn: Turn) -> Episode:
    root = f"/ble/advertise/{turn.device}"
    return (message(f"{root}/180d", f"[0,{turn.pulse}]"), message(f"/ble/hr/{turn.device}", str(turn.pulse)))


DIALECT = Dialect(
    family="espruinohub",
    device="f5:47:c8:0b:49:04",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _puck,
            "press": _puck,
            "vital": _watch,
            "heartbeat": lambda turn: (message(f"/ble/advertise/{turn.device}", {"rssi": -53, "name": "Puck.js"}),),
        }
    ),
    every=60,
    hello=lambda turn: (message(f"/ble/presence/{turn.device}", "1", retain=True),),
    addressed=_colons,
)
