"""Texts of neighbours and residents: a yes is taken as people write it, and no word of somebody in a case is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from alarmd.joining import MOST_JOINED, joined
from alarmd.phone.provider import Outgoing
from escalation.incident import Closed, HandoffState, Status
from escalation.people import Channel
from escalation.replay import Cause, replay
from tests.support.core import MORE, Core

LI, ZHAO, AT_HOME = "+8613800000001", "+8613800000002", "+861064211111"
DESK, LINE = "+8613900000009", "+861065551234"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


def read_at(number: str, sent: list[Outgoing]) -> list[str]:
    """The texts that number was sent."""
    return [message.body for message in sent if message.to == number and message.channel is Channel.SMS]


@pytest.mark.parametrize("words", ["我去", "1", "①", "我马上去", "on my way", "5分钟到", "好的", "1️⃣", "OK"])
async def test_a_clear_yes_of_who_has_one_open_case_needs_no_code(core: Core, words: str) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, words, "SM1")
    (incident,) = await core.incidents()
    assert incident.status is Status.ACCEPTED
    assert any("门" in text or "钥匙" in text for text in read_at(LI, await core.send()))  # the details
    await core.switchboard.text(LI, "到了", "SM2")
    assert (await core.incidents())[0].status is Status.ARRIVED


@pytest.mark.parametrize("words", ["1 {}~", "1+{}", "[1] {}", "1 {}\n发自我的小米手机", "1 {} 5分钟到", "1\u200b {}"])
async def test_a_yes_is_taken_as_people_write_it(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, words.format(incident.code), "SM1")
    assert (await core.incidents())[0].status is Status.ACCEPTED


async def test_a_code_split_or_run_together_is_known_by_the_case(core: Core) -> None:
    incident = await core.press()
    await core.send()
    code = incident.code
    await core.switchboard.text(LI, f"1 {code[:2]} {code[2:]}", "SM1")
    assert (await core.incidents())[0].status is Status.ACCEPTED


@pytest.mark.parametrize("words", ["去吗？", "收到", "还没到", "1小时后到", "几单元？", "她叫什么"])
async def test_what_is_no_answer_is_read_at_the_desk_and_answered_with_what_to_type(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    answered = await core.switchboard.text(LI, words, "SM1")
    assert f"1 {incident.code}" in answered
    assert (await core.incidents())[0].status is Status.NOTIFYING
    (text,) = read_at(DESK, await core.send())
    for part in ("李强", words, "王秀英", incident.id):
        assert part in text
    (entry,) = await core.log("message.unread")
    assert (entry.actor, entry.incident, entry.data["text"]) == ("li", incident.id, words)
    assert [e.data["purpose"] for e in await core.log("message.queued")][-1] == "said"


async def test_a_courtesy_to_you_need_not_go_takes_nothing(core: Core) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, "1", "SM1")
    await core.send()  # Zhao hears that Li goes
    await core.switchboard.text(ZHAO, "好的", "SM2")
    (incident,) = await core.incidents()
    assert [p.standing for p in incident.participants if p.who.id == "zhao"] == ["asked"]
    await core.switchboard.text(ZHAO, "我去", "SM3")
    (incident,) = await core.incidents()
    assert [p.standing for p in incident.participants if p.who.id == "zhao"] == ["accepted"]


async def test_who_has_two_open_cases_is_asked_which(core: Core) -> None:
    await core.run_sql(
        "INSERT INTO device VALUES ('b2', 'zigbee2mqtt', 'other', 'smith', 'button', '', NULL);"
        "UPDATE resident SET circle = 'lane' WHERE id = 'smith'"
    )
    first = await core.press()
    await core.receive("zigbee2mqtt/other", '{"action":"emergency"}')
    await core.send()
    second = (await core.incidents())[-1]
    answered = await core.switchboard.text(LI, "1", "SM1")
    assert "分不清您指哪一个" in answered
    assert not any(code in answered for code in (first.code, second.code))
    assert {one.status for one in await core.incidents()} == {Status.NOTIFYING}
    assert [entry.data["why"] for entry in await core.log("message.unread")] == ["several"]
    assert read_at(DESK, await core.send())
    await core.switchboard.text(LI, f"1 {second.code}", "SM2")
    assert [one.status for one in await core.incidents()] == [Status.NOTIFYING, Status.ACCEPTED]
    await core.switchboard.text(LI, f"2 {first.code}", "SM3")
    await core.switchboard.text(LI, "到了", "SM4")  # of the one that is left
    assert [one.status for one in await core.incidents()] == [Status.NOTIFYING, Status.ARRIVED]


async def test_a_wrong_code_is_no_answer_and_the_desk_knows(core: Core) -> None:
    incident = await core.press()
    await core.send()
    wrong = f"{(int(incident.code) + 1) % 10000:04}"
    answered = await core.switchboard.text(LI, f"1 {wrong}", "SM1")
    assert "代码" in answered
    assert (await core.incidents())[0].status is Status.NOTIFYING
    assert [entry.data["why"] for entry in await core.log("message.unread")] == ["unknown_code"]
    assert any(wrong in text for text in read_at(DESK, await core.send()))


async def test_ok_to_please_call_the_ambulance_confirms_nothing(tmp_path: Path) -> None:
    async with Core(tmp_path, more=MORE.replace('mode = "line"\nphone = "+861065551234"', 'mode = "desk"')) as core:
        incident = await core.press()
        for _ in range(3):
            await core.passes(60)
        await core.send()
        for words in ("好的", f"好的 {incident.code}", f"我去 {incident.code}"):
            await core.switchboard.text(DESK, words, words)
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.QUEUED
        await core.switchboard.text(DESK, f"1 {incident.code}", "SM9")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.ACCEPTED


async def test_a_no_to_a_new_press_calls_no_ambulance_off(tmp_path: Path) -> None:
    """The desk has ordered it, is told that she presses again, and says that it has no time for that."""
    async with Core(tmp_path, more=MORE.replace('mode = "line"\nphone = "+861065551234"', 'mode = "desk"')) as core:
        incident = await core.press()
        for _ in range(3):
            await core.passes(60)
        await core.send()
        await core.switchboard.text(DESK, f"1 {incident.code}", "SM1")
        await core.passes(60)
        await core.press()
        await core.send()
        assert (await core.outgoing())[-1]["purpose"] == "raised"
        for sid, words, state in (
            ("SM2", f"2 {incident.code}", HandoffState.ACCEPTED),
            ("SM3", f"救护车来不了 {incident.code}", HandoffState.REJECTED),
        ):
            await core.switchboard.text(DESK, words, sid)
            (incident,) = await core.incidents()
            assert incident.handoff is not None
            assert incident.handoff.state is state, words


# ---------------------------------------------------------------- the ambulance


@pytest.mark.parametrize("words", ["她没有呼吸了，快叫救护车", "She is not breathing, call an ambulance"])
@pytest.mark.parametrize("said", ["there", "asked"])
async def test_who_is_at_the_door_calls_for_the_ambulance(core: Core, words: str, said: str) -> None:
    await core.press()
    await core.send()
    if said == "there":
        await core.switchboard.text(LI, "1", "SM1")
        await core.switchboard.text(LI, "到了", "SM2")
        await core.send()
    answered = await core.switchboard.text(LI, words, "SM3")
    assert "救护车" in answered
    (incident,) = await core.incidents()
    assert incident.status is (Status.ARRIVED if said == "there" else Status.NOTIFYING)
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED
    sent = await core.send()
    assert {m.channel for m in sent if m.to == LINE} >= {Channel.VOICE}
    assert any(words[:6] in text for text in read_at(DESK, sent))
    call = next(m for m in sent if m.to == LINE and m.channel is Channel.VOICE)
    assert words in "".join((await core.switchboard.answered(call.attempt, "CA1", "human")).say)
    await core.switchboard.key(call.attempt, "CA1", "1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED
    await _told_again(core)


async def test_the_steps_go_on_beside_it_while_nobody_goes(core: Core) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, "她昏迷了", "SM1")
    queued = len(await core.log("handoff.queued"))
    for _ in range(12):
        await core.passes(60)
        await core.send()
    (incident,) = await core.incidents()
    assert incident.step == len(incident.plan.steps)  # the desk rings
    assert len(await core.log("handoff.queued")) > queued  # and so does the line
    await _told_again(core)


@pytest.mark.parametrize("words", ["不用叫救护车", "还有呼吸", "I don't need an ambulance"])
async def test_none_is_called_where_none_is_needed(core: Core, words: str) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, words, "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is None
    assert any(words in text for text in read_at(DESK, await core.send()))


async def test_an_arrival_and_a_call_for_the_ambulance_in_one_text_are_both(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"3 {incident.code} 她没有呼吸了", "SM1")
    (incident,) = await core.incidents()
    assert incident.status is Status.ARRIVED
    assert incident.handoff is not None


async def test_a_plan_without_an_ambulance_hands_over_through_the_desk(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('a', 'alarmd', 'a', 'wang', 'button', '', NULL)")
    await core.receive("alarmd/v1/a/signal", '{"ref":"1","type":"assist"}')
    await core.send()
    await core.switchboard.text(ZHAO, "1", "SM1")
    await core.switchboard.text(ZHAO, "她没有呼吸了", "SM2")
    sent = await core.send()
    assert {m.channel for m in sent if m.to == DESK} == {Channel.SMS, Channel.VOICE}
    await core.passes(121)
    assert DESK in {m.to for m in await core.send()}
    await _told_again(core)


# ---------------------------------------------------------------- residents


@pytest.mark.parametrize(
    "words", ["跌倒了", "I fell down and can't get up", "我起不来了", "胸口疼", "快叫人", "起不來", "120"]
)
async def test_a_residents_cry_is_an_alarm(core: Core, words: str) -> None:
    assert "正在联系人前往您家" in await core.switchboard.text(AT_HOME, words, "SM1")
    (incident,) = await core.incidents()
    assert (incident.resident, incident.kind) == ("wang", "sos")


async def test_what_a_resident_wrote_is_told_as_that_and_goes_with_the_hand_off(core: Core) -> None:
    """Nobody pressed anything, and "I fell, my hip" is what the ambulance has to know."""
    await core.switchboard.text(AT_HOME, "救命，我摔倒了，腿断了", "SM1")
    for _ in range(4):
        await core.passes(60)
    sent = [row for row in await core.outgoing() if row["channel"] == "sms"]
    asked = [row["body"] for row in sent if row["purpose"] == "ask"]
    handed = [row["body"] for row in sent if row["purpose"] == "handoff"]
    assert asked
    assert handed
    assert all("按了求助键" not in body and "用电话或短信求助" in body for body in (*asked, *handed))
    assert all("腿断了" in body for body in handed)


async def test_a_cry_raises_the_fall_that_is_open(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('w', 'alarmd', 'w', 'wang', 'watch', '', NULL)")
    await core.receive("alarmd/v1/w/signal", '{"ref":"1","type":"fall"}')
    await core.switchboard.text(AT_HOME, "我起不来了", "SM1")
    (incident,) = await core.incidents()
    assert (incident.kind, incident.presses) == ("fall", 2)


@pytest.mark.parametrize("words", ["吃饭了吗", "我没事", "没有跌倒", "I'm fine", "你们在吗", "cancel", "按错了"])
@pytest.mark.parametrize("open_", [False, True])
async def test_whatever_else_a_resident_texts_is_read_at_the_desk_and_closes_nothing(
    core: Core,
    words: str,
    open_: bool,  # noqa: FBT001 - a table
) -> None:
    if open_:
        await core.press()
        await core.send()
    answered = await core.switchboard.text(AT_HOME, words, "SM1")
    assert answered
    assert len(await core.incidents()) == int(open_)
    assert all(one.status is Status.NOTIFYING for one in await core.incidents())
    (text,) = read_at(DESK, await core.send())
    assert "王秀英" in text
    assert words in text
    assert (await core.log("message.unread"))[0].resident == "wang"


async def test_nobody_at_the_desk_to_read_it_is_a_gap(tmp_path: Path) -> None:
    async with Core(tmp_path, more=MORE.replace('desk_phones = ["+8613900000009"]', "")) as core:
        await core.switchboard.text(AT_HOME, "吃饭了吗", "SM1")
        assert [entry.data["contact"] for entry in await core.log("incident.gap")] == ["desk"]


async def test_a_helper_who_lives_here_too_cries_for_the_other_home(core: Core) -> None:
    await core.run_sql(
        "UPDATE resident SET phone = '+8613700000000' WHERE id = 'wang';"
        "UPDATE responder SET phone = '+861064211111' WHERE id = 'li';"
        "UPDATE resident SET phone = '+861064211111' WHERE id = 'smith'"
    )
    await core.press()
    await core.send()
    await core.switchboard.text(AT_HOME, "1", "SM1")
    await core.switchboard.text(AT_HOME, "她摔倒了，昏迷不醒", "SM2")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    await core.switchboard.text(AT_HOME, "我摔倒了", "SM3")
    assert [one.resident for one in await core.incidents()] == ["wang", "smith"]


LIVES_HERE_TOO = (
    "INSERT INTO resident (id, name, phone, address, lat, lon)"
    " VALUES ('oldli', '李强', '+8613800000001', '和平里9号', 39.9505, 116.4105)"
)


@pytest.mark.parametrize(
    "words",
    [
        "王秀英没有呼吸了，快叫救护车 {}",
        "她没有呼吸了，快叫救护车",
        "我去帮忙 {}",
        "我去帮忙",
        "1 {} 我去帮忙",
        "1 {}, I will help her",
        "救命，{}",
        "老人摔倒了，快来人",
    ],
)
@pytest.mark.parametrize("said", ["", "1", "2"])
async def test_help_for_somebody_else_is_no_alarm_at_the_helpers_own_home(core: Core, words: str, said: str) -> None:
    await core.run_sql(LIVES_HERE_TOO)
    incident = await core.press()
    await core.send()
    if said:
        await core.switchboard.text(LI, f"{said} {incident.code}", "SM1")
    await core.switchboard.text(LI, words.format(incident.code), "SM2")
    (incident,) = await core.incidents()
    assert incident.resident == "wang"
    assert (incident.handoff is not None) == ("救护车" in words)
    if "帮忙" in words or "help" in words:
        assert incident.status in {Status.ACCEPTED, Status.COMING}
    else:
        assert any("王" in text for text in read_at(DESK, await core.send()))


@pytest.mark.parametrize("words", ["我摔倒了", "救命！我起不来了", "I fell and my hip hurts", "快来人"])
@pytest.mark.parametrize("said", ["", "1"])
async def test_a_helpers_own_cry_is_an_alarm_at_their_own_home(core: Core, words: str, said: str) -> None:
    await core.run_sql(LIVES_HERE_TOO)
    incident = await core.press()
    await core.send()
    if said:
        await core.switchboard.text(LI, f"{said} {incident.code}", "SM1")
    await core.switchboard.text(LI, words, "SM2")
    assert [one.resident for one in await core.incidents()] == ["wang", "oldli"]


@pytest.mark.parametrize("words", ["1 {} 取消", "1 {}?", "3 {} 5分钟", "sorry 1 {} was a mistake"])
async def test_a_doubtful_answer_is_asked_for_again_and_read_at_the_desk(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    body = words.format(incident.code)
    answer = await core.switchboard.text(LI, body, "SM1")
    assert answer
    (after,) = await core.incidents()
    assert after.status is Status.NOTIFYING
    assert any(
        body.replace(incident.code, "") in text.replace(incident.code, "") for text in read_at(DESK, await core.send())
    )


async def test_a_responder_without_a_case_who_cries_is_read(core: Core) -> None:
    await core.switchboard.text(LI, "王奶奶摔倒了", "SM1")
    (text,) = read_at(DESK, await core.send())
    assert "李强" in text
    assert "没有未结束的求助" in await core.switchboard.text(LI, "我去", "SM2")


async def test_numbers_in_words_stand_in_no_log(core: Core) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, "她儿子电话13812345678", "SM1")
    assert not [entry for entry in await core.log() if "13812345678" in entry.as_json()]


async def _told_again(core: Core) -> None:
    """The log's causes, told again, give the stored incident."""
    (incident,) = await core.incidents()
    causes = [
        (entry.at, msgspec.convert(entry.data["cause"], Cause))
        for entry in await core.log()
        if entry.incident == incident.id and "cause" in entry.data
    ]
    assert replay(causes) == incident


@pytest.mark.parametrize("words", ["cancel", "停", "end", "STOP"])
async def test_who_is_on_the_way_and_cancels_is_read_and_asked(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
    await core.send()
    assert await core.switchboard.text(LI, words, "SM2")
    assert any(words in text for text in read_at(DESK, await core.send()))


@pytest.mark.parametrize("words", ["{} 她又摔倒了，没有呼吸了", "1 {} 门还开着"])
async def test_words_with_the_code_of_a_closed_alarm_reach_the_desk(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    await core.engine.apply(incident.id, Closed(by="desk", reason="well"))
    await core.send()
    body = words.format(incident.code)
    assert await core.switchboard.text(LI, body, "SM1")
    assert any(body.partition(" ")[2][-4:] in text for text in read_at(DESK, await core.send()))


async def test_no_word_is_lost_while_texts_wait_for_the_desk(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
    await core.send()
    await core.switchboard.text(LI, "她没有呼吸了，快叫救护车", "S1")
    for n in range(5):
        await core.switchboard.text(LI, f"门打不开{n}" + "啊哈哈" * 150, f"S2{n}")
    waiting = [row["body"] for row in await core.outgoing() if row["purpose"] == "said" and row["channel"] == "sms"]
    assert len(waiting) > 1
    assert all(len(body) <= 1600 for body in waiting)
    assert "没有呼吸" in waiting[0]
    assert all(f"门打不开{n}" in "".join(waiting) for n in range(5))
    for n in range(5, 40):
        await core.switchboard.text(LI, f"门打不开{n}" + "啊哈哈" * 150, f"S2{n}")
        if n == 20:
            await core.switchboard.text(LI, "她心跳停了", "S3")
    bodies = [row["body"] for row in await core.outgoing() if row["purpose"] == "said" and row["channel"] == "sms"]
    assert len(bodies) <= 5  # a text that went out at once, and four that wait
    assert all(len(body) <= 1600 for body in bodies)
    assert "没有呼吸" in bodies[0]
    assert "心跳停了" in bodies[-1]
    assert "门打不开39" in bodies[-1]
    assert "… (+" in bodies[-1]


def test_texts_that_are_joined_keep_the_first_the_last_and_the_worst() -> None:
    text = "李强：到了"
    for n in range(30):
        text = joined(f"{text}\n李强：{'她不呼吸了' if n == 9 else f'第{n}条' + '啊' * 300}")
    lines = text.split("\n")
    assert len(text) <= MOST_JOINED
    assert lines[0] == "李强：到了"
    assert "李强：她不呼吸了" in lines
    assert lines[-1].startswith("李强：第29条")
    (count,) = [int(line[4:-1]) for line in lines if line.startswith("… (+")]
    assert count + len(lines) - 1 == 31


@pytest.mark.parametrize("line", ["x" * 5000, "她没有呼吸" * 500, "\n" * 3000, "a\n" * 2000, "120\n" * 2000])
def test_whatever_is_joined_fits(line: str) -> None:
    assert len(joined(f"李强：到了\n{line}\n李强：她没有呼吸")) <= MOST_JOINED
