"""Twilio's webhooks, signed by the SDK's own validator: no stranger is heard, no key swallowed, nothing done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from alarmd.phone import webhooks
from alarmd.phone.callbacks import Scene, SendStatus, StatusUpdate
from alarmd.phone.refusals import Refusals
from alarmd.phone.signing import Signer
from alarmd.phone.twilio import TUNING
from alarmd.phone.webhooks import MOST_LONG_OF_ONE

PUBLIC = "https://care.example"
ATTEMPT = "k3x9" * 6
TOKEN = "current-token"
ACCOUNT = "AC1"
CALL = {
    "CallSid": "CA1",
    "AccountSid": ACCOUNT,
    "From": "+15005550006",
    "To": "+8613800001111",
    "CallStatus": "in-progress",
}


@dataclass
class Daemon:
    """The daemon's side, remembering what it was told."""

    keys: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    failing: int = 0

    def _may_fail(self) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the store is busy")

    async def status(self, update: StatusUpdate) -> None:
        self._may_fail()
        self.updates.append(update)

    async def answered(self, attempt: str, sid: str, answered_by: str) -> Scene:
        self.answers.append((attempt, sid, answered_by))
        return Scene(language="zh-CN", say=("王秀英老人按了求助键。",), menu=True, again="没有收到按键。", bye="再见。")

    async def key(self, attempt: str, sid: str, digits: str, token: str = "") -> Scene:
        self._may_fail()
        if token in self.seen:  # as the switchboard: taken before, heard again
            return Scene(language="zh-CN", say=("听到过了。",), menu=True)
        self.seen.add(token)
        self.keys.append((attempt, sid, digits))
        return Scene(language="zh-CN", say=(f"第{len(self.keys)}次按键。",), menu=True)

    async def text(self, sender: str, body: str, sid: str) -> str:
        self._may_fail()
        self.texts.append((sender, body, sid))
        return "谢谢您！"


@dataclass
class Twilio:
    """Asks the webhooks as Twilio does."""

    app: FastAPI

    async def post(
        self, path: str, form: dict[str, str], *, token: str = TOKEN, signature: str | None = None, base: str = PUBLIC
    ) -> httpx.Response:
        signed = RequestValidator(token).compute_signature(base + path, form)
        headers = {
            "X-Twilio-Signature": signature if signature is not None else signed,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        return await self.raw("POST", path, content=urlencode(form), headers=headers)

    async def raw(
        self, method: str, path: str, *, content: str = "", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        # The proxy in front calls the daemon by another name; the signature knows only the public one.
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8080") as client:
            return await client.request(method, path, content=content, headers=headers)


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


def twilio_of(daemon: Daemon, tokens: Sequence[str] = (TOKEN,), public_url: str = PUBLIC + "/") -> Twilio:
    app = FastAPI()
    app.include_router(
        webhooks.router(daemon, public_url=public_url, signers=lambda: [Signer(ACCOUNT, token) for token in tokens])
    )
    return Twilio(app)


@pytest.fixture
def twilio(daemon: Daemon) -> Twilio:
    return twilio_of(daemon)


def says(response: httpx.Response) -> list[str]:
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/xml")
    return [e.text or "" for e in ET.fromstring(response.text).iter("Say")]  # noqa: S314  # our own answer


def action(response: httpx.Response) -> str:
    gather = ET.fromstring(response.text).find("Gather")  # noqa: S314  # our own answer
    assert gather is not None
    address = urlsplit(gather.attrib["action"])
    assert gather.attrib["action"].startswith(PUBLIC + "/")
    return f"{address.path}?{address.query}"


async def test_it_speaks_when_the_call_is_answered_and_hears_the_key(daemon: Daemon, twilio: Twilio) -> None:
    opened = await twilio.post(f"/phone/twilio/voice/{ATTEMPT}", CALL | {"AnsweredBy": "human"})
    assert says(opened)[0] == "王秀英老人按了求助键。"
    assert daemon.answers == [(ATTEMPT, "CA1", "human")]
    pressed = await twilio.post(action(opened), CALL | {"Digits": "1"})
    assert says(pressed) == ["第1次按键。", "第1次按键。"]
    assert daemon.keys == [(ATTEMPT, "CA1", "1")]


async def test_it_knows_the_same_key_in_the_next_menu_from_a_repeat(daemon: Daemon, twilio: Twilio) -> None:
    opened = await twilio.post(f"/phone/twilio/voice/{ATTEMPT}", CALL)
    read_back = await twilio.post(action(opened), CALL | {"Digits": "1"})
    await twilio.post(action(read_back), CALL | {"Digits": "1"})
    assert len(daemon.keys) == 2


async def test_it_answers_a_repeated_key_the_same_without_a_second_effect(daemon: Daemon, twilio: Twilio) -> None:
    path = f"/phone/twilio/gather/{ATTEMPT}?turn=1"
    first = await twilio.post(path, CALL | {"Digits": "1"})
    again = await twilio.post(path, CALL | {"Digits": "1"})
    assert first.text == again.text
    assert len(daemon.keys) == 1


async def test_it_hands_over_by_what_a_key_is_known_when_a_key_comes_again_after_a_restart(daemon: Daemon) -> None:
    path = f"/phone/twilio/gather/{ATTEMPT}?turn=1"
    await twilio_of(daemon).post(path, CALL | {"Digits": "1"})
    after_restart = await twilio_of(daemon).post(path, CALL | {"Digits": "1"})
    assert says(after_restart)[0] == "听到过了。"
    assert len(daemon.keys) == 1


async def test_it_asks_for_a_repeat_when_a_key_could_not_be_kept_and_then_keeps_it(
    daemon: Daemon, twilio: Twilio
) -> None:
    daemon.failing = 1
    path = f"/phone/twilio/gather/{ATTEMPT}?turn=1"
    assert (await twilio.post(path, CALL | {"Digits": "1"})).status_code == 500
    assert says(await twilio.post(path, CALL | {"Digits": "1"}))[0] == "第1次按键。"
    assert daemon.keys == [(ATTEMPT, "CA1", "1")]


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}, SendStatus.UNDELIVERED, "30003"),
        ({"SmsSid": "SM1", "SmsStatus": "delivered"}, SendStatus.DELIVERED, ""),
        ({"CallSid": "SM1", "CallStatus": "no-answer", "SequenceNumber": "2"}, SendStatus.UNANSWERED, ""),
        ({"CallSid": "SM1", "CallStatus": "in-progress", "SequenceNumber": "1"}, SendStatus.ANSWERED, ""),
    ],
)
async def test_it_reports_what_became_of_a_message(
    daemon: Daemon, twilio: Twilio, form: dict[str, str], status: SendStatus, code: str
) -> None:
    for _ in range(2):
        assert (await twilio.post(f"/phone/twilio/status/{ATTEMPT}", form)).status_code == 204
    (update,) = daemon.updates
    assert (update.attempt, update.sid, update.status, update.code) == (ATTEMPT, "SM1", status, code)


async def test_it_reports_a_status_again_when_it_could_not_be_kept(daemon: Daemon, twilio: Twilio) -> None:
    daemon.failing = 1
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert (await twilio.post(f"/phone/twilio/status/{ATTEMPT}", form)).status_code == 500
    assert (await twilio.post(f"/phone/twilio/status/{ATTEMPT}", form)).status_code == 204
    assert len(daemon.updates) == 1


async def test_it_takes_no_notice_of_a_status_it_does_not_know(daemon: Daemon, twilio: Twilio) -> None:
    with capture_logs() as lines:
        form = {"MessageSid": "SM1", "MessageStatus": "teleported"}
        assert (await twilio.post(f"/phone/twilio/status/{ATTEMPT}", form)).status_code == 204
    assert daemon.updates == []
    assert lines[0]["event"] == "webhook.unknown_status"


async def test_it_hears_a_text_and_answers_it_once(daemon: Daemon, twilio: Twilio) -> None:
    form = {"MessageSid": "SM7", "From": "+8613800001111", "Body": "１ ４８２１", "MediaUrl0": ""}
    replies = [await twilio.post("/phone/twilio/sms", form) for _ in range(2)]
    assert {r.text for r in replies} == {replies[0].text}
    assert "谢谢您！" in replies[0].text
    assert daemon.texts == [("+8613800001111", "１ ４８２１", "SM7")]


@pytest.mark.parametrize("word", ["STOP", "HELP"])
async def test_it_does_not_answer_stop_and_help_for_twilio_has_but_hears_them(
    daemon: Daemon, twilio: Twilio, word: str
) -> None:
    form = {"MessageSid": "SM8", "From": "+8613800001111", "Body": word, "OptOutType": word}
    response = await twilio.post("/phone/twilio/sms", form)
    assert "<Message" not in response.text
    assert daemon.texts == [("+8613800001111", word, "SM8")]


PATHS = (
    f"/phone/twilio/voice/{ATTEMPT}",
    f"/phone/twilio/gather/{ATTEMPT}",
    f"/phone/twilio/status/{ATTEMPT}",
    "/phone/twilio/sms",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": ""},
        {"signature": "bm9ib2R5"},
        {"token": "stolen"},
        {"base": "http://10.0.0.7:8080"},
    ],
    ids=["none", "garbage", "another token", "the host header's address"],
)
async def test_it_hears_no_stranger(daemon: Daemon, twilio: Twilio, path: str, wrong: dict[str, str]) -> None:
    form = CALL | {"Digits": "1", "Body": "1 4821", "MessageSid": "SM1", "MessageStatus": "delivered"}
    with capture_logs() as lines:
        response = await twilio.post(path, form, **wrong)
    assert response.status_code == 403
    assert [line["event"] for line in lines] == ["webhook.refused"]
    assert daemon == Daemon()


async def test_it_hears_no_request_that_was_changed_on_the_way(daemon: Daemon, twilio: Twilio) -> None:
    path = f"/phone/twilio/gather/{ATTEMPT}?turn=1"
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, CALL | {"Digits": "2"})
    assert (await twilio.post(path, CALL | {"Digits": "1"}, signature=signature)).status_code == 403
    assert daemon.keys == []


async def test_it_knows_both_tokens_while_one_is_being_replaced(daemon: Daemon) -> None:
    twilio = twilio_of(daemon, tokens=("next-token", TOKEN))
    path = f"/phone/twilio/voice/{ATTEMPT}"
    assert (await twilio.post(path, CALL, token=TOKEN)).status_code == 200
    assert (await twilio.post(path, CALL, token="next-token")).status_code == 200
    assert (await twilio.post(path, CALL, token="")).status_code == 403


async def test_it_lets_nobody_in_with_an_empty_token(daemon: Daemon) -> None:
    twilio = twilio_of(daemon, tokens=("",))
    assert (await twilio.post(f"/phone/twilio/voice/{ATTEMPT}", CALL, token="")).status_code == 403


async def test_it_checks_the_public_address_with_its_own_path(daemon: Daemon) -> None:
    twilio = twilio_of(daemon, public_url="https://care.example/alarmd")
    response = await twilio.post(f"/phone/twilio/voice/{ATTEMPT}", CALL, base="https://care.example/alarmd")
    assert response.status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_it_is_only_posted_to(twilio: Twilio, path: str) -> None:
    assert (await twilio.raw("GET", path)).status_code == 405


async def test_it_refuses_what_no_provider_sends(daemon: Daemon, twilio: Twilio) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "c2lnbmVk"}
    huge = await twilio.raw("POST", PATHS[0], content="a=" + "x" * 70_000, headers=form)
    assert huge.status_code == 413
    assert (
        await twilio.raw("POST", PATHS[0], content="{}", headers=form | {"Content-Type": "application/json"})
    ).status_code == 415
    assert (await twilio.raw("POST", PATHS[0], content="=&" * 300, headers=form)).status_code == 400
    assert daemon == Daemon()


async def test_what_bears_no_signature_is_not_read(daemon: Daemon, twilio: Twilio) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in ("a=" + "x" * 70_000, "=&" * 300, "a=1"):
        assert (await twilio.raw("POST", PATHS[0], content=content, headers=form)).status_code == 403
    assert daemon == Daemon()


LONGEST = {"From": "+8613800000001", "Body": "救" * 1600, "MessageSid": "SM1"}


async def test_long_forms_that_are_forged_hold_no_key_up(daemon: Daemon, twilio: Twilio) -> None:
    """A hundred of them take seconds to read; a key is pressed meanwhile."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "c2lnbmVk"}
    forged = [
        asyncio.create_task(twilio.raw("POST", PATHS[0], content="a=" + "%41" * 10_000, headers=form))
        for _ in range(30)
    ]
    answer = await twilio.post(f"/phone/twilio/gather/{ATTEMPT}", CALL | {"Digits": "1"})
    assert answer.status_code == 200
    assert not all(one.done() for one in forged), "the key did not wait for them"
    answers = Counter(one.status_code for one in await asyncio.gather(*forged))
    assert answers == {403: MOST_LONG_OF_ONE, 503: len(forged) - MOST_LONG_OF_ONE}, (
        "a line without end fills the memory"
    )
    assert (await twilio.post("/phone/twilio/sms", LONGEST)).status_code == 200


async def test_the_longest_text_there_is_is_taken(daemon: Daemon, twilio: Twilio) -> None:
    assert (await twilio.post("/phone/twilio/sms", LONGEST)).status_code == 200


def test_its_callback_address_is_what_is_signed() -> None:
    assert dict(parse_qsl(TUNING.removeprefix("#"))) == {"ct": "2000", "rt": "5000", "rc": "3", "rp": "all"}


@pytest.mark.parametrize(
    "path", [f"/phone/twilio/voice/{ATTEMPT}", f"/phone/twilio/gather/{ATTEMPT}", "/phone/twilio/sms"]
)
async def test_what_speaks_for_another_account_is_refused_though_it_is_signed(
    twilio: Twilio, daemon: Daemon, path: str
) -> None:
    with capture_logs() as lines:
        answer = await twilio.post(path, CALL | {"AccountSid": "AC2", "Digits": "1", "Body": "1 4821"})
    assert answer.status_code == 403
    assert (daemon.answers, daemon.keys, daemon.texts) == ([], [], [])
    assert lines[0]["event"] == "webhook.refused"
    assert (await twilio.post(path, CALL | {"Digits": "1", "Body": "1 4821"})).status_code == 200


def test_a_flood_of_forgeries_is_a_line_now_and_then_for_each_sender() -> None:
    now = 0.0
    refusals = Refusals(lambda: now)
    with capture_logs() as lines:
        for i in range(1000):
            now = i / 100
            refusals.note("203.0.113.9", "/phone/twilio/voice/" + "_at_" * 2000, 60_000)
        refusals.note("203.0.113.10", "/phone/twilio/sms", 10)
        now = 20.0
        refusals.note("203.0.113.9", "/phone/twilio/sms", 10)
    assert [(line["client"], line.get("since_the_last")) for line in lines] == [
        ("203.0.113.9", None),
        ("203.0.113.10", None),
        ("203.0.113.9", 999),
    ]
    assert len(lines[0]["path"]) == 200
