"""OneNET's thing model."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.clouds import PRODUCT, fields
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _onenet_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        params = {name: {"value": {"battery": turn.battery}, "time": turn.ms}}
        body = {"id": str(turn.count), "version": "1.0", "params": params}
        return repeated(message(f"$sys/{PRODUCT}/{turn.device}/thing/event/post", body), 2.0)

    return says


def _onenet_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        params = {name: {"value": value, "time": turn.ms} for name, value in fields(signal, turn).items()}
        body = {"id": str(turn.count), "version": "1.0", "params": params}
        return (message(f"$sys/{PRODUCT}/{turn.device}/thing/property/post", body),)

    return says


DIALECT = Dialect(
    family="onenet",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _onenet_event("sos"),
            "press": _onenet_event("button"),
            "fall": _onenet_event("fall"),
            "vital": _onenet_report("vital"),
            "heartbeat": _onenet_report("heartbeat"),
        }
    ),
    every=1800,
)
