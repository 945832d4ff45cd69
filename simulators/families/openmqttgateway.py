"""433 MHz codes through OpenMQTTGateway: two gateways hear each."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.radio import RECEIVERS, REPEATS
from simulators.shared.said import Dialect, Episode, Says, Turn, message


def _code(turn: Turn) -> Episode:
    """Both gateways hear the code, each with its own idea of the delay between two bits."""
    return tuple(
        message(
            f"home/OMG_{gateway}/433toMQTT",
            {"value": int(turn.device), "protocol": 1, "length": 24, "delay": 306 + number},
            after=after,
        )
        for after in REPEATS[:3]
        for number, gateway in enumerate(RECEIVERS)
    )


def _gateways(_turn: Turn) -> Episode:
    return tuple(message(f"home/OMG_{gateway}/LWT", "online", retain=True) for gateway in RECEIVERS)


def _alive(turn: Turn) -> Episode:
    """A remote has none: its gateway says that it listens."""
    system = {"uptime": turn.unix % 1_000_000, "version": "v1.7.0", "rssi": -61}
    return (message(f"home/OMG_{RECEIVERS[0]}/SYStoMQTT", system),)


_REMOTE: dict[str, Says] = {"sos": _code, "press": _code, "heartbeat": _alive}


DIALECT = Dialect(
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
