"""healthdata2mqtt: an exporter of blood pressures, all retained."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, mac, message


def _health(turn: Turn) -> Episode:
    """Retained, as everything of this exporter."""
    data = {"systolic": 131, "diastolic": 84, "heart_rate": turn.pulse}
    body = {"timestamp": f"{turn.at:%Y-%m-%dT%H:%M:%S}", "type": "blood_pressure", "data": data}
    return (message(f"health/blood_pressure/{turn.device}", body, retain=True),)


DIALECT = Dialect(
    family="healthdata2mqtt",
    device="user-0123456789ab",
    kind="vital",
    says=MappingProxyType({"vital": _health, "heartbeat": _health}),
    every=86_400,
    addressed=lambda prefix, number: f"user-{mac(prefix, number).lower()}",
)
