"""alarmd's own topics; see ``docs/devices/alarmd.md``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.signal import SignalType
from simulators.shared.said import Dialect, Episode, Said, Says, Turn, message


def _says(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        ref = turn.token[:16]
        body = {"ref": ref, "type": signal, "at": turn.iso, "battery": turn.battery, **turn.more}
        said = message(f"alarmd/v1/{turn.device}/signal", body)
        return (Said(said.topic, said.payload, ref, f"alarmd/v1/{turn.device}/reply"),)

    return says


def _lost_reply(turn: Turn) -> Episode:
    """The reply is lost, and the device asks again with the same reference."""
    (said,) = _says("sos")(turn)
    return (said, Said(said.topic, said.payload, said.ref, said.reply, after=5.0))


_ALL: Mapping[str, Says] = MappingProxyType({kind.value: _says(kind.value) for kind in SignalType})


DIALECT = Dialect(
    family="alarmd",
    device="bed_button",
    kind="button",
    says=_ALL,
    every=3600,
    flaws=MappingProxyType({"reply lost": _lost_reply}),
)
