"""NB-IoT modems: an alarm input, a door contact, and a report by the clock."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _vega(reason: str, alarm: int) -> Says:
    def says(turn: Turn) -> Episode:
        """The packet comes again if the network did not answer."""
        telemetry = {"reason": reason, "UTC": turn.unix, "bat": turn.battery, "s_alarm1": alarm, "s_magnet": 0}
        sent = {"dev": "NB-14 v0.1", "IMEI": turn.device, "num": turn.count % 1000, "UTC": turn.unix}
        body = {"Message": sent, "CellStatus": {}, "Telemetry": telemetry}
        return repeated(message(f"vega/{turn.device}", body), *((1.0, 3.0) if alarm else ()))

    return says


DIALECT = Dialect(
    family="nbiot_generic",
    device="350000000711443",
    kind="button",
    says=MappingProxyType({"sos": _vega("alarm1", 1), "press": _vega("alarm1", 1), "heartbeat": _vega("time", 0)}),
    every=12 * 3600,
    addressed=lambda prefix, number: f"35{sum(prefix.encode()) % 1000:03}{number:010}",
)
