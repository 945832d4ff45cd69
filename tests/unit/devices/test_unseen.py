"""Messages that nobody collected: put together from each family's own documentation, to check what was read from it.

They stand in ``unseen/``, one file a family; its README says how they came about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import devices

UNSEEN = Path(__file__).parent / "unseen"


def lines() -> list[Any]:
    return [
        pytest.param(path.stem, json.loads(line), id=f"{path.stem}-{number}")
        for path in sorted(UNSEEN.glob("*.jsonl"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]


@pytest.mark.parametrize(("family", "message"), lines())
def test_it_reads_what_nobody_showed_it(family: str, message: dict[str, Any]) -> None:
    payload = message["payload"]
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    retained = bool(message.get("mqtt", {}).get("retain"))
    signals = devices.decode(message["topic"], raw, retained=retained, family=family if message.get("named") else None)
    assert [signal.type.value for signal in signals] == message["signals"]
    assert {signal.family for signal in signals} <= {family}
    assert all(signal.retained is retained for signal in signals)
    for signal in signals[:1]:
        told = {"device": signal.device, "gesture": signal.gesture, "suspect": signal.suspect and str(signal.suspect)}
        assert told | {name: message[name] for name in told if name in message} == told
