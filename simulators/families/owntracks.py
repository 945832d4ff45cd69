"""OwnTracks on a telephone."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Says, Turn, message


def _owntracks(trigger: str) -> Says:
    def says(turn: Turn) -> Episode:
        lat, lon = turn.place
        body = {"_type": "location", "lat": lat, "lon": lon, "acc": 12, "t": trigger, "tst": turn.unix}
        return (message(f"owntracks/{turn.device}", {**body, "batt": turn.battery, "vel": 0}, retain=True),)

    return says


DIALECT = Dialect(
    family="owntracks",
    device="wang/phone",
    kind="wearable",
    says=MappingProxyType(
        {"sos": _owntracks("u"), "press": _owntracks("u"), "location": _owntracks("t"), "heartbeat": _owntracks("p")}
    ),
    every=1800,
    will=lambda device: message(f"owntracks/{device}", {"_type": "lwt", "tst": 1_795_000_000}),
    addressed=lambda prefix, number: f"{prefix}/phone-{number:06}",
)
