"""One number, one conversation: couples, circles' phones, desks at home, and residents who help others (promise 10)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from alarmd.engine import Opening
from escalation.incident import (
    Answer,
    Answered,
    Closed,
    DeadlineKind,
    HandoffState,
    Incident,
    Pressed,
    Refused,
    Standing,
    Status,
)
from escalation.people import Channel
from tests.support.core import MORE, Core

LI, WANG = "+8613800000001", "+861064211111"
MOVE_IN = {
    "couple": "UPDATE responder SET phone = '+8613800000001' WHERE id = 'zhao'",
    "leader": "UPDATE circle SET phone = '+8613800000001'",
    "herself": "UPDATE responder SET phone = '+861064211111', lat = 39.9501 WHERE id = 'li'",
    "at home": "UPDATE responder SET phone = '+861064211111' WHERE id = 'zhao'",
    "mobile": "UPDATE responder SET name = '王 秀英', lat = 39.950, lon = 116.410 WHERE id = 'li'",
    "smith helps": (
        "INSERT INTO responder (id, name, phone, role, lat, lon, travel)"
        " VALUES ('smith-helps', 'Ann Smith', '+8613800000055', 'neighbour', 39.951, 116.411, 'walk');"
        "UPDATE resident SET phone = '+8613800000055' WHERE id = 'smith';"
        "INSERT INTO device (id, family, address, resident, kind)"
        " VALUES ('smith-bed', 'zigbee2mqtt', 'smith_button', 'smith', 'button')"
    ),
    "husband": (
        "INSERT INTO resident (id, name, phone, address, lat, lon)"
        " VALUES ('lao-wang', '王建国', '', '和平里三区5号楼402', 39.950, 116.410);"
        "INSERT INTO device (id, family, address, resident, kind)"
        " VALUES ('his-bed', 'zigbee2mqtt', 'his_button', 'lao-wang', 'button')"
    ),
}
Town = Callable[..., AbstractAsyncContextManager[Core]]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """The lane, changed as the story needs."""

    @asynccontextmanager
    async def made(*who: str, more: str = MORE) -> AsyncIterator[Core]:
        async with Core(tmp_path, more=more) as core:
            for one in who:
                await core.run_sql(MOVE_IN[one])
            yield core

    return made


async def presses(core: Core, button: str = "bed_button") -> Incident:
    await core.receive(f"zigbee2mqtt/{button}", '{"action":"emergency","battery":87}')
    return (await core.incidents())[-1]


async def passes(core: Core, seconds: int) -> None:
    """Time passes, and each deadline fires about when it is due."""
    for _ in range(seconds // 20):
        await core.passes(20)


async def standing(core: Core, who: str, nth: int = -1) -> Standing | None:
    incident = (await core.incidents())[nth]
    return next((p.standing for p in incident.participants if p.who.id == who), None)


async def queued(core: Core, number: str) -> list[tuple[str, str, str]]:
    """What was ever queued to a number: person, channel, purpose."""
    return [
        (row["person"], row["channel"], row["purpose"]) for row in await core.outgoing() if row["destination"] == number
    ]


async def asked(core: Core, nth: int = -1) -> set[str]:
    return {p.who.id for p in (await core.incidents())[nth].participants}


async def key(core: Core, person: str, purpose: str, digits: str) -> None:
    """Somebody takes the last call to them and presses a key."""
    row = [
        row
        for row in await core.outgoing()
        if (row["person"], row["channel"], row["purpose"]) == (person, "voice", purpose)
    ][-1]
    await core.switchboard.key(row["attempt"], f"SM{row['attempt']}", digits)


# ---------------------------------------------------------------- a couple


async def test_a_couple_with_one_telephone_is_rung_once(town: Town) -> None:
    async with town("couple") as core:
        await presses(core)
        assert [what[1:] for what in await queued(core, LI)] == [("sms", "ask"), ("voice", "ask")]
        (step,) = [entry for entry in await core.log("incident.step") if entry.data["contact"] == "nearest"]
        left_out = [one for one in step.data["skipped"] if one["why"] == "shares_telephone"]
        assert [(one["id"], one["shared_with"]) for one in left_out] == [("zhao", "李强")]


async def test_the_place_a_couple_takes_up_is_one(town: Town) -> None:
    """Three are asked: the couple's telephone, and two others."""
    async with town("couple") as core:
        await core.run_sql("UPDATE responder SET lat = 39.9506, lon = 116.4106 WHERE id IN ('chen1', 'chen2')")
        await presses(core)
        assert await asked(core) == {"li", "chen1", "chen2"}


async def test_a_no_of_one_is_the_telephones(town: Town) -> None:
    async with town("couple") as core:
        incident = await presses(core)
        await core.switchboard.text(LI, f"2 {incident.code}", "SM-no")
        await passes(core, 400)
        assert "ask" not in [purpose for _, _, purpose in (await queued(core, LI))[2:]]


async def test_a_dead_number_is_dead_for_both(town: Town) -> None:
    async with town("couple") as core:
        incident = await presses(core)
        await core.engine.apply(incident.id, Refused(person="li", channel=Channel.SMS, code="21211", dead_number=True))
        assert "zhao" not in await asked(core)


@pytest.mark.parametrize("goes", ["li", "zhao"])
async def test_who_goes_is_meant_by_what_their_telephone_says_next(town: Town, goes: str) -> None:
    async with town("couple") as core:
        incident = await presses(core)
        await core.send()
        await core.engine.apply(incident.id, Answered(person=goes, answer=Answer.GO, via="desk", by="Ma"))
        await core.switchboard.text(LI, f"2 {incident.code}", "SM-withdraws")
        assert await standing(core, goes) is Standing.DECLINED
        assert (await core.incidents())[0].status is Status.NOTIFYING
        assert DeadlineKind.ARRIVAL not in {d.kind for d in (await core.incidents())[0].deadlines}


@pytest.mark.parametrize("goes", ["li", "zhao"])
async def test_who_goes_is_meant_by_a_key_on_the_others_call(town: Town, goes: str) -> None:
    async with town("couple") as core:
        incident = await presses(core)
        await core.send()
        await core.engine.apply(incident.id, Answered(person=goes, answer=Answer.GO, via="desk", by="Ma"))
        await key(core, "li", "ask", "2")
        assert await standing(core, goes) is Standing.DECLINED


@pytest.mark.parametrize("goes", ["li", "zhao"])
async def test_a_telephone_that_goes_is_never_told_to_stay(town: Town, goes: str) -> None:
    async with town("couple") as core:
        incident = await presses(core)
        await core.engine.apply(incident.id, Answered(person=goes, answer=Answer.GO, via="desk", by="Ma"))
        assert "taken" not in [purpose for _, _, purpose in await queued(core, LI)]


async def test_a_telephone_that_is_engaged_elsewhere_is_so_for_both(town: Town) -> None:
    async with town("couple", "smith helps") as core:
        await core.run_sql("UPDATE responder SET lat = 39.9515, lon = 116.4115 WHERE id IN ('chen1', 'chen2')")
        first = await presses(core)
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.GO, via="voice"))
        await presses(core, "smith_button")
        assert not {"li", "zhao"} & await asked(core)


# ---------------------------------------------------------------- a circle's phone that is a member's


async def test_a_circles_phone_that_is_a_members_is_rung_once(town: Town) -> None:
    async with town("leader") as core:
        await presses(core)
        await passes(core, 180)
        assert "circle:lane" not in await asked(core)
        asks = [what for what in await queued(core, LI) if what[2] == "ask" and what[1] == "sms"]
        assert asks == [("li", "sms", "ask")]


# ---------------------------------------------------------------- the desk at the daughter's

AT_HERS = '[service]\ndesk_phones = ["+8613800000002"]\n'
ZHAO = "+8613800000002"


async def test_i_go_texted_from_the_desks_phone_confirms_no_hand_off(town: Town) -> None:
    """She was asked to go, then the desk, which is hers, to order the ambulance: a mere "1" orders none."""
    async with town(more=AT_HERS) as core:
        incident = await presses(core)
        await passes(core, 200)
        assert ("desk:0", "voice", "handoff") in await queued(core, ZHAO)
        await core.switchboard.text(ZHAO, f"1 {incident.code}", "SM-1")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.QUEUED
        assert await standing(core, "zhao") is Standing.ACCEPTED


async def test_that_it_is_ordered_confirms_it_and_a_key_on_its_call(town: Town) -> None:
    async with town(more=AT_HERS) as core:
        incident = await presses(core)
        await passes(core, 200)
        await core.switchboard.text(ZHAO, f"已叫救护车 {incident.code}", "SM-done")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.ACCEPTED


@pytest.mark.parametrize("words", ["ambulance called", "已叫救护车", "120 called", "120已经叫了"])
async def test_what_can_only_be_the_hand_off_confirms_it_without_the_code(town: Town, words: str) -> None:
    async with town(more=AT_HERS) as core:
        await presses(core)
        await passes(core, 200)
        await core.switchboard.text(ZHAO, words, "SM-done")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert (incident.handoff.state, incident.handoff.confirmed_by) == (HandoffState.ACCEPTED, "desk:0")
        assert await standing(core, "zhao") is not Standing.ACCEPTED


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_what_she_is_told_to_reply_is_what_confirms_it(town: Town, language: str) -> None:
    """A mere "1" from there means that she goes: nobody tells her that it hands over."""
    more = f'[service]\nlanguage = "{language}"\ndesk_phones = ["{ZHAO}"]\n'
    async with town(more=more) as core:
        incident = await presses(core)
        await passes(core, 200)
        code = incident.code
        texts = [r["body"] for r in await core.outgoing() if (r["purpose"], r["channel"]) == ("handoff", "sms")]
        told = f"ambulance called {code}" if language == "en" else f"已叫救护车 {code}"
        assert texts
        assert all(told in text and f"1 {code}" not in text.replace(told, "") for text in texts)
        answer = await core.switchboard.text(ZHAO, "hm, the second bell", "SM-words")
        assert f"1 {code}”。急救" not in answer
        await core.switchboard.text(ZHAO, told, "SM-done")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.ACCEPTED


async def test_a_key_on_the_hand_offs_call_confirms_it(town: Town) -> None:
    async with town(more=AT_HERS) as core:
        await presses(core)
        await passes(core, 200)
        await core.send()
        await key(core, "desk:0", "handoff", "1")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.ACCEPTED
        assert incident.handoff.confirmed_by == "desk:0"


async def test_a_daughter_who_cannot_go_orders_the_ambulance_all_the_same(town: Town) -> None:
    async with town(more=AT_HERS) as core:
        incident = await presses(core)
        await core.switchboard.text(ZHAO, f"2 {incident.code}", "SM-no")
        await passes(core, 200)
        assert ("desk:0", "voice", "handoff") in await queued(core, ZHAO)
        await core.send()
        await core.switchboard.text(ZHAO, f"1 {incident.code}", "SM-1")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.ACCEPTED


async def test_a_number_rings_once_a_round(town: Town) -> None:
    """The daughter's and the desk's telephone are one: no two calls to it are begun within a minute's round."""
    async with town(more=AT_HERS) as core:
        await presses(core)
        begun: dict[object, int] = {}
        for _ in range(30):
            await core.passes(20)
            for row in await core.outgoing():
                if row["destination"] == ZHAO and row["channel"] == "voice":
                    begun[row["queued_at"]] = 0
            rows = [r for r in await core.outgoing() if r["destination"] == ZHAO and r["channel"] == "voice"]
            assert len(rows) == len({r["queued_at"] for r in rows}), "two calls at one moment"


async def test_who_goes_is_meant_on_the_desks_call(town: Town) -> None:
    async with town(more=AT_HERS) as core:
        incident = await presses(core)
        await passes(core, 400)
        await core.send()
        await core.engine.apply(incident.id, Answered(person="zhao", answer=Answer.GO, via="voice"))
        await core.engine.apply(incident.id, Answered(person="desk:0", answer=Answer.THERE, via="voice"))
        assert await standing(core, "zhao") is Standing.ARRIVED


async def test_two_desk_phones_of_one_number_are_one(town: Town) -> None:
    more = '[service]\ndesk_phones = ["+8613900000009", "139 0000 0009", "+8613900000008"]\n'
    async with town(more=more) as core:
        await presses(core)
        await passes(core, 600)
        assert "desk:1" not in await asked(core)
        assert {"desk:0", "desk:2"} <= await asked(core)


async def test_a_line_that_is_the_desk_refuses_once(town: Town) -> None:
    more = MORE.replace("+861065551234", "+8613900000009")
    async with town(more=more) as core:
        await presses(core)
        await passes(core, 200)
        await core.send()
        await key(core, "line", "handoff", "2")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.asked == ("line",)


# ---------------------------------------------------------------- a resident who is a responder


@pytest.mark.parametrize(("how", "why"), [("herself", "residents_telephone"), ("mobile", "is_resident")])
async def test_nobody_is_rung_for_their_own_alarm(town: Town, how: str, why: str) -> None:
    async with town(how) as core:
        await presses(core)
        await passes(core, 1200)
        assert "li" not in await asked(core)
        steps = [e for e in await core.log() if e.event in {"incident.step", "incident.gap"}]
        reasons = {(one["id"], one["why"]) for e in steps for one in e.data.get("skipped", [])}
        assert ("li", why) in reasons


async def test_the_home_telephone_is_not_rung_for_the_husband(town: Town) -> None:
    async with town("at home") as core:
        await presses(core)
        await passes(core, 1200)
        assert not await queued(core, WANG)
        assert await asked(core) >= {"li", "circle:lane", "line", "desk:0"}, "help goes on without him"


async def test_whoever_is_in_need_is_not_rung_for_others(town: Town) -> None:
    async with town("smith helps") as core:
        await presses(core, "smith_button")
        await presses(core)
        assert "smith-helps" not in await asked(core)
        assert "smith-helps" not in await asked(core, 0), "nor for herself"


async def test_a_resident_who_helps_is_rung_for_others(town: Town) -> None:
    async with town("smith helps") as core:
        await presses(core)
        assert "smith-helps" in await asked(core)


async def test_a_silent_device_of_their_own_keeps_nobody_at_home(town: Town) -> None:
    async with town("smith helps") as core:
        await technical(core, "smith")
        await presses(core)
        assert "smith-helps" in await asked(core)


async def test_an_alarm_of_their_own_that_nobody_closed_keeps_them_an_hour(town: Town) -> None:
    async with town("smith helps") as core:
        first = await presses(core, "smith_button")
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.THERE, via="voice"))
        second = await presses(core)
        assert "smith-helps" not in await asked(core)
        await core.engine.apply(second.id, Closed(by="Ma", reason="well"))
        await core.passes(3700)
        await presses(core)
        assert "smith-helps" in await asked(core)


async def test_who_presses_again_hours_after_an_arrival_is_in_need_again(town: Town) -> None:
    async with town("smith helps") as core:
        first = await presses(core, "smith_button")
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.THERE, via="voice"))
        await core.passes(8500)
        await presses(core, "smith_button")
        second = await presses(core)
        assert second.id != first.id
        assert "smith-helps" not in await asked(core)


async def test_where_only_she_could_be_asked_the_next_step_begins_at_once(town: Town) -> None:
    async with town("herself") as core:
        await core.run_sql("DELETE FROM contact; DELETE FROM responder WHERE id <> 'li'; UPDATE circle SET phone = ''")
        await presses(core)
        assert await asked(core) == {"line"}


async def test_a_desk_whose_only_phone_is_the_residents_is_rung_all_the_same(town: Town) -> None:
    async with town(more=f'[service]\ndesk_phones = ["{WANG}"]\n') as core:
        await core.run_sql("DELETE FROM contact; DELETE FROM responder; UPDATE circle SET phone = ''")
        await presses(core)
        assert await queued(core, WANG)
        (gap,) = [e for e in await core.log("incident.step") if e.data["contact"] == "ambulance"]
        assert gap.data["chosen"]


# ---------------------------------------------------------------- engaged, and until when


async def technical(core: Core, resident: str) -> Incident:
    """A device of that home fell silent."""
    opening = Opening(
        subject=resident,
        resident=resident,
        plan_name="technical",
        device="bed",
        kind="silent",
        pressed=Pressed(signal=1, device="bed", type="offline"),
    )
    return await core.store.write(lambda tx: core.engine.press(tx, opening, core.clock.now()))


async def engaged(core: Core, who: str) -> bool:
    """Whether she would only follow to another home's alarm."""
    incident = (await core.incidents())[-1]
    await core.engine.apply(incident.id, Answered(person=who, answer=Answer.GO, via="voice"))
    return await standing(core, who) is Standing.FOLLOWS


async def test_an_hour_after_they_arrived_people_are_free(town: Town) -> None:
    async with town("smith helps") as core:
        first = await presses(core)
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.THERE, via="voice"))
        await core.passes(3500)
        await presses(core, "smith_button")
        assert await engaged(core, "li")
        await passes(core, 200)
        await core.engine.apply((await core.incidents())[-1].id, Closed(by="Ma", reason="well"))
        await presses(core, "smith_button")
        assert not await engaged(core, "li")


async def test_aftercare_does_not_begin_the_hour_anew(town: Town) -> None:
    async with town("smith helps") as core:
        first = await presses(core)
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.THERE, via="voice"))
        for _ in range(5):
            await core.passes(1900)
        await presses(core, "smith_button")
        assert not await engaged(core, "li")


async def test_who_goes_to_the_wife_is_asked_for_the_husband_too(town: Town) -> None:
    async with town("husband") as core:
        first = await presses(core)
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.GO, via="voice"))
        await presses(core, "his_button")
        assert "li" in await asked(core)
        assert not await engaged(core, "li")


async def test_who_goes_to_the_flat_above_is_engaged(town: Town) -> None:
    async with town("husband") as core:
        await core.run_sql("UPDATE resident SET address = '和平里三区5号楼502' WHERE id = 'lao-wang'")
        first = await presses(core)
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.GO, via="voice"))
        await presses(core, "his_button")
        assert await engaged(core, "li")


async def test_who_looks_after_a_silent_device_is_free(town: Town) -> None:
    async with town("smith helps") as core:
        first = await technical(core, "wang")
        await core.engine.apply(first.id, Answered(person="li", answer=Answer.GO, via="voice"))
        await presses(core, "smith_button")
        assert "li" in await asked(core)
        assert not await engaged(core, "li")


async def test_a_desk_that_holds_an_alarm_is_as_a_daughter_free(town: Town) -> None:
    async with town("smith helps", more=AT_HERS) as core:
        first = await presses(core, "smith_button")
        await core.engine.apply(first.id, Answered(person="desk:0", answer=Answer.GO, via="voice"))
        await presses(core)
        assert "zhao" in await asked(core)
        assert not await engaged(core, "zhao")
