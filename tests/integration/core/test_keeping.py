"""What becomes of messages: kept, joined, repeated, quarantined; each in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from alarmd.circle import EnginePeople
from alarmd.intake.delivery import NotKeptError
from alarmd.messages import Messages
from alarmd.store import Transaction
from alarmd.web.reading import detail
from escalation.incident import Closed, Incident, Send, Status
from tests.support.core import Core


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def test_a_press_is_kept_opens_an_incident_and_asks_the_nearest(core: Core) -> None:
    incident = await core.press()
    assert (incident.resident, incident.kind, incident.status) == ("wang", "sos", Status.NOTIFYING)
    assert [(message.to[-1], message.channel.value) for message in await core.send()] == [
        ("1", "sms"),
        ("2", "sms"),
        ("1", "voice"),
        ("2", "voice"),
    ]
    assert [entry.event for entry in await core.log()][:3] == ["signal.kept", "incident.opened", "incident.step"]


async def test_the_same_press_on_a_twin_topic_is_one_signal(core: Core) -> None:
    await core.press()
    await core.receive("zigbee2mqtt/bed_button/action", "emergency")
    assert [i.presses for i in await core.incidents()] == [1]
    assert len(await core.log("signal.repeated")) == 1


async def test_a_second_press_a_while_later_raises_the_incident(core: Core) -> None:
    await core.press()
    core.clock.pass_(15)
    await core.press()
    assert [i.presses for i in await core.incidents()] == [2]
    assert len(await core.log("incident.raised")) == 1


PENDANT = "INSERT INTO device VALUES ('pendant', 'alarmd', 'pendant', 'wang', 'pendant', '', NULL)"


async def press_of_a_pendant(core: Core, ref: str = "1") -> Incident:
    await core.receive("alarmd/v1/pendant/signal", f'{{"ref":"{ref}","type":"sos"}}')
    return (await core.incidents())[-1]


async def test_the_number_of_an_old_press_is_a_new_press_after_a_close(core: Core) -> None:
    """A changed battery counts from 1 again: last year's press swallowed it, and its closed incident was the answer."""
    await core.run_sql(PENDANT)
    first = await press_of_a_pendant(core)
    core.clock.pass_(60)
    assert (await press_of_a_pendant(core)).id == first.id
    await core.engine.apply(first.id, Closed(by="Zhang", reason="well"))
    core.clock.pass_(365 * 86400)
    again = await press_of_a_pendant(core)
    assert (again.id != first.id, again.status) == (True, Status.NOTIFYING)
    assert core.kept[-1].incident == again.id
    core.clock.pass_(20)
    assert (await press_of_a_pendant(core)).id == again.id
    assert [i.presses for i in await core.incidents()] == [1, 1]


async def test_the_same_number_a_day_later_is_a_new_press_though_the_incident_is_still_open(core: Core) -> None:
    await core.run_sql(PENDANT)
    first = await press_of_a_pendant(core)
    core.clock.pass_(25 * 3600)
    again = await press_of_a_pendant(core)
    assert (again.id, again.presses) == (first.id, 2)


async def test_smoke_that_could_not_be_kept_is_no_repetition_when_it_comes_again(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('hall', 'alarmd', 'hall', 'wang', 'smoke', '', NULL)")
    smoke = '{"type":"smoke"}'
    await core.receive("alarmd/v1/hall/signal", smoke)
    core.clock.pass_(300)
    with core.undone(), pytest.raises(NotKeptError):
        await core.receive("alarmd/v1/hall/signal", smoke)
    core.clock.pass_(5)
    await core.receive("alarmd/v1/hall/signal", smoke)
    assert [i.presses for i in await core.incidents()] == [2]


async def test_a_press_after_closing_is_a_new_incident(core: Core) -> None:
    first = await core.press()
    await core.engine.apply(first.id, Closed(by="Zhang", reason="well"))
    core.clock.pass_(15)
    await core.press()
    assert [i.status for i in await core.incidents()] == [Status.CLOSED, Status.NOTIFYING]


async def test_the_same_ref_is_the_same_signal_for_ever(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)")
    for _ in range(3):
        await core.receive("alarmd/v1/pendant/signal", '{"ref":"a1","type":"sos"}')
        core.clock.pass_(3600)
    assert len(await core.incidents()) == 1
    assert len(await core.log("signal.kept")) == 1
    assert [one.incident for one in core.kept] == [(await core.incidents())[0].id] * 3
    assert core.kept[0].report_every == 300


async def test_a_garbled_message_from_a_registered_button_is_an_alarm(core: Core) -> None:
    await core.receive("zigbee2mqtt/bed_button", b"\xff\x00{")
    (incident,) = await core.incidents()
    assert (incident.resident, incident.suspect) == ("wang", "unparseable")


async def test_a_stranger_who_says_sos_is_an_incident_for_the_desk(core: Core) -> None:
    await core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    (incident,) = await core.incidents()
    assert incident.subject == "device:zigbee2mqtt/found_button"
    assert [(m.to, m.channel.value) for m in await core.send()] == [
        ("+8613900000009", "sms"),
        ("+8613900000009", "voice"),
    ]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("zigbee2mqtt/found_button", b"\x00\xff", "unparseable"),
        ("some/where/else", b"hello", "no_family"),
        ("zigbee2mqtt/wall_switch", b'{"action":"single"}', "unknown_device"),
    ],
)
async def test_what_nobody_can_read_or_place_is_kept_raw(core: Core, topic: str, payload: bytes, reason: str) -> None:
    await core.receive(topic, payload)
    assert await core.incidents() == []
    (entry,) = await core.log("signal.quarantined")
    assert entry.data["reason"] == reason


async def test_a_topic_of_nobody_fills_neither_log_nor_disk(core: Core) -> None:
    for _ in range(50):
        await core.receive("weather/station/1", "{}")
    assert len(await core.log("signal.quarantined")) == 1
    core.clock.pass_(3601)
    await core.receive("weather/station/1", "{}")
    assert len(await core.log("signal.quarantined")) == 2


async def test_a_retained_copy_neither_alarms_nor_counts_as_life(core: Core) -> None:
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}', retained=True)
    assert await core.incidents() == []
    assert (await core.log("signal.quarantined"))[0].data["reason"] == "retained"


async def test_a_low_battery_is_told_once_and_not_with_every_message(core: Core) -> None:
    for _ in range(3):
        await core.receive("zigbee2mqtt/bed_button", '{"battery_low":true,"battery":4}')
        core.clock.pass_(600)
    assert len(await core.log("device.fault")) == 1


async def test_a_second_emergency_of_another_kind_is_an_incident_of_its_own(core: Core) -> None:
    await core.press()
    await core.run_sql("INSERT INTO device VALUES ('s', 'zigbee2mqtt', 'smoke', 'wang', 'smoke', '', NULL)")
    await core.receive("zigbee2mqtt/smoke", '{"smoke":true}')
    assert [i.kind for i in await core.incidents()] == ["sos", "smoke"]


async def test_a_defect_in_the_directory_brings_the_alarm_to_the_desk(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: EnginePeople, incident: Incident, step: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(EnginePeople, "choose", broken)
    incident = await core.press()
    assert (incident.resident, incident.plan.name) == ("wang", "desk")
    assert {message.to for message in await core.send()} == {"+8613900000009"}


async def test_a_message_that_cannot_be_worded_does_not_undo_the_incident(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Messages.queue

    def broken(self: Messages, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        if send.to.id == "li":
            raise KeyError("name")
        queue(self, tx, incident, send, now)

    monkeypatch.setattr(Messages, "queue", broken)
    await core.press()
    assert {message.to for message in await core.send()} == {"+8613800000002"}
    assert [entry.data["why"] for entry in await core.log("incident.gap")] == ["defect", "defect"]


async def test_what_cannot_be_stored_is_not_acknowledged(core: Core) -> None:
    await core.store.close()
    with pytest.raises(NotKeptError):
        await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    await core.start()
    assert await core.incidents() == []


async def test_the_desk_sees_the_whole_address_of_a_stranger_that_the_log_shortens(core: Core) -> None:
    await core.receive("alarmd/v1/861234567894711/signal", '{"ref":"1"}')
    (incident,) = await core.incidents()
    shown = await core.store.read(
        lambda tx: detail(tx, incident.id, now=core.clock.now(), settings=core.settings, numbers=True)
    )
    assert shown is not None
    assert shown.sender == "alarmd/861234567894711"
    assert shown.device == "...4711 (1)"
    assert [entry.device for entry in await core.log("incident.opened")] == ["...4711 (1)"]


async def test_a_stranger_s_next_press_raises_its_own_incident(core: Core) -> None:
    for device, ref in (("861234567894711", 1), ("869999999994711", 2), ("861234567894711", 3)):
        await core.receive(f"alarmd/v1/{device}/signal", f'{{"ref":"{ref}"}}', user=device)
    assert [(i.subject, i.presses) for i in await core.incidents()] == [
        ("device:alarmd/...4711 (1)", 2),
        ("device:alarmd/...4711 (2)", 1),
    ]


ALINK = "/sys/a1pk/btn12/thing/event/sos/post"


async def test_a_device_of_a_cloud_hears_that_its_message_is_kept_and_only_then(core: Core) -> None:
    await core.receive(ALINK, '{"id":"123","params":{"value":{"sos":1}}}')
    assert [told.topic for told in core.receipts] == [f"{ALINK}_reply"]
    assert len(await core.incidents()) == 1
    await core.receive(ALINK, '{"id":"124","params":{"value":{"sos":1}}}', retained=True)
    assert len(core.receipts) == 1
    await core.store.close()
    with pytest.raises(NotKeptError):
        await core.receive(ALINK, '{"id":"125","params":{"value":{"sos":1}}}')
    assert len(core.receipts) == 1


async def test_a_sign_of_life_of_such_a_device_is_answered_too(core: Core) -> None:
    topic = "/sys/a1pk/btn12/thing/event/property/post"
    await core.receive(topic, '{"id":"1","params":{"BatteryPercentage":{"value":80}}}')
    await core.incidents()
    (told,) = core.receipts
    assert b'"id":"1"' in told.payload


async def test_a_registered_device_is_called_by_its_id_and_never_by_its_imei(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('p', 'alarmd', '861234567894711', 'wang', 'watch', '', 300)")
    await core.receive("alarmd/v1/861234567894711/signal", '{"ref":"861234567894711-1","text":"of 861234567894711"}')
    incident = (await core.incidents())[0]
    await core.store.write(lambda tx: core.messages.reply(tx, incident, "coming", core.clock.now()))
    await core.send()
    log = await core.log()
    assert [topic for topic, _ in core.published.messages] == ["alarmd/v1/861234567894711/reply"]
    assert [entry for entry in log if "861234567894711" in entry.as_json()] == []
    assert {entry.device for entry in log if entry.event == "signal.kept"} == {"p"}
    assert {entry.actor for entry in log if entry.data.get("channel") == "device"} == {"p"}
