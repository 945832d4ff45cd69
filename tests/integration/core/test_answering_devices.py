"""The button's own lamp: kept, coming, closed, where devices.toml says so."""

from __future__ import annotations

from pathlib import Path

from escalation.incident import Answer, Answered, Closed
from tests.support.core import Core

SHOWN = """INSERT INTO device_setting VALUES ('bed', '{"answers":["kept","coming","closed"],
"answer_topic":"zigbee2mqtt/lamp/set","answer_payloads":{"kept":"1","coming":"2","closed":"0"}}')"""


async def test_the_lamp_beside_the_bed_shows_what_was_set_and_no_more(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        await core.run_sql(SHOWN)
        incident = await core.press()
        for _ in range(2):
            await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="sms"))
        await core.engine.apply(incident.id, Closed(by="Ma", reason="well"))
        shown = [(row["destination"], row["body"]) for row in await core.outgoing() if row["channel"] == "device"]
        assert shown == [("zigbee2mqtt/lamp/set", body) for body in ("1", "2", "0")]


async def test_a_device_that_nothing_is_set_for_is_shown_nothing(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        await core.press()
        assert [row for row in await core.outgoing() if row["channel"] == "device"] == []
