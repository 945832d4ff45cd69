"""Home Assistant's state stream: everything retained, attributes on topics beside the state."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _statestream(device: str) -> str:
    domain, _, entity = device.partition(".")
    return f"homeassistant/{domain}/{entity}"


def _home_assistant(turn: Turn) -> Episode:
    """Everything is retained, attributes on topics beside the state."""
    root = _statestream(turn.device)
    return (
        message(f"{root}/state", "on", retain=True),
        message(f"{root}/last_changed", f'"{turn.offset}"', retain=True),
        message(f"{root}/friendly_name", '"SOS button by the bed"', retain=True),
        message(f"{root}/state", "off", retain=True, after=1.0),
    )


DIALECT = Dialect(
    family="home_assistant",
    device="binary_sensor.bed12_call",
    kind="cord",
    says=MappingProxyType(
        {
            "sos": _home_assistant,
            "press": _home_assistant,
        }
    ),
    addressed=lambda prefix, number: f"binary_sensor.{prefix}_{number:06}_call",
)
