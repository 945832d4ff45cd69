"""The look-alike, as the real Twilio SDK meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from simulators.habits import Habit, Later, Takes
from simulators.twilio import Trouble
from tests.support.phones import World, menu, spoken, world

WANG = "+8613800000001"
OURS = "+862055500100"


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world() as found:
        yield found


def client(here: World, token: str = "", patience: float = 10.0) -> Client:
    http = TwilioHttpClient(timeout=patience, pool_connections=False)
    found = Client(here.provider.account, token or here.provider.token, http_client=http)
    found.api.base_url = here.provider.url
    return found


async def send(here: World, body: str = "王秀英按了求助键，回复“1 4821”=我去", to: str = WANG, **more: Any) -> Any:
    return await asyncio.to_thread(client(here).messages.create, to=to, from_=OURS, body=body, **more)


async def ring(here: World, to: str = WANG, **more: Any) -> Any:
    wanted = {
        "url": f"{here.customer.url}/voice",
        "status_callback": f"{here.customer.url}/status",
        "status_callback_event": ["initiated", "ringing", "answered", "completed"],
    } | more
    return await asyncio.to_thread(client(here).calls.create, to=to, from_=OURS, **wanted)


async def until(here: World, condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        await here.town.bell.until(condition)


async def test_it_delivers_a_text_and_reports_each_state(here: World) -> None:
    sent = await send(here, status_callback=f"{here.customer.url}/status", validity_period=600)
    assert (sent.sid[:2], len(sent.sid), sent.status) == ("SM", 34, "queued")
    assert abs(sent.date_created - here.town.clock.now()) < timedelta(minutes=10)

    await here.phones.phone(WANG).expects_sms(containing="4821")

    await until(here, lambda: here.customer.said("/status", "MessageStatus") == ["sent", "delivered"])
    assert here.customer.said("/status", "MessageSid") == [sent.sid, sent.sid]
    here.phones.verify()


async def test_it_plays_the_menu_and_sends_the_key(here: World) -> None:
    here.customer.answers = {
        "/voice": lambda _: menu("王秀英按了求助键。去请按一"),
        "/key": lambda form: spoken(f"谢谢，您按了{form['Digits']}"),
    }
    placed = await ring(here, timeout=30)
    assert (placed.sid[:2], placed.status) == ("CA", "queued")

    await here.phones.phone(WANG).expects_call().hears("王秀英").presses("1").hears("谢谢，您按了1").ends()

    await until(here, lambda: "completed" in here.customer.said("/status", "CallStatus"))
    assert here.customer.said("/status", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert here.customer.said("/status", "SequenceNumber") == ["0", "1", "2", "3"]
    here.phones.verify()


async def test_it_falls_through_where_nobody_presses_a_key(here: World) -> None:
    here.customer.answers = {"/voice": lambda _: menu("去请按一"), "/key": lambda _: spoken("不该听到")}
    here.phones.phone(WANG).is_voicemail()
    await ring(here)
    call = await here.phones.phone(WANG).expects_ring()
    await call.until_over()
    assert call.heard == ["去请按一", "去请按一", "再见"]
    assert "/key" not in here.customer.forms
    here.phones.verify()


@pytest.mark.parametrize(("takes", "ends"), [(Takes.IGNORES, "no-answer"), (Takes.BUSY, "busy")])
async def test_it_says_how_a_call_ended_that_nobody_took(here: World, takes: Takes, ends: str) -> None:
    here.phones.phone(WANG).behaves(Habit(takes=takes, after=1))
    await ring(here, timeout=20)
    await here.phones.phone(WANG).expects_ring()
    await until(here, lambda: here.customer.said("/status", "CallStatus")[-1:] == [ends])


async def test_it_rings_engaged_while_the_person_talks_to_somebody_else(here: World) -> None:
    here.customer.answers = {"/voice": lambda _: menu("去请按一")}
    first, second = await ring(here), await ring(here, status_callback=f"{here.customer.url}/second")
    assert first.sid != second.sid
    await here.phones.phone(WANG).expects_call()
    await until(here, lambda: here.customer.said("/second", "CallStatus")[-1:] == ["busy"])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"to": "13800000001"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": "+15005550006"}, 21606),
        ({"body": " "}, 21602),
        ({"body": "长" * 1601}, 21617),
        ({"status_callback": "/status"}, 21609),
        ({"status_callback": "https://example.org/s#ct=5"}, 21609),
        ({"validity_period": 36_001}, 21625),
    ],
)
async def test_it_refuses_texts_that_break_the_rules_and_remembers(
    here: World, wrong: dict[str, Any], code: int
) -> None:
    fields = {"to": WANG, "from_": OURS, "body": "求助"} | wrong
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client(here).messages.create, **fields)
    assert (refused.value.code, refused.value.status) == (code, 400)
    with pytest.raises(AssertionError, match=str(code)):
        here.phones.verify()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": "voice"}, 21205),
        ({"timeout": 601}, 21228),
        ({"status_callback_event": ["initiated ringing"]}, 21626),
        ({"method": "PUT"}, 21403),
        ({"from_": "+15005550006"}, 21210),
    ],
)
async def test_it_refuses_calls_that_break_the_rules(here: World, wrong: dict[str, Any], code: int) -> None:
    fields = {"to": WANG, "from_": OURS, "url": "https://example.org/voice"} | wrong
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client(here).calls.create, **fields)
    assert refused.value.code == code


async def test_it_knows_its_account_and_no_other_token(here: World) -> None:
    account = await asyncio.to_thread(client(here).api.accounts(here.provider.account).fetch)
    assert account.status == "active"
    stranger = client(here, token="guessed")
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(stranger.messages.create, to=WANG, from_=OURS, body="求助")
    assert refused.value.code == 20003


async def test_it_lists_what_was_sent_to_a_number_since_a_time_in_pages(here: World) -> None:
    before = here.town.clock.now()
    for number in range(5):
        await send(here, f"第{number}条")
    await send(here, "别人", to="+8613800000002")
    found = await asyncio.to_thread(
        client(here).messages.list, to=WANG, date_sent_after=before - timedelta(seconds=2), page_size=2
    )
    assert [message.body for message in found] == ["第4条", "第3条", "第2条", "第1条", "第0条"]
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    assert await asyncio.to_thread(client(here).messages.list, to=WANG, date_sent_after=tomorrow) == []


@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.HANGS])
async def test_it_can_take_a_text_and_lose_the_answer(here: World, trouble: Trouble) -> None:
    here.provider.faults.plan(trouble, on="Messages")
    with pytest.raises(OSError, match=r"time|broken|IncompleteRead"):
        await send_impatiently(here)
    await here.phones.phone(WANG).expects_sms(containing="4821")
    found = await asyncio.to_thread(client(here).messages.list, to=WANG)
    assert len(found) == 1
    here.phones.verify()


async def send_impatiently(here: World) -> None:
    impatient = client(here, patience=0.3)
    await asyncio.to_thread(impatient.messages.create, to=WANG, from_=OURS, body="回复“1 4821”=我去")


async def test_it_can_throttle_go_wrong_and_go_down(here: World) -> None:
    here.provider.faults.throttle(times=1)
    here.provider.faults.out_of_order(times=1)
    for status, code in ((429, 20429), (503, 20500)):
        with pytest.raises(TwilioRestException) as refused:
            await send(here)
        assert (refused.value.status, refused.value.code) == (status, code)
    await here.provider.go_down()
    with pytest.raises(OSError, match="refused"):
        await send(here)
    await here.provider.come_back()
    await send(here)
    await here.phones.phone(WANG).expects_sms(containing="4821")
    here.phones.verify()


async def test_it_dials_only_so_many_calls_a_second() -> None:
    async with world(calls_per_second=0.1) as here:
        for number in range(3):
            await ring(here, to=f"+861380000001{number}", timeout=5)
        await until(here, lambda: len(here.customer.said("/status", "CallStatus")) == 9)
        dialled = [form["Timestamp"] for form in here.customer.forms["/status"] if form["CallStatus"] == "initiated"]
    times = [datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z") for text in dialled]
    assert times[2] - times[0] >= timedelta(seconds=19)


async def test_it_repeats_and_shuffles_callbacks_with_one_token_for_each(here: World) -> None:
    here.phones.phone(WANG).handset.reception.callbacks = "shuffled"
    await send(here, status_callback=f"{here.customer.url}/status")
    await until(here, lambda: len(here.customer.said("/status", "MessageStatus")) >= 4)
    assert here.customer.said("/status", "MessageStatus") == ["delivered", "sent", "sent", "delivered"]
    assert here.customer.tokens[0] == here.customer.tokens[3] != here.customer.tokens[1]


async def test_it_reports_a_text_that_did_not_arrive(here: World) -> None:
    here.phones.phone(WANG).handset.reception.text_fails = ("undelivered", 30003)
    await send(here, status_callback=f"{here.customer.url}/status")
    await until(here, lambda: here.customer.said("/status", "MessageStatus")[-1:] == ["undelivered"])
    assert here.customer.forms["/status"][-1]["ErrorCode"] == "30003"
    assert here.town.handsets[WANG].texts == []


async def test_it_sends_nothing_more_to_somebody_who_said_stop(here: World) -> None:
    await send(here)
    phone = here.phones.phone(WANG)
    await phone.expects_sms()
    await phone.replies("STOP")
    assert here.customer.forms["/sms"][-1]["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as refused:
        await send(here)
    assert refused.value.code == 21610
    await phone.replies("START")
    await send(here)
    await phone.expects_sms()


async def test_it_carries_a_reply_and_the_answer_to_it(here: World) -> None:
    here.customer.answers = {"/sms": lambda form: f"<Response><Message>收到：{form['Body']}</Message></Response>"}
    here.phones.phone(WANG).behaves(Habit(later=(Later(seconds=30, says="1 {code}", since="text"),)))
    await send(here)
    await here.phones.phone(WANG).expects_sms(containing="求助键")
    await here.phones.phone(WANG).expects_sms(containing="收到：1 4821")
    here.phones.verify()


async def test_it_cancels_a_ringing_call_on_request(here: World) -> None:
    placed = await ring(here)
    await here.phones.phone(WANG).expects_ring()
    await asyncio.to_thread(client(here).calls(placed.sid).update, status="canceled")
    await until(here, lambda: here.customer.said("/status", "CallStatus")[-1:] == ["canceled"])


async def test_it_says_so_when_the_customer_speaks_nonsense(here: World) -> None:
    here.customer.answers = {"/voice": lambda _: "<Response><Dial>+861</Dial><Say> </Say></Response>"}
    await ring(here)
    await here.phones.phone(WANG).expects_call().ends()
    assert [sentence for sentence in here.provider.violations if "unknown verb Dial" in sentence]
    assert [sentence for sentence in here.provider.violations if "empty Say" in sentence]


async def test_it_signs_with_its_token_only(here: World) -> None:
    here.customer.token = "another"
    await ring(here)
    await here.phones.phone(WANG).expects_call().hears("application error").ends()
    assert any("403" in sentence for sentence in here.provider.violations)


async def test_a_story_fails_on_a_call_it_does_not_mention(here: World) -> None:
    here.phones.phone(WANG, "王建国")
    await send(here)
    await here.phones.phone(WANG).expects_sms()
    await send(here, "又一条")
    await until(here, lambda: len(here.town.handsets[WANG].texts) > 1)
    with pytest.raises(AssertionError, match="王建国 got an unexpected text: 又一条"):
        here.phones.verify()


async def test_a_story_says_what_happened_instead(here: World) -> None:
    here.phones.patience = 0.2
    await send(here, "只有短信")
    with pytest.raises(AssertionError, match=r"expects a call; this is what happened:\n.*只有短信"):
        await here.phones.phone(WANG).expects_call().hears("王秀英")
