"""What the desk and the ambulance's line say is told as what it is, and reaches whoever has the alarm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.phone.provider import Outgoing
from escalation.incident import Answer, Answered, Closed, HandedOver, HandoffState, Incident, Status
from escalation.people import Channel
from tests.support.core import MORE, Core

LI, ZHAO, STRANGER = "+8613800000001", "+8613800000002", "+8613899999999"
DESK, SECOND, LINE = "+8613900000009", "+8613900000008", "+861065551234"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


@pytest.fixture
async def two_at_the_desk(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, more=MORE.replace('["+8613900000009"]', f'["{DESK}", "{SECOND}"]')) as made:
        yield made


async def passes(core: Core, seconds: int) -> list[Outgoing]:
    sent = []
    for _ in range(seconds // 20):
        await core.passes(20)
        sent += await core.send()
    return sent


async def goes(core: Core) -> Incident:
    """Li goes, before anybody at the desk was asked."""
    incident = await core.press()
    await core.send()
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="voice"))
    await core.send()
    return incident


def texts_to(number: str, sent: list[Outgoing]) -> list[str]:
    return [message.body for message in sent if message.to == number and message.channel is Channel.SMS]


async def call(core: Core, number: str, purpose: str) -> str:
    """The attempt of the last call to a number for that purpose."""
    rows = [
        r for r in await core.outgoing() if (r["destination"], r["channel"], r["purpose"]) == (number, "voice", purpose)
    ]
    return str(rows[-1]["attempt"])


async def press_key(core: Core, number: str, purpose: str, digits: str) -> tuple[str, ...]:
    attempt = await call(core, number, purpose)
    return (await core.switchboard.key(attempt, f"SM{attempt}", digits)).say


# ---------------------------------------------------------------- the desk's own words


@pytest.mark.parametrize("words", ["已打120", "已打120 {}", "120已经叫了，五分钟到", "门禁坏了，走后门 {}"])
async def test_what_the_desk_texts_unasked_reaches_whoever_goes(core: Core, words: str) -> None:
    incident = await goes(core)
    answer = await core.switchboard.text(DESK, words.format(incident.code), "SM1")
    assert "已转给去现场的人" in answer
    (text,) = texts_to(LI, await core.send())
    assert words.format(incident.code) in text
    assert "值班电话1" in text
    (entry,) = [e for e in await core.log("message.unread") if e.incident == incident.id]
    assert (entry.actor, entry.data["text"]) == ("desk:0", words.format(incident.code))


async def test_where_two_sit_at_the_desk_the_other_reads_it(two_at_the_desk: Core) -> None:
    core = two_at_the_desk
    await goes(core)
    assert "已转给值班台" in await core.switchboard.text(DESK, "已打120", "SM1")
    sent = await core.send()
    assert len(texts_to(SECOND, sent)) == 1
    assert not texts_to(LI, sent)


async def test_where_nobody_goes_the_desks_words_are_on_record_and_it_is_told_so(core: Core) -> None:
    incident = await core.press()
    await core.send()
    assert await core.switchboard.text(DESK, "已打120", "SM1") == "【守望】您的话已记录。"
    assert [e.data["text"] for e in await core.log("message.unread")] == ["已打120"]
    assert not [e for e in await core.log("incident.gap") if e.incident == incident.id]


async def test_words_of_which_nobody_knows_the_alarm_are_passed_to_nobody(core: Core) -> None:
    first = await goes(core)
    await core.receive("zigbee2mqtt/loose", '{"action":"emergency"}')
    await core.send()
    await core.switchboard.text(DESK, "已打120 0000", "SM1")
    assert not texts_to(LI, await core.send())
    assert len(await core.incidents()) == 2
    assert first.code != "0000"


async def test_a_stranger_speaks_for_no_desk(core: Core) -> None:
    incident = await goes(core)
    await core.switchboard.text(STRANGER, f"不用去了 {incident.code}", "SM1")
    assert not texts_to(LI, await core.send())


@pytest.mark.parametrize("words", ["已打120 {}", "120已接 {}", "打过120了 {}", "已移交 {}", "called 120 {}", "1 {}"])
async def test_the_desk_confirms_the_hand_off_as_people_say_it(core: Core, words: str) -> None:
    incident = await core.press()
    await passes(core, 320)
    await core.switchboard.text(DESK, words.format(incident.code), "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert (incident.handoff.state, incident.handoff.confirmed_by) == (HandoffState.ACCEPTED, "desk:0")


@pytest.mark.parametrize("words", ["没打120 {}", "已打120了吗？{}", "要不要打120 {}", "haven't called 999 {}"])
async def test_what_is_no_such_word_confirms_nothing(core: Core, words: str) -> None:
    incident = await core.press()
    await passes(core, 320)
    await core.switchboard.text(DESK, words.format(incident.code), "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED


async def test_a_desk_that_writes_something_else_hears_how_it_is_confirmed(core: Core) -> None:
    incident = await core.press()
    await passes(core, 320)
    answer = await core.switchboard.text(DESK, "好的，我来打", "SM1")
    assert answer == f"【守望】您的话已记录。急救接手后，请回复“1 {incident.code}”。"


@pytest.mark.parametrize("by", ["desk:0", "line", "老周"])
async def test_who_goes_hears_that_the_ambulance_has_it(core: Core, by: str) -> None:
    """Handed over while a neighbour goes: they open the door to it."""
    incident = await core.press()
    await passes(core, 320)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="voice"))
    await core.send()
    via = "desk" if by == "老周" else "voice"
    await core.engine.apply(incident.id, HandedOver(by=by, via=via, accepted=True))
    (text,) = texts_to(LI, await core.send())
    assert ("急救移交已接手" if by == "line" else "已叫救护车") in text
    assert "发来短信" not in text


@pytest.mark.parametrize("by", ["desk:0", "老周"])
async def test_who_was_told_of_an_ambulance_hears_that_it_does_not_come(core: Core, by: str) -> None:
    incident = await core.press()
    await passes(core, 320)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="voice"))
    via = "desk" if by == "老周" else "voice"
    await core.engine.apply(incident.id, HandedOver(by=by, via=via, accepted=True))
    await core.send()
    await core.engine.apply(incident.id, HandedOver(by=by, via=via, accepted=False, reason="没有车"))
    assert any("救护车不来了" in text for text in texts_to(LI, await core.send()))


async def test_after_the_close_what_the_desk_says_reaches_who_went(core: Core) -> None:
    incident = await core.press()
    await passes(core, 320)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="voice"))
    await core.engine.apply(incident.id, Closed(by="老周", reason="她没事"))
    await core.send()
    await press_key(core, DESK, "handoff", "1")
    assert [e.data.get("handed_over") for e in await core.log("incident.noted")][-1:] == [True]
    (text,) = texts_to(LI, await core.send())
    assert "已叫救护车" in text


@pytest.mark.parametrize(("key", "said"), [("1", "我接手"), ("2", "我接不了")])
async def test_the_desk_goes_nowhere_and_no_text_says_it_does(two_at_the_desk: Core, key: str, said: str) -> None:
    core = two_at_the_desk
    await core.receive("zigbee2mqtt/loose", '{"action":"emergency"}')
    await core.send()
    await core.engine.apply((await core.incidents())[0].id, Closed(by="老周", reason="她没事"))
    await core.send()
    await press_key(core, DESK, "desk", key)
    (text,) = texts_to(SECOND, await core.send())
    assert said in text
    assert "我去" not in text


# ---------------------------------------------------------------- the ambulance's line


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize(("key", "said"), [("1", "急救移交已接手"), ("2", "移交接不了")])
async def test_a_late_key_of_the_line_is_told_as_what_it_is(
    core: Core, key: str, said: str, *, confirmed: bool
) -> None:
    """The hand-off is over, confirmed by the desk or closed with the alarm, when somebody on the line presses."""
    incident = await core.press()
    await passes(core, 320)
    if confirmed:
        await core.engine.apply(incident.id, HandedOver(by="desk:0", via="voice", accepted=True))
    await core.engine.apply(incident.id, Closed(by="老周", reason="她没事"))
    await core.send()
    await press_key(core, LINE, "handoff", key)
    (text,) = texts_to(DESK, await core.send())
    assert said in text
    assert "我去" not in text
    assert [e.data.get("handed_over") for e in await core.log("incident.noted")] == [key == "1"]


@pytest.mark.parametrize("words", ["1 {}", "已接收 {}", "1"])
async def test_so_is_a_late_text_of_the_line(core: Core, words: str) -> None:
    incident = await core.press()
    await passes(core, 320)
    await core.engine.apply(incident.id, Closed(by="老周", reason="她没事"))
    await core.send()
    await core.switchboard.text(LINE, words.format(incident.code), "SM1")
    (text,) = texts_to(DESK, await core.send())
    assert "我去" not in text
    assert "接" in text


async def test_a_second_ambulance_is_told_to_who_ordered_the_first(core: Core) -> None:
    """The desk has called 120, and then the line presses 1 as well: both are on their way."""
    incident = await core.press()
    await passes(core, 320)
    await core.engine.apply(incident.id, HandedOver(by="desk:0", via="voice", accepted=True))
    await core.send()
    await press_key(core, LINE, "handoff", "1")
    (text,) = texts_to(DESK, await core.send())
    assert "急救移交已接手" in text
    await core.engine.apply(incident.id, HandedOver(by="desk:0", via="voice", accepted=True))
    assert not texts_to(DESK, await core.send())  # who confirmed it says so again


async def test_news_that_the_line_heard_before_the_close_is_no_answer(core: Core) -> None:
    incident = await core.press()
    await passes(core, 260)
    await core.engine.apply(incident.id, HandedOver(by="line", via="voice", accepted=True))
    await core.run_sql(
        "UPDATE outbox SET state = 'sent', purpose = 'handoff_update' WHERE person = 'line' AND channel = 'voice'"
    )
    await core.engine.apply(incident.id, Closed(by="老周", reason="她没事"))
    await core.send()
    await press_key(core, LINE, "handoff_update", "1")
    assert not texts_to(DESK, await core.send())
    assert [e.data.get("heard") for e in await core.log("message.answered")] == [True]


@pytest.mark.parametrize("first", ["Ma", "line", "desk:0"])
async def test_of_the_ambulance_the_last_word_is_read_whoever_said_it(core: Core, first: str) -> None:
    """Ordered, called off by another, ordered again: the third word is none that was read before."""
    incident = await goes(core)
    read = []
    for by, accepted in ((first, True), ("Zhao", False), (first, True), (first, True)):
        said = HandedOver(by=by, via="desk", accepted=accepted, reason="" if accepted else "no car")
        await core.engine.apply(incident.id, said)
        read.append(len(texts_to(LI, await core.send())))
        core.clock.pass_(120)
    assert read == [1, 1, 1, 0]


NOT_COMING = [
    "ambulance is not coming",
    "no ambulance available, sorry",
    "the ambulance is cancelled, not coming",
    "ambulance refused",
    "cancelled",
    "救护车来不了",
    "救护车不来了",
    "派不出车",
    "救护车取消了 {}",
]


@pytest.mark.parametrize("number", [LINE, DESK])
@pytest.mark.parametrize("words", NOT_COMING)
async def test_who_has_it_and_writes_that_it_does_not_come_takes_it_back(core: Core, number: str, words: str) -> None:
    incident = await core.press()
    await passes(core, 440)
    await core.switchboard.text(number, f"1 {incident.code}", "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED
    await passes(core, 60)
    await core.switchboard.text(number, words.format(incident.code), "SM2")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    by = "line" if number == LINE else "desk:0"
    assert incident.handoff.state is not HandoffState.ACCEPTED or incident.handoff.confirmed_by != by
    assert incident.status is Status.NOTIFYING
    asked = texts_to(LI, await passes(core, 20)) + texts_to(ZHAO, await passes(core, 20))
    assert any("救护车不来了" in text for text in asked)


async def test_without_a_desk_the_lines_words_take_it_back_too(tmp_path: Path) -> None:
    async with Core(tmp_path, more=MORE.replace(f'"{DESK}"', "")) as core:
        incident = await core.press()
        await passes(core, 440)
        await core.switchboard.text(LINE, f"1 {incident.code}", "SM1")
        await passes(core, 60)
        answer = await core.switchboard.text(LINE, "救护车来不了", "SM2")
        assert "无人" not in answer
        (incident,) = await core.incidents()
        assert incident.status is Status.NOTIFYING
        assert incident.handoff is not None
        assert incident.handoff.state is not HandoffState.ACCEPTED


@pytest.mark.parametrize("words", ["救护车不来了吗", "ambulance is not coming yet", "救护车还没来", "救护车来了"])
async def test_what_takes_nothing_back(core: Core, words: str) -> None:
    incident = await core.press()
    await passes(core, 440)
    await core.switchboard.text(DESK, f"1 {incident.code}", "SM1")
    await core.switchboard.text(DESK, words, "SM2")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED
