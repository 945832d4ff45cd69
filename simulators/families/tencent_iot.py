"""Tencent's thing model."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.clouds import PRODUCT, fields
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _tencent_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        body = {
            "method": "event_post",
            "clientToken": turn.token,
            "version": "1.0",
            "eventId": name,
            "type": "alert",
            "timestamp": turn.ms,
            "params": {},
        }
        return repeated(message(f"$thing/up/event/{PRODUCT}/{turn.device}", body), 2.0)

    return says


def _tencent_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        """The documentation says milliseconds, its example seconds."""
        body = {
            "method": "report",
            "clientToken": turn.token,
            "timestamp": turn.unix,
            "params": fields(signal, turn),
        }
        return (message(f"$thing/up/property/{PRODUCT}/{turn.device}", body),)

    return says


DIALECT = Dialect(
    family="tencent_iot",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _tencent_event("sos"),
            "press": _tencent_event("button_press"),
            "fall": _tencent_event("fall"),
            "vital": _tencent_report("vital"),
            "heartbeat": _tencent_report("heartbeat"),
        }
    ),
    every=1800,
)
