"""kill -9 at each point of a commit while a webhook is taken: asked again, it has its whole effect, and has it once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from twilio.request_validator import RequestValidator

from alarmd.clock import SystemClock
from alarmd.store.sqlite import CommitPoint
from simulators.town import Town
from simulators.twilio import LookAlike
from tests.support.killing import arm, killing
from tests.support.mqtt import RawClient
from tests.support.pressing import SIGNAL
from tests.support.running import Running

NEIGHBOUR, NEVER = "+447700900001", 1e6
PLAN = """
[plan.standard]
signals = ["sos", "fall"]
[[plan.standard.step]]
contact = "contacts"
count = 2
wait = "1h"
[[plan.standard.step]]
contact = "desk"
"""
Webhook = Callable[[Running], tuple[str, dict[str, str]]]


def attempt(alarmd: Running, channel: str) -> str:
    rows = alarmd.rows(f"SELECT attempt FROM outbox WHERE destination = '{NEIGHBOUR}' AND channel = '{channel}'")  # noqa: S608 - our own words
    return str(rows[0]["attempt"])


def key(digit: str) -> Webhook:
    def form(alarmd: Running) -> tuple[str, dict[str, str]]:
        path = f"/phone/twilio/gather/{attempt(alarmd, 'voice')}?turn=1"
        return path, {"CallSid": "CA1", "Digits": digit, "CallStatus": "in-progress"}

    return form


def text(answer: str) -> Webhook:
    def form(alarmd: Running) -> tuple[str, dict[str, str]]:
        code = alarmd.rows("SELECT code FROM incident")[0]["code"]
        return "/phone/twilio/sms", {"MessageSid": "SM1", "From": NEIGHBOUR, "Body": f"{answer} {code}"}

    return form


def undelivered(alarmd: Running) -> tuple[str, dict[str, str]]:
    form = {"MessageSid": "", "MessageStatus": "undelivered", "ErrorCode": "30006"}
    return f"/phone/twilio/status/{attempt(alarmd, 'sms')}", form


CASES = [
    *((key("1"), "incident.accepted", point) for point in CommitPoint),
    *((text("1"), "incident.accepted", point) for point in (CommitPoint.BEFORE_COMMIT, CommitPoint.AFTER_COMMIT)),
    *((undelivered, "message.refused", point) for point in (CommitPoint.BEFORE_COMMIT, CommitPoint.AFTER_COMMIT)),
]


async def post(alarmd: Running, token: str, path: str, form: dict[str, str]) -> httpx.Response:
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(alarmd.web + path, form)}
    async with httpx.AsyncClient(base_url=alarmd.web, trust_env=False) as web:
        return await web.post(path, data=form, headers=headers)


@pytest.mark.parametrize(("webhook", "entry", "point"), CASES)
async def test_what_a_person_said_is_lost_at_no_point_of_a_commit(
    tmp_path: Path, webhook: Webhook, entry: str, point: CommitPoint
) -> None:
    town = Town(SystemClock())
    for number in (NEIGHBOUR, "+447700900005"):
        reception = town.handset(number).reception
        reception.callbacks, reception.text_delay, reception.ring_delay = "never", NEVER, NEVER
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "standard.toml").write_text(PLAN)
    async with LookAlike(town) as provider:
        account = (
            f'[[phone]]\naccount_sid = "{provider.account}"\nauth_token = "{provider.token}"\n'
            f'numbers = ["{provider.numbers[0]}"]\napi_base = "{provider.url}"\nmessages_per_second = 100\n'
        )
        async with Running(tmp_path, more=account, before=killing(point, 1)) as alarmd:
            alarmd.fill()
            await alarmd.start()
            async with await RawClient.connect(alarmd.port) as button:
                button.publish(SIGNAL, b'{"ref":"1"}')
                for channel in ("sms", "voice"):
                    await alarmd.until_logged("message.sent", fits=lambda e: e.data["channel"] == channel)  # noqa: B023 - asked at once
            path, form = webhook(alarmd)
            arm(alarmd.pid)
            with pytest.raises(httpx.TransportError):
                await post(alarmd, provider.token, path, form)
            assert await alarmd.until_it_ends() == -signal.SIGKILL
        async with Running(tmp_path, more=account) as alarmd:
            await alarmd.start()
            assert (await post(alarmd, provider.token, path, form)).is_success
            assert len(alarmd.log(entry)) == 1
            assert (await post(alarmd, provider.token, path, form)).is_success
            assert len(alarmd.log(entry)) == 1
            assert not alarmd.log("incident.coming")
            await alarmd.stop()
    await town.close()
