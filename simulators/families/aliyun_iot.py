"""Aliyun IoT's thing model: sent again with the same id until the platform answers."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.clouds import PRODUCT, fields
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _aliyun(turn: Turn, name: str, params: object) -> Episode:
    method = f"thing.event.{name}.post"
    body = {"id": str(turn.count), "version": "1.0", "sys": {"ack": 1}, "params": params, "method": method}
    return (message(f"/sys/{PRODUCT}/{turn.device}/thing/event/{name}/post", body),)


def _aliyun_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        """Sent again with the same id until the platform answers."""
        value = {"value": {"battery": turn.battery}, "time": turn.ms}
        return repeated(_aliyun(turn, name, value)[0], 2.0, 4.0)

    return says


def _aliyun_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        params = {name: {"value": value, "time": turn.ms} for name, value in fields(signal, turn).items()}
        return _aliyun(turn, "property", params)

    return says


DIALECT = Dialect(
    family="aliyun_iot",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _aliyun_event("SOS"),
            "press": _aliyun_event("ButtonPressed"),
            "fall": _aliyun_event("FallDown"),
            "vital": _aliyun_report("vital"),
            "heartbeat": _aliyun_report("heartbeat"),
        }
    ),
    every=1800,
)
