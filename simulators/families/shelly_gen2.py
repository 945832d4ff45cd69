"""Shelly's later generations, and Bluetooth (BLU) buttons behind them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared.said import Dialect, Episode, Turn, message


def _notified(turn: Turn, event: str, *, after: float = 0.0) -> Any:
    """One event of the device's own input, or of a BLU button that it hears."""
    gateway, _, component = turn.device.partition("/")
    source = component or "input:0"
    moment = turn.at.timestamp() + after
    events = [{"component": source, "id": int(source.partition(":")[2]), "event": event, "ts": moment}]
    body = {"src": gateway, "dst": f"{gateway}/events", "method": "NotifyEvent", "params": {"ts": moment}}
    body["params"] = {"ts": moment, "events": events}
    return message(f"{gateway}/events/rpc", body, after=after)


def _gen2(turn: Turn) -> Episode:
    """A wired push is three events; a Bluetooth one comes as the push alone, advertised for some seconds."""
    if "/" in turn.device:
        return (_notified(turn, "single_push"), _blu_state(turn))
    return (
        _notified(turn, "btn_down"),
        _notified(turn, "btn_up", after=0.1),
        _notified(turn, "single_push", after=0.3),
    )


def _blu_state(turn: Turn) -> Any:
    gateway, _, component = turn.device.partition("/")
    state = {
        "id": 200,
        "rssi": -61,
        "battery": turn.battery,
        "packet_id": turn.count % 256,
        "last_updated_ts": turn.unix,
    }
    body = {
        "src": gateway,
        "dst": f"{gateway}/events",
        "method": "NotifyStatus",
        "params": {"ts": turn.unix, component: state},
    }
    return message(f"{gateway}/events/rpc", body, after=0.1)


def _gen2_alive(turn: Turn) -> Episode:
    gateway, _, component = turn.device.partition("/")
    if component:
        return (_blu_state(turn),)
    params = {"ts": turn.at.timestamp(), "sys": {"uptime": turn.unix % 1_000_000}, "input:0": {"id": 0, "state": None}}
    body = {"src": gateway, "dst": f"{gateway}/events", "method": "NotifyFullStatus", "params": params}
    return (message(f"{gateway}/events/rpc", body),)


def _gateway(turn: Turn) -> str:
    return turn.device.partition("/")[0]


DIALECT = Dialect(
    family="shelly_gen2",
    device="shellyplusi4-a8032ab1fbb0",
    kind="button",
    says=MappingProxyType({"sos": _gen2, "press": _gen2, "heartbeat": _gen2_alive}),
    every=3600,
    hello=lambda turn: (message(f"{_gateway(turn)}/online", "true", retain=True),),
    will=lambda device: message(f"{device.partition('/')[0]}/online", "false", retain=True),
    addressed=lambda _prefix, number: f"shellyplusi4-a8032a{number:06x}",
)
