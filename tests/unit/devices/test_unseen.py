"""Messages of models and firmware that no collected sample shows: written from the makers' own documentation and code.

`samples/README.md` tells where they come from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import devices


def lines() -> list[Any]:
    found = []
    for path in sorted((Path(__file__).parent / "unseen").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found.append(pytest.param(json.loads(line), id=f"{path.stem}-{number}"))
    return found


@pytest.mark.parametrize("sample", lines())
def test_it_reads_models_that_nobody_had_sent_before(sample: dict[str, Any]) -> None:
    payload = sample["payload"]
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    signals = devices.decode(sample["topic"], raw, family=sample["family"] if sample.get("named") else None)
    assert [signal.type.value for signal in signals] == sample["signals"]
    for signal in signals[:1]:
        assert signal.family == sample["family"]
        assert signal.device == sample.get("device")
        assert signal.gesture == sample.get("gesture")
        assert (str(signal.suspect) if signal.suspect else None) == sample.get("suspect")


def test_it_names_a_source_for_each() -> None:
    for parameters in lines():
        (sample,) = parameters.values
        assert sample["source"]
        assert sample["origin"] in ("assembled", "doc", "capture", "decoder-run")
