"""433 and 868 MHz: fixed codes, sent several times, heard by several receivers."""

from __future__ import annotations

from types import MappingProxyType

from simulators.families.said import Dialect, Episode, Said, Says, Turn, message

RECEIVERS = ("attic", "hall")
_REPEATS = (0.0, 0.2, 0.4, 0.6)


def _heard(turn: Turn, **fields: object) -> Episode:
    """Four repeats, each heard by both receivers."""
    model, _, number = turn.device.rpartition("/")
    body = {"time": turn.local, "model": model, "id": number, **fields}
    return tuple(
        message(f"rtl_433/{receiver}/events", body, after=after) for after in _REPEATS for receiver in RECEIVERS
    )


def _fob(prefix: str, number: int) -> str:
    return f"X10-Security/{sum(prefix.encode()) % 256:02x}{number:06x}"


def _receivers(_turn: Turn) -> Episode:
    return tuple(message(f"rtl_433/{receiver}/availability", "online", retain=True) for receiver in RECEIVERS)


def _receiver_lost(_device: str) -> Said:
    return message(f"rtl_433/{RECEIVERS[0]}/availability", "offline", retain=True)


RTL_433 = Dialect(
    family="rtl_433",
    device="X10-Security/3a5c",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": lambda turn: _heard(turn, code="98", event="KR15 PANIC", mic="CRC"),
            "heartbeat": lambda turn: _heard(turn, code="85", event="DS10A DOOR/WINDOW CLOSED", mic="CRC")[:2],
        }
    ),
    every=90 * 60,
    hello=_receivers,
    will=_receiver_lost,
    addressed=_fob,
)


def _code(turn: Turn) -> Episode:
    """Both gateways hear the code, each with its own idea of the delay between two bits."""
    return tuple(
        message(
            f"home/OMG_{gateway}/433toMQTT",
            {"value": int(turn.device), "protocol": 1, "length": 24, "delay": 306 + number},
            after=after,
        )
        for after in _REPEATS[:3]
        for number, gateway in enumerate(RECEIVERS)
    )


def _gateways(_turn: Turn) -> Episode:
    return tuple(message(f"home/OMG_{gateway}/LWT", "online", retain=True) for gateway in RECEIVERS)


def _alive(turn: Turn) -> Episode:
    """A remote has none: its gateway says that it listens."""
    system = {"uptime": turn.unix % 1_000_000, "version": "v1.7.0", "rssi": -61}
    return (message(f"home/OMG_{RECEIVERS[0]}/SYStoMQTT", system),)


_REMOTE: dict[str, Says] = {"sos": _code, "press": _code, "heartbeat": _alive}

OPENMQTTGATEWAY = Dialect(
    family="openmqttgateway",
    device="8895854",
    kind="pendant",
    says=MappingProxyType(_REMOTE),
    every=120,
    hello=_gateways,
    will=lambda _device: message(f"home/OMG_{RECEIVERS[0]}/LWT", "offline", retain=True),
    addressed=lambda _prefix, number: str(8_000_000 + number),
    others=lambda _device: tuple(f"home/OMG_{gateway}" for gateway in RECEIVERS),
)
