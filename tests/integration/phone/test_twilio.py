"""The real SDK over our transport, against a server that misbehaves: every send is taken, refused or unknown."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from alarmd.clock import SystemClock
from alarmd.phone.provider import Accepted, Outgoing, Rejected, Remedy, Unknown
from alarmd.phone.transport import Transport
from alarmd.phone.twilio import TUNING, TwilioPhone
from escalation.people import Channel
from tests.support.rough_server import Answer, Asked, rough_server, send

SID = "AC" + "1" * 32
NUMBERS = ("+15005550006", "+15005550007")


def phone(
    api_base: str, *, read: float = 5.0, rate: float = 10_000.0, transport: Transport | None = None
) -> TwilioPhone:
    return TwilioPhone(
        account_sid=SID,
        auth_token="secret",
        numbers=NUMBERS,
        api_base=api_base,
        public_url="https://care.example/",
        clock=SystemClock(),
        calls_per_second=rate,
        messages_per_second=rate,
        transport=transport or Transport(connect=1.0, read=read),
    )


def text(attempt: str = "a" * 26, body: str = "王秀英老人按了求助键", to: str = "+8613800001111") -> Outgoing:
    return Outgoing(attempt=attempt, channel=Channel.SMS, to=to, body=body, valid_seconds=600)


def call(attempt: str = "b" * 26, to: str = "+8613800001111") -> Outgoing:
    return Outgoing(attempt=attempt, channel=Channel.VOICE, to=to, ring_seconds=45)


async def outcome(answer: Answer, message: Outgoing, *, read: float = 5.0) -> Accepted | Rejected | Unknown:
    async with rough_server(answer) as server:
        provider = phone(server.url, read=read)
        try:
            result = await provider.send(message)
        finally:
            await provider.close()
        assert len(server.asked) == 1, "a send is one request, whatever comes back"
        return result


def answering(status: int, body: object, headers: str = "") -> Answer:
    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        await send(writer, status, body, headers)

    return answer


async def hang(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def close_mid_answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"sid": "SM')
    writer.close()


async def close_without_a_word(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_it_sends_a_text_with_everything_twilio_needs_and_its_attempt_in_the_callback() -> None:
    async with rough_server(answering(201, {"sid": "SM1", "status": "queued"})) as server:
        provider = phone(server.url)
        assert await provider.send(text()) == Accepted(sid="SM1")
        await provider.close()
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", f"/2010-04-01/Accounts/{SID}/Messages.json")
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.form == {
        "To": ["+8613800001111"],
        "From": [NUMBERS[0]],
        "Body": ["王秀英老人按了求助键"],
        "StatusCallback": [f"https://care.example/phone/twilio/status/{'a' * 26}{TUNING}"],
        "ValidityPeriod": ["600"],
    }


async def test_it_places_a_call_that_asks_for_every_event() -> None:
    async with rough_server(answering(201, {"sid": "CA1", "status": "queued"})) as server:
        provider = phone(server.url)
        assert await provider.send(call()) == Accepted(sid="CA1")
        await provider.close()
    (asked,) = server.asked
    assert asked.path == f"/2010-04-01/Accounts/{SID}/Calls.json"
    assert asked.form["Url"] == [f"https://care.example/phone/twilio/voice/{'b' * 26}{TUNING}"]
    assert asked.form["StatusCallback"] == [f"https://care.example/phone/twilio/status/{'b' * 26}{TUNING}"]
    assert asked.form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert asked.form["Timeout"] == ["45"]
    assert asked.form["Method"] == ["POST"]
    assert "MachineDetection" not in asked.form


async def test_it_uses_its_numbers_in_turn() -> None:
    async with rough_server(answering(201, {"sid": "SM1"})) as server:
        provider = phone(server.url)
        for n in range(4):
            await provider.send(text(attempt=f"{n:026}"))
        await provider.close()
    assert [asked.form["From"][0] for asked in server.asked] == [*NUMBERS, *NUMBERS]


@pytest.mark.parametrize("message", [text(), call()], ids=["sms", "voice"])
@pytest.mark.parametrize(
    "answer",
    [
        close_mid_answer,
        close_without_a_word,
        answering(500, {"code": 20500, "message": "oops", "status": 500}),
        answering(502, "<html>bad gateway</html>"),
        answering(201, "<html>a proxy says hello</html>"),
        answering(201, ["not", "an", "object"]),
        answering(201, {"status": "queued"}),
        answering(201, ""),
    ],
    ids=["mid-answer", "no answer", "500", "502", "html", "list", "no sid", "empty"],
)
async def test_it_says_unknown_when_something_may_have_been_sent(answer: Answer, message: Outgoing) -> None:
    assert isinstance(await outcome(answer, message), Unknown)


async def test_it_says_unknown_when_the_provider_takes_the_request_and_hangs() -> None:
    assert isinstance(await outcome(hang, text(), read=0.05), Unknown)


async def test_it_says_unknown_when_the_answer_trickles_in_for_ever() -> None:
    async def trickle(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
        while True:  # each byte comes well within the time for one read
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with rough_server(trickle) as server:
        transport = Transport(connect=1.0, read=1.0, whole=0.2)
        provider = phone(server.url, transport=transport)
        assert isinstance(await provider.send(text()), Unknown)
        await provider.close()


async def test_it_says_not_sent_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    provider = phone(f"http://127.0.0.1:{port}")
    result = await provider.send(text())
    await provider.close()
    assert isinstance(result, Rejected)
    assert result.remedy is Remedy.NEXT_PROVIDER


async def test_it_says_not_sent_when_the_name_is_unknown() -> None:
    provider = phone("http://nobody.invalid")
    result = await provider.send(text())
    await provider.close()
    assert isinstance(result, Rejected)


@pytest.mark.parametrize(
    ("status", "body", "remedy", "code"),
    [
        (400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}, Remedy.DEAD_NUMBER, "21211"),
        (400, {"code": 21610, "message": "unsubscribed", "status": 400}, Remedy.OTHER_CHANNEL, "21610"),
        (401, {"code": 20003, "message": "Authenticate", "status": 401}, Remedy.NEXT_PROVIDER, "20003"),
        (400, {"code": 21408, "message": "region", "status": 400}, Remedy.NEXT_PROVIDER, "21408"),
        (400, {"code": 98765, "message": "new", "status": 400}, Remedy.OTHER_CHANNEL_AND_RETRY, "98765"),
        (400, "garbage", Remedy.OTHER_CHANNEL_AND_RETRY, "400"),
        (404, "garbage", Remedy.NEXT_PROVIDER, "404"),
        (301, "moved", Remedy.NEXT_PROVIDER, "301"),
        (503, {"code": 20503, "message": "down", "status": 503}, Remedy.BACK_OFF, "20503"),
        (
            400,
            {"type": "https://x", "title": "Bad", "status": 400, "code": 21211, "detail": "rfc 9457"},
            Remedy.DEAD_NUMBER,
            "21211",
        ),
    ],
)
async def test_it_knows_what_a_refusal_asks_for(status: int, body: object, remedy: Remedy, code: str) -> None:
    result = await outcome(answering(status, body), text())
    assert isinstance(result, Rejected)
    assert (result.remedy, result.code) == (remedy, code)


async def test_it_backs_off_for_as_long_as_a_throttling_provider_asks() -> None:
    body = {"code": 20429, "message": "Too Many Requests", "status": 429}
    result = await outcome(answering(429, body, "Retry-After: 7\r\n"), call())
    assert result == Rejected(code="20429", reason="Too Many Requests", remedy=Remedy.BACK_OFF, retry_after=7.0)


async def test_it_gives_a_hundred_concurrent_sends_each_its_own_answer() -> None:
    async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await send(writer, 201, {"sid": "SM" + asked.form["Body"][0]})

    async with rough_server(echo) as server:
        provider = phone(server.url)
        bodies = [f"{n:03}" for n in range(100)]
        results = await asyncio.gather(*(provider.send(text(attempt=f"{b:0>26}", body=b)) for b in bodies))
        await provider.close()
        assert results == [Accepted(sid=f"SM{b}") for b in bodies]
        assert server.connections <= 50


async def test_it_is_not_bent_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert await outcome(answering(201, {"sid": "SM1"}), text()) == Accepted(sid="SM1")


def listed(kind: str, *entries: dict[str, Any]) -> Answer:
    return answering(200, {kind: list(entries), "next_page_uri": None, "page_size": 50, "page": 0})


def at(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


async def found(answer: Answer, message: Outgoing, since: datetime) -> Accepted | Rejected | Unknown:
    async with rough_server(answer) as server:
        provider = phone(server.url)
        result = await provider.find(message, since=since)
        await provider.close()
        assert all(asked.method == "GET" for asked in server.asked)
        return result


NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(minutes=10)


async def test_it_finds_a_text_whose_answer_was_lost_by_number_time_and_words() -> None:
    entries = (
        {"sid": "SM3", "body": "another", "date_created": at(NOW), "direction": "outbound-api"},
        {"sid": "SM2", "body": text().body, "date_created": at(NOW), "direction": "outbound-api"},
        {"sid": "SM1", "body": text().body, "date_created": at(LONG_AGO), "direction": "outbound-api"},
    )
    since = NOW - timedelta(seconds=20)
    assert await found(listed("messages", *entries), text(), since) == Accepted(sid="SM2")


async def test_it_finds_a_call_by_number_and_time_even_while_it_is_queued() -> None:
    queued = {"sid": "CA2", "date_created": None, "direction": "outbound-api"}
    assert await found(listed("calls", queued), call(), NOW) == Accepted(sid="CA2")


async def test_it_says_never_taken_when_the_list_has_had_time_and_does_not_know_it() -> None:
    old = {"sid": "CA1", "date_created": at(LONG_AGO), "direction": "outbound-api"}
    result = await found(listed("calls", old), call(), NOW - timedelta(seconds=20))
    assert isinstance(result, Rejected)


async def test_it_does_not_trust_a_list_that_is_too_fresh() -> None:
    assert isinstance(await found(listed("calls"), call(), datetime.now(UTC)), Unknown)


async def test_it_cannot_say_when_the_list_cannot_be_read() -> None:
    assert isinstance(await found(answering(500, "oops"), call(), LONG_AGO), Unknown)
    assert isinstance(await found(answering(200, "oops"), call(), LONG_AGO), Unknown)


async def test_it_does_not_take_another_attempts_call_for_this_one() -> None:
    async def both(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.method == "POST":
            await send(writer, 201, {"sid": "CA1"})
        else:
            await send(writer, 200, {"calls": [{"sid": "CA1", "date_created": at(NOW)}], "next_page_uri": None})

    async with rough_server(both) as server:
        provider = phone(server.url)
        await provider.send(call(attempt="first" * 5))
        lost = await provider.find(call(attempt="second" * 5), since=NOW - timedelta(seconds=20))
        same = await provider.find(call(attempt="first" * 5), since=NOW - timedelta(seconds=20))
        await provider.close()
    assert isinstance(lost, Rejected)
    assert same == Accepted(sid="CA1")


async def usable(answer: Answer) -> str | None:
    async with rough_server(answer) as server:
        provider = phone(server.url)
        said = await provider.usable()
        await provider.close()
        return said


async def test_it_says_what_is_wrong_with_the_account() -> None:
    assert await usable(answering(200, {"sid": SID, "status": "active"})) is None
    assert "suspended" in str(await usable(answering(200, {"sid": SID, "status": "suspended"})))
    refused = await usable(answering(401, {"code": 20003, "message": "Authenticate", "status": 401}))
    assert refused is not None
    assert "401" in refused
    assert "\x1b" not in refused
    assert await usable(answering(200, "no json")) is not None


async def test_its_name_tells_accounts_apart_and_no_secret() -> None:
    provider = phone("http://127.0.0.1:9")
    await provider.close()
    assert provider.name == "twilio:AC1111…1111"
