"""One credential that thinks up addresses: one incident of each kind, told and counted, and nobody waits behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd import fairness
from alarmd.intake.delivery import Delivery
from alarmd.outbox_rows import AHEAD
from alarmd.store import Transaction
from escalation.incident import Answer, Answered, Closed, Purpose
from escalation.people import Channel
from tests.support.core import Core

KINDS = ("sos", "fall", "smoke")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def sos(core: Core, address: str, *, user: str = "btn0", kind: str = "sos", ref: str = "1") -> None:
    await core.receive(f"alarmd/v1/{address}/signal", json.dumps({"ref": ref, "type": kind}), user=user)


async def test_unknown_addresses_of_one_sender_are_one_incident_of_each_kind(core: Core) -> None:
    for n in range(20):
        for kind in KINDS:
            await sos(core, f"made-up-{n}", kind=kind)
    incidents = await core.incidents()
    assert sorted(one.kind for one in incidents) == sorted(KINDS)
    assert all(one.others is not None and one.others.addresses == 19 for one in incidents)
    assert all(one.presses == 20 for one in incidents)
    assert len(await core.log("signal.kept")) == 60  # each is on record
    linked = await core.rows("SELECT count(*) AS n FROM signal WHERE incident IS NOT NULL")
    assert linked[0]["n"] == 60


async def test_two_senders_are_two_incidents(core: Core) -> None:
    await sos(core, "a", user="ward-1")
    await sos(core, "b", user="ward-2")
    assert len(await core.incidents()) == 2


async def test_the_desk_is_told_of_each_of_the_first_few_at_once_with_its_address(core: Core) -> None:
    await sos(core, "room-301")
    assert any("room-301" in message.body for message in await core.send())
    core.clock.pass_(1)
    await sos(core, "room-302")
    said = await core.send()
    assert [message.body for message in said if "room-302" in message.body]


async def test_the_desk_is_rung_for_a_second_door_although_it_has_taken_the_first(core: Core) -> None:
    await sos(core, "room-301")
    first = (await core.incidents())[0]
    desk = first.participants[0].who.id
    await core.send()
    await core.engine.apply(first.id, Answered(person=desk, answer=Answer.GO, via="voice"))
    await core.send()
    core.clock.pass_(6)  # its call is over
    await sos(core, "room-302")
    said = await core.send()
    assert {message.channel.value for message in said} == {"sms", "voice"}


async def test_a_thousand_are_told_as_a_count_each_time_it_has_doubled(core: Core) -> None:
    for n in range(300):
        core.clock.pass_(0.5)
        await sos(core, f"made-up-{n}")
    rows = [row for row in await core.outgoing() if row["channel"] == "sms"]
    said = await core.rows("SELECT count(*) AS n FROM journal WHERE event = 'message.queued'")
    assert len(rows) <= 15
    assert said[0]["n"] <= 40
    assert any("(+" in row["body"] for row in rows)


async def test_each_kind_is_told_at_once_in_the_midst_of_the_others(core: Core) -> None:
    for n in range(100):
        await sos(core, f"made-up-{n}")
    await core.send()
    await sos(core, "kitchen", kind="smoke")
    said = await core.send()
    assert any("kitchen" in message.body for message in said)


async def test_after_the_close_the_next_one_is_an_incident_again(core: Core) -> None:
    await sos(core, "a")
    await sos(core, "b")
    first = (await core.incidents())[0]
    await core.engine.apply(first.id, Closed(by="Ma", reason="a test"))
    await sos(core, "b", ref="2")
    assert [one.status.value for one in await core.incidents()] == ["closed", "notifying"]


async def test_the_same_address_again_is_no_new_one(core: Core) -> None:
    await sos(core, "a")
    await sos(core, "b")
    core.clock.pass_(60)
    await sos(core, "b", ref="2")
    (incident,) = await core.incidents()
    assert incident.others is not None
    assert (incident.others.addresses, incident.others.messages) == (1, 2)


async def test_a_press_of_a_resident_goes_out_before_what_waits_of_strangers(core: Core) -> None:
    for n in range(60):
        await sos(core, f"made-up-{n}", user=f"user-{n}")
    core.clock.pass_(30)
    pressed = await core.press()
    await core.outbox._send_due()
    await core.outbox.drain(5)
    mine = {row["attempt"] for row in await core.outgoing() if row["incident"] == pressed.id}
    sent = [message.attempt for message in core.provider.sent]
    assert mine
    assert mine <= set(sent)
    assert len(sent) - len(mine) <= 2 * AHEAD  # of each channel no more than may be ahead


async def test_messages_of_one_incident_beyond_its_share_have_their_turn_later(core: Core) -> None:
    pressed = await core.press()
    row = (await core.outgoing())[0]
    at = core.clock.now()

    def flood(tx: Transaction) -> None:
        for n in range(30):
            tx.run(
                "outbox_insert",
                attempt=f"attempt-of-a-flood-{n:04}",
                incident=pressed.id,
                person="x",
                channel="sms",
                purpose="said",
                lane=1,
                destination=row["destination"],
                body="x",
                language="en",
                now="2020-01-01T00:00:00.000000Z",
            )
            fairness.give_turn(
                tx,
                attempt=f"attempt-of-a-flood-{n:04}",
                incident=pressed,
                channel=Channel.SMS,
                destination=row["destination"],
                now=at,
            )

    await core.store.write(flood)
    late = await core.rows("SELECT count(*) AS n FROM outbox WHERE turn_at IS NOT NULL")
    assert 20 <= late[0]["n"] <= 30


async def test_a_user_who_opens_incidents_faster_than_any_ward_stands_behind_others_and_is_told_of(core: Core) -> None:
    def opening(tx: Transaction) -> list[timedelta]:
        behind = []
        for _ in range(fairness.AT_ONCE + 30):
            until, _ = fairness.opens(tx, "sender:door:gateway", core.clock.now())
            behind.append(until - core.clock.now())
        return behind

    behind = await core.store.write(opening)
    assert set(behind[: fairness.AT_ONCE]) == {timedelta(0)}
    assert behind[-1] == 29 * fairness.EACH_NEW + fairness.EACH_NEW
    bounded = await core.log("sender.bounded")
    assert [entry.data["sender"] for entry in bounded] == ["sender:door:gateway"]


async def test_a_device_that_presses_a_thousand_times_is_kept_together_and_nothing_is_dropped(core: Core) -> None:
    def one(n: int) -> Delivery:
        payload = json.dumps({"action": "emergency", "battery": 87, "n": n}).encode()
        return Delivery(
            topic="zigbee2mqtt/bed_button",
            payload=payload,
            qos=1,
            retained=False,
            received_at=core.clock.now(),
            via="door",
        )

    await asyncio.gather(*(core.intake.take(one(n)) for n in range(1000)))
    (incident,) = await core.incidents()
    counted = await core.rows("SELECT sum(1 + repeats) AS n FROM signal WHERE type = 'sos'")
    assert counted[0]["n"] == 1000
    assert incident.status.value == "notifying"
    assert Purpose.ASK.value in {row["purpose"] for row in await core.outgoing()}


async def test_a_word_to_a_resident_s_people_does_not_wait_for_calls_that_are_ahead_of_their_share(core: Core) -> None:
    """However much of a higher lane waits for its turn, what is within its share goes out."""
    incident = await core.press()
    await core.send()
    for n in range(40):
        await sos(core, f"made-up-{n}", user=f"user-{n}")
    core.outbox._in_flight.update({f"hangs-{n}": ("sms", True) for n in range(AHEAD)})
    who = incident.participants[0].who.id
    await core.engine.apply(incident.id, Answered(person=who, answer=Answer.GO, via="voice"))
    await core.outbox._send_due()
    await core.outbox.drain(5)
    told = [row["purpose"] for row in await core.outgoing() if row["state"] == "sent" and row["channel"] == "sms"]
    assert Purpose.TAKEN.value in told
    core.outbox._in_flight.clear()


async def test_what_the_desk_reads_of_a_stranger_is_in_the_service_s_language(core: Core) -> None:
    for n in range(2):
        await sos(core, f"x{n}")
    texts = [message.body for message in await core.send() if "x1" in message.body and message.channel is Channel.SMS]
    assert texts
    assert all("设备系列alarmd" in text and "主题alarmd/v1/x1/signal" in text for text in texts)
    assert not any(word in text for text in texts for word in ("family", "topic", "via ", "user "))
    (opened,) = await core.log("incident.opened")
    assert opened.data["text"].startswith("设备系列alarmd; 主题")
