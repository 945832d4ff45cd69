"""What is said after the close is on record and reaches a person, the desk and who closed it; an alarm is one again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.phone.provider import Outgoing
from escalation.incident import Answer, Answered, Closed, HandoffState, Incident, Refused, Status
from escalation.people import Channel
from tests.support.core import MORE, Core

LI, ZHAO, STRANGER = "+8613800000001", "+8613800000002", "+8613899999999"
DESK, LINE = "+8613900000009", "+861065551234"
NO_DESK = MORE.replace('desk_phones = ["+8613900000009"]\n', "")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


@pytest.fixture
async def without_desk(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, more=NO_DESK) as made:
        yield made


async def closed(core: Core, by: str = "Zhang", *, went: str = "") -> tuple[Incident, list[Outgoing]]:
    """An alarm that is over, and what was sent of it."""
    incident = await core.press()
    sent = await core.send()
    if went:
        await core.engine.apply(incident.id, Answered(person=went, answer=Answer.GO, via="voice"))
        sent += await core.send()
    await core.engine.apply(incident.id, Closed(by=by, reason="she is well"))
    sent += await core.send()
    return incident, sent


def texts_to(number: str, sent: list[Outgoing]) -> list[str]:
    return [message.body for message in sent if message.to == number and message.channel is Channel.SMS]


def call_to(number: str, sent: list[Outgoing]) -> Outgoing:
    return next(m for m in sent if m.to == number and m.channel is Channel.VOICE)


async def noted(core: Core, incident: Incident) -> list[dict[str, object]]:
    entries = await core.log("incident.noted")
    return [entry.data for entry in entries if entry.incident == incident.id and entry.data.get("after_close")]


@pytest.mark.parametrize(("key", "said"), [("1", "我去"), ("2", "我去不了"), ("3", "我到了"), ("7", "7")])
async def test_a_key_after_the_close_is_on_record_and_read_at_the_desk(core: Core, key: str, said: str) -> None:
    incident, sent = await closed(core)
    await core.switchboard.key(call_to(LI, sent).attempt, "CA1", key)
    assert len(await noted(core, incident)) == 1
    (text,) = texts_to(DESK, await core.send())
    for part in ("李强", LI, "王秀英", said, incident.id):
        assert part in text
    assert (await core.incidents())[0].status is Status.CLOSED


@pytest.mark.parametrize("key", ["", "*"])
async def test_to_hear_it_again_says_nothing(core: Core, key: str) -> None:
    incident, sent = await closed(core)
    await core.switchboard.key(call_to(LI, sent).attempt, "CA1", key)
    assert not await noted(core, incident)
    assert not await core.send()


async def test_a_hand_off_that_is_taken_after_the_close_reaches_the_desk(core: Core) -> None:
    """An ambulance may be on its way that nobody needs."""
    incident = await core.press()
    for _ in range(3):
        await core.passes(60)
    line = call_to(LINE, await core.send())
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    await core.send()
    await core.switchboard.key(line.attempt, "CA1", "1")
    assert [data["handed_over"] for data in await noted(core, incident)] == [True]
    (text,) = texts_to(DESK, await core.send())
    assert "移交已接手" in text


@pytest.mark.parametrize("key", ["2", "3", "9"])
async def test_a_key_that_the_call_off_does_not_offer_is_on_record_and_read_at_the_desk(core: Core, key: str) -> None:
    """Nobody knows what the line meant by it: that they come all the same, or that they never did."""
    incident = await core.press()
    for _ in range(3):
        await core.passes(60)
    await core.send()
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    await core.passes(60)  # the first call to the line is over
    off = call_to(LINE, await core.send())
    await core.switchboard.key(off.attempt, "CA1", key)
    assert [data["text"] for data in await noted(core, incident)] == [key]
    (text,) = texts_to(DESK, await core.send())
    assert key in text


@pytest.mark.parametrize("words", ["1 {}", "2 {}", "3 {}", "到了 {}"])
async def test_a_reply_after_the_close_is_on_record_and_read_at_the_desk(core: Core, words: str) -> None:
    incident, _ = await closed(core)
    answer = await core.switchboard.text(LI, words.format(incident.code), "SM1")
    assert "已处理完毕" in answer
    assert len(await noted(core, incident)) == 1
    (text,) = texts_to(DESK, await core.send())
    assert "李强" in text
    assert LI in text


@pytest.mark.parametrize("words", ["{} 她还坐在地上，门开着", "门钥匙在我这里", "她的猫在楼道里"])
async def test_words_after_the_close_name_her_home_and_a_number_to_ring_back(core: Core, words: str) -> None:
    incident, _ = await closed(core)
    assert "值班" in await core.switchboard.text(LI, words.format(incident.code), "SM1")
    (text,) = texts_to(DESK, await core.send())
    for part in ("李强", LI, "王秀英", "和平里三区5号楼402"):
        assert part in text
    assert len(await core.incidents()) == 1


@pytest.mark.parametrize("words", ["谢谢", "好的", "OK"])
async def test_thanks_wake_nobody(core: Core, words: str) -> None:
    await closed(core)
    await core.switchboard.text(LI, words, "SM1")
    assert not texts_to(DESK, await core.send())
    assert await core.log("message.unread")


@pytest.mark.parametrize("words", ["{} she is not breathing, hurry", "{} 她没有呼吸了，快", "她没有呼吸了，快叫救护车"])
async def test_what_calls_for_the_ambulance_after_the_close_is_an_alarm_again(core: Core, words: str) -> None:
    incident, _ = await closed(core)
    answer = await core.switchboard.text(LI, words.format(incident.code), "SM1")
    first, again = await core.incidents()
    assert first.status is Status.CLOSED
    assert again.resident == "wang"
    assert again.handoff is not None
    assert again.handoff.state is HandoffState.QUEUED
    assert incident.code not in answer
    sent = await core.send()
    assert LINE in {message.to for message in sent if message.channel is Channel.VOICE}
    assert any("not breathing" in text or "呼吸" in text for text in texts_to(DESK, sent))
    assert [e.actor for e in await core.log("signal.kept")] == ["", "li"]


async def test_a_code_of_yesterday_while_she_has_pressed_again_is_about_today(core: Core) -> None:
    incident, _ = await closed(core)
    core.clock.pass_(3600)
    await core.press()
    await core.send()
    await core.switchboard.text(LI, f"{incident.code} she is not breathing", "SM1")
    first, again = await core.incidents()
    assert len(await core.incidents()) == 2
    assert again.handoff is not None
    assert first.handoff is None


@pytest.mark.parametrize("words", ["{} 她又摔倒了", "她又摔倒了，快来人"])
async def test_where_there_is_no_desk_a_cry_is_an_alarm_again(without_desk: Core, words: str) -> None:
    incident, _ = await closed(without_desk)
    await without_desk.switchboard.text(LI, words.format(incident.code), "SM1")
    assert [one.status for one in await without_desk.incidents()] == [Status.CLOSED, Status.NOTIFYING]
    assert await without_desk.send()


async def test_where_there_is_no_desk_who_went_reads_it(without_desk: Core) -> None:
    incident, _ = await closed(without_desk, went="zhao")
    await without_desk.switchboard.text(LI, f"3 {incident.code}", "SM1")
    (text,) = texts_to(ZHAO, await without_desk.send())
    assert "李强" in text


async def test_where_nobody_would_read_it_the_log_says_so(without_desk: Core) -> None:
    incident, sent = await closed(without_desk)
    await without_desk.switchboard.key(call_to(LI, sent).attempt, "CA1", "3")
    assert len(await noted(without_desk, incident)) == 1
    assert [entry.data["contact"] for entry in await without_desk.log("incident.gap")][-1] == "desk"


@pytest.mark.parametrize("by", ["zhao", "赵敏"])
async def test_who_closed_it_reads_it_too(core: Core, by: str) -> None:
    incident, _ = await closed(core, by, went="zhao")
    await core.switchboard.text(LI, f"3 {incident.code}", "SM1")
    sent = await core.send()
    assert len(texts_to(DESK, sent)) == 1
    assert len(texts_to(ZHAO, sent)) == 1


async def test_a_desk_that_takes_no_texts_hears_it(core: Core) -> None:
    incident = await core.press()
    sent = await core.send()
    for _ in range(5):
        await core.passes(120)
        await core.send()
    await core.engine.apply(incident.id, Refused(person="desk:0", channel=Channel.SMS, code="30006"))
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    for _ in range(3):  # the calls of before the close are over, and that it is closed has been told
        await core.passes(60)
        await core.send()
    await core.switchboard.key(call_to(LI, sent).attempt, "CA1", "3")
    call = call_to(DESK, await core.send())
    heard = " ".join((await core.switchboard.answered(call.attempt, "CA9", "human")).say)
    assert "我到了" in heard
    assert " ".join(LI) in heard


async def test_what_was_said_before_the_close_is_read_after_it(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"{incident.code} 门打不开", "SM1")
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    assert any("门打不开" in text for text in texts_to(DESK, await core.send()))


async def test_a_stranger_with_an_old_code_reaches_nobody(core: Core) -> None:
    incident, _ = await closed(core)
    await core.switchboard.text(STRANGER, f"1 {incident.code}", "SM1")
    assert not await core.send()
    assert len(await core.incidents()) == 1


async def test_the_same_answer_twice_after_the_close_is_read_once_and_another_one_is_news(core: Core) -> None:
    incident, sent = await closed(core)
    call = call_to(LI, sent).attempt
    sent = []
    for n, key in enumerate("1121"):
        await core.switchboard.key(call, f"CA{n}", key)
        sent += await core.send()
    assert [text.split("：")[-1][:4] for text in texts_to(DESK, sent)] == ["“我去”", "“我去不", "“我去”"]
    assert len(await noted(core, incident)) == 4
