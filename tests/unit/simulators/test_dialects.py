"""What simulated devices say is what alarmd's own decoders read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import devices
from simulators import dialects

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
EUI = "24e124535b316056"


@pytest.mark.parametrize("signal", ["sos", "fall", "heartbeat"])
@pytest.mark.parametrize(
    ("family", "device"), [("alarmd", "bed_button"), ("zigbee2mqtt", "bed_button"), ("chirpstack", EUI)]
)
def test_it_is_understood_by_the_decoder_of_its_family(family: str, device: str, signal: str) -> None:
    said = dialects.says(family, device, signal, at=NOW)
    signals = devices.decode(said.topic, said.payload)
    assert signal in [str(found.type) for found in signals]
    assert {(found.device, found.family, found.suspect) for found in signals} == {(device, family, None)}


def test_it_never_says_the_same_reference_twice() -> None:
    assert len({dialects.says("alarmd", "b", at=NOW).ref for _ in range(100)}) == 100


def test_it_names_the_families_it_has() -> None:
    with pytest.raises(ValueError, match="alarmd, zigbee2mqtt, chirpstack"):
        dialects.says("enocean", "b", at=NOW)


def test_it_names_the_signals_a_family_has() -> None:
    with pytest.raises(ValueError, match="it can say sos, fall, heartbeat"):
        dialects.says("zigbee2mqtt", "b", "vital", at=NOW)
