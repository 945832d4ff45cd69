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


TWO_MORE = """INSERT INTO device VALUES ('bath', 'tasmota', 'bath12', 'wang', 'cord', 'bath', NULL);
INSERT INTO device VALUES ('pendant', 'alarmd', 'p1', 'wang', 'pendant', '', NULL);
INSERT INTO device_setting VALUES ('bath', '{"answers":["kept","coming"]}');
INSERT INTO device_setting VALUES ('bed', '{"answers":["kept"]}')"""


async def told(core: Core) -> list[tuple[str, str]]:
    """Which device was told what, in order."""
    return [(row["person"], row["purpose"]) for row in await core.outgoing() if row["channel"] == "device"]


async def test_whoever_pressed_in_a_home_sees_that_help_is_coming_and_every_lamp_goes_out(tmp_path: Path) -> None:
    """Pulled in the bath, pressed by the bed, and the pendant: only the last of them was told what became of it."""
    async with Core(tmp_path) as core:
        await core.run_sql(TWO_MORE)
        await core.receive("stat/bath12/BUTTON1", '{"ACTION":"SINGLE"}')
        await core.receive("alarmd/v1/p1/signal", '{"ref":"1"}')
        incident = await core.press()
        assert await told(core) == [("bath", "kept"), ("bed", "kept")], "the pendant hears it straight from the intake"
        for _ in range(2):
            await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="sms"))
        await core.engine.apply(incident.id, Closed(by="Ma", reason="well"))
        assert (await told(core))[2:] == [
            ("pendant", "accepted"),
            ("pendant", "coming"),
            ("bath", "coming"),
            ("bed", "closed"),
            ("pendant", "closed"),
            ("bath", "closed"),
        ]


async def test_a_lamp_goes_out_at_the_end_though_nobody_asked_for_it(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        await core.run_sql("""INSERT INTO device_setting VALUES ('bed', '{"answers":["kept"]}')""")
        incident = await core.press()
        await core.engine.apply(incident.id, Closed(by="Ma", reason="well"))
        shown = [row["body"] for row in await core.outgoing() if row["channel"] == "device"]
        assert ['"strobe": true' in body for body in shown] == [True, False]
