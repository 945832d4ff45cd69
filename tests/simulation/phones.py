"""The telephone network and the accounts that alarmd has there, as Twilio behaves: what it takes, refuses and loses."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from twilio.request_validator import RequestValidator

from alarmd.phone import codes
from alarmd.phone.provider import Accepted, Outcome, Outgoing, Rejected, Remedy, Unknown
from alarmd.phone.twilio import CLOCK_SKEW, SETTLES_AFTER
from alarmd.store import StoreError
from escalation.people import Channel
from tests.simulation.machine import START, Alarmd, Machine
from tests.simulation.people import Ear, Person
from tests.simulation.town import PUBLIC_URL, TOKEN

FORM = b"application/x-www-form-urlencoded"
GIVES_UP_AFTER = 15.0  # seconds that Twilio waits for a webhook, and alarmd for Twilio
TRIES = 4
_TURN = re.compile(r"turn=(\d+)")


@dataclass
class Taken:
    """A text or call that an account took."""

    sid: str
    attempt: str
    channel: Channel
    to: str
    body: str
    account: str
    at: float
    failed: bool = False
    picked_up: bool = False  # or rung out
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # hung up on before that


@dataclass
class Account:
    """One account and how it is today: well, throttled, errors, dark, deaf, suspended, hangs."""

    name: str
    mode: str = "well"
    well_since: float = 0.0
    taken: list[Taken] = field(default_factory=list)
    next_call: float = 0.0


@dataclass
class Asked:
    """One request of alarmd to an account."""

    at: float
    account: str
    message: Outgoing
    what: str  # send or find
    outcome: str = "?"
    taken: Taken | None = None


class Phones:
    """Accounts, lines, and the webhooks that come back."""

    def __init__(self, machine: Machine, dice: random.Random, people: dict[str, Person]) -> None:
        self.machine = machine
        self.loop = machine.loop
        self.dice = dice
        self.people = people
        self.accounts = [Account("A")]
        self.asked: list[Asked] = []
        self.on_send: Callable[[Asked], None] = lambda _asked: None
        self.on_hang_up: Callable[[Taken], None] = lambda _taken: None
        self.refusals: dict[tuple[str, Channel], str] = {}  # at once, by number and channel
        self.failures: dict[tuple[str, Channel], str] = {}  # later, by status callback
        self.repeats, self.losses, self.delay = 0.0, 0.0, 0.5  # of callbacks
        self.dies_at_find = False  # the power fails when alarmd next asks what became of a message
        self._count = 0
        self._replies: dict[int, Callable[[int, str], None]] = {}
        machine.on_down.append(self._connections_break)
        machine.providers = self.providers

    def providers(self) -> list[Any]:
        """As a start of alarmd makes them: they remember nothing."""
        return [Provider(self, account) for account in self.accounts]

    def well_for(self) -> float:
        """For how long every account has worked."""
        if any(account.mode != "well" for account in self.accounts):
            return 0.0
        return self.loop.time() - max(account.well_since for account in self.accounts)

    def is_closed(self, person: str, channel: str) -> bool:
        """Whether nothing arrives at somebody by that channel, sooner or later told."""
        return any(self.who(number).id == person and by == channel for number, by in (*self.refusals, *self.failures))

    def set_mode(self, account: Account, mode: str) -> None:
        """From now on the account behaves so."""
        self.machine.story.tell("provider", f"{account.name} is {mode}")
        account.mode, account.well_since = mode, self.loop.time()

    def spawn(self, story: Awaitable[None]) -> None:
        """Let something go on in the world."""
        self.loop.create_task(story, context=Context())  # type: ignore[arg-type]  # always a coroutine

    # ------------------------------------------------------------ taking

    def take(self, account: Account, message: Outgoing) -> Taken:
        """The account takes a message; from now on it may ring."""
        self._count += 1
        kind = "SM" if message.channel is Channel.SMS else "CA"
        taken = Taken(
            sid=f"{kind}{self._count:05d}",
            attempt=message.attempt,
            channel=message.channel,
            to=message.to,
            body=message.body,
            account=account.name,
            at=self.loop.time(),
        )
        account.taken.append(taken)
        self.machine.story.count(f"taken {message.channel}")
        self.spawn(self._text(taken) if message.channel is Channel.SMS else self._call(taken))
        return taken

    def who(self, number: str) -> Person:
        """Whose phone it is."""
        return self.people[number]

    async def _text(self, taken: Taken) -> None:
        person = self.who(taken.to)
        await asyncio.sleep(self.dice.uniform(0.3, 3.0))
        self.report(taken, "sent")
        await asyncio.sleep(self.dice.uniform(0.3, 6.0))
        if code := self.failures.get((taken.to, taken.channel)):
            taken.failed = True
            self.report(taken, "undelivered", code)
            return
        self.report(taken, "delivered")
        self.machine.story.tell(person.id, f"gets text {taken.sid} of {taken.attempt[:4]}")
        await person.reads(self._ear(taken))

    async def _call(self, taken: Taken) -> None:
        person = self.who(taken.to)
        self.report(taken, "initiated")
        await asyncio.sleep(self.dice.uniform(0.5, 3.0))
        if code := self.failures.get((taken.to, taken.channel)):
            taken.failed = True
            self.report(taken, "failed", code)
            return
        how, seconds = person.picks_up()
        if not taken.ended.is_set():
            self.report(taken, "ringing")
            self.machine.story.tell(person.id, f"phone rings ({taken.sid} of {taken.attempt[:4]}): {how}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(taken.ended.wait(), seconds)
        if taken.ended.is_set():
            self.report(taken, "canceled")
            return
        taken.picked_up = True
        if how in {"busy", "no-answer"}:
            self.report(taken, how)
            return
        self.report(taken, "in-progress")
        heard = await self._ask(taken, "voice", "", {"AnsweredBy": "machine_start" if how == "voicemail" else "human"})
        if how == "answers" and heard is not None:
            await self._talk(taken, person, heard)
        self.report(taken, "completed")

    async def _talk(self, taken: Taken, person: Person, heard: str) -> None:
        ear = self._ear(taken)
        for digits in person.keys(ear):
            await asyncio.sleep(self.dice.uniform(1.0, 9.0))
            turn = _TURN.search(heard)
            if turn is None:  # the call was ended with a closing sentence
                return
            ear.presses(digits)
            answer = await self._ask(taken, "gather", f"?turn={turn[1]}", {"Digits": digits})
            if answer is None:
                return
            heard = answer

    def _ear(self, taken: Taken) -> Ear:
        found = self.machine.disk.query(
            "SELECT o.incident, o.purpose, o.person, i.code FROM outbox o JOIN incident i ON i.id = o.incident "
            "WHERE o.attempt = ?",
            taken.attempt,
        )
        row = found[0]
        return Ear(
            person=self.who(taken.to),
            incident=row["incident"],
            purpose=row["purpose"],
            code=row["code"],
            send=self.send_text,
            spawn=self.spawn,
        )

    # ------------------------------------------------------------ webhooks

    def report(self, taken: Taken, state: str, code: str = "") -> None:
        """A status callback: late, twice, or never, as it comes."""
        word, sid = ("MessageStatus", "MessageSid") if taken.channel is Channel.SMS else ("CallStatus", "CallSid")
        form = {word: state, sid: taken.sid} | ({"ErrorCode": code} if code else {})
        for _ in range(1 + (self.dice.random() < self.repeats)):
            if self.dice.random() < self.losses:
                self.machine.story.count("callbacks lost")
                continue
            delay = self.dice.expovariate(1 / self.delay)
            self.loop.call_later(
                delay, self._post, "status", taken.attempt, "", form, lambda _code, _text: None, context=Context()
            )

    def send_text(self, sender: str, body: str) -> None:
        """Somebody texts alarmd."""
        self._count += 1
        form = {"From": sender, "Body": body, "MessageSid": f"SMin{self._count:05d}"}
        self.machine.story.tell(self.who(sender).id, f"texts {body!r}")
        for _ in range(1 + (self.dice.random() < self.repeats)):
            delay = self.dice.expovariate(1 / self.delay)
            self.loop.call_later(delay, self._post, "sms", "", "", form, lambda _c, _t: None, context=Context())

    async def _ask(self, taken: Taken, kind: str, query: str, form: dict[str, str]) -> str | None:
        """A webhook whose answer is spoken; None where alarmd did not answer in time."""
        answer = self.loop.create_future()

        def reply(status: int, text: str) -> None:
            if not answer.done():
                answer.set_result(text if status == 200 else None)

        whole = form | {"CallSid": taken.sid}
        self._post(kind, taken.attempt, query, whole, reply)
        if self.dice.random() < self.repeats:
            again = self.dice.uniform(0.0, 8.0)
            self.loop.call_later(
                again, self._post, kind, taken.attempt, query, whole, lambda _c, _t: None, context=Context()
            )
        said: str | None = await answer
        return said

    def _post(
        self,
        kind: str,
        attempt: str,
        query: str,
        form: dict[str, str],
        reply: Callable[[int, str], None],
        tries: int = TRIES,
    ) -> None:
        def answered(status: int, text: str) -> None:
            if status in {200, 204} or tries <= 1:
                reply(status, text)
                return
            wait = self.dice.uniform(0.2, 4.0)
            self.loop.call_later(wait, self._post, kind, attempt, query, form, reply, tries - 1, context=Context())

        alarmd, process = self.machine.running, self.machine.process
        if alarmd is None or process is None:
            answered(0, "")
            return
        self._count += 1
        number = self._count
        self._replies[number] = answered
        task = self.loop.create_task(
            serve(alarmd, kind, attempt, query, form, self.machine), context=process.context.copy()
        )
        task.add_done_callback(lambda done: self._reply(number, *done.result()), context=Context())
        self.loop.call_later(GIVES_UP_AFTER, self._reply, number, 0, "", context=Context())

    def _reply(self, number: int, status: int, text: str) -> None:
        if (reply := self._replies.pop(number, None)) is not None:
            reply(status, text)

    def _connections_break(self) -> None:
        for number in list(self._replies):
            self.loop.call_soon(self._reply, number, 0, "", context=Context())


async def serve(
    alarmd: Alarmd, kind: str, attempt: str, query: str, form: dict[str, str], machine: Machine
) -> tuple[int, str]:
    """One request to alarmd's webhooks, signed as Twilio signs; returns status and body."""
    path = f"/phone/twilio/{kind}" + (f"/{attempt}" if attempt else "")
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path + query, form)
    body = urlencode(form).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "query_string": query.removeprefix("?").encode(),
        "headers": [(b"content-type", FORM), (b"x-twilio-signature", signature.encode()), (b"host", b"alarm.example")],
        "client": ("192.0.2.1", 1),
        "server": ("alarm.example", 443),
    }
    request = Request(scope, receive)
    hooks = alarmd.webhooks
    try:
        match kind:
            case "voice":
                response = await hooks.answered(attempt, request)
            case "gather":
                response = await hooks.pressed(attempt, request)
            case "status":
                response = await hooks.reported(attempt, request)
            case _:
                response = await hooks.texted(request)
    except HTTPException as error:
        machine.story.wrong("a signed webhook was refused", f"{kind}: {error.detail}")
        return error.status_code, ""
    except StoreError:
        return 500, ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and is told with the seed
        machine.story.wrong("a webhook failed", f"{kind} {attempt}: {error!r}")
        return 500, ""
    return response.status_code, bytes(response.body).decode()


class Provider:
    """alarmd's side of one account: three-valued, as `alarmd.phone.twilio`."""

    def __init__(self, phones: Phones, account: Account) -> None:
        self._phones = phones
        self._account = account
        self._remembered: dict[str, str] = {}

    @property
    def name(self) -> str:
        return f"sim:{self._account.name}"

    async def usable(self) -> str | None:
        return None

    async def close(self) -> None:
        """Nothing is held."""

    async def send(self, message: Outgoing) -> Outcome:
        phones, dice = self._phones, self._phones.dice
        asked = Asked(phones.loop.time(), self._account.name, message, "send")
        phones.asked.append(asked)
        phones.on_send(asked)
        if message.channel is Channel.VOICE:
            turn = max(phones.loop.time(), self._account.next_call)
            self._account.next_call = turn + 1.0
            await asyncio.sleep(turn - phones.loop.time())
        await asyncio.sleep(dice.uniform(0.05, 0.5))
        outcome = await self._outcome(message, asked)
        if isinstance(outcome, Accepted):
            self._remembered[outcome.sid] = message.attempt
        what = f"{message.channel.value} {message.attempt[:4]} to {phones.who(message.to).id}"
        phones.machine.story.tell("provider", f"{self._account.name} {what}: {asked.outcome}")
        return outcome

    async def _outcome(self, message: Outgoing, asked: Asked) -> Outcome:
        account, dice = self._account, self._phones.dice
        mode = account.mode
        asked.outcome = mode
        if mode == "throttled" and dice.random() < 0.7:
            return Rejected(
                code="20429", reason="too many", remedy=Remedy.BACK_OFF, retry_after=dice.choice([None, 2.0])
            )
        if mode == "suspended":
            return Rejected(code="20003", reason="account", remedy=Remedy.NEXT_PROVIDER)
        if mode == "dark":
            return Rejected(code="", reason="cannot be reached", remedy=Remedy.NEXT_PROVIDER)
        if mode in {"errors", "deaf", "hangs"} and dice.random() < 0.8:
            took = mode == "deaf" or dice.random() < 0.4
            if took:
                asked.taken = self._phones.take(account, message)
            asked.outcome = f"{mode}, {'taken' if took else 'not taken'}"
            await asyncio.sleep({"errors": 0.2, "deaf": GIVES_UP_AFTER, "hangs": 35.0}[mode])
            return Unknown(reason=f"no answer ({mode})")
        if code := self._phones.refusals.get((message.to, message.channel)):
            asked.outcome = f"refused {code}"
            meaning = codes.look_up(code)
            return Rejected(code=code, reason=meaning.reason, remedy=meaning.remedy)
        asked.taken = self._phones.take(account, message)
        asked.outcome = f"taken as {asked.taken.sid}"
        return Accepted(sid=asked.taken.sid)

    async def hang_up(self, sid: str) -> str | None:
        """As Twilio's *canceled*: ends what rings, and leaves alone what was taken."""
        phones, account = self._phones, self._account
        await asyncio.sleep(phones.dice.uniform(0.05, 0.5))
        if account.mode in {"dark", "suspended", "hangs", "errors"}:
            return "the provider cannot do it now"
        taken = next((one for one in account.taken if one.sid == sid), None)
        if taken is None:
            return "there is no such call"
        phones.on_hang_up(taken)
        if not taken.picked_up:
            phones.machine.story.tell("provider", f"{account.name} hangs up {sid} of {taken.attempt[:4]}")
            phones.machine.story.count("hung up")
            taken.ended.set()
        return None

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """As Twilio's lists: by number, time and text; they know no attempt."""
        phones = self._phones
        asked = Asked(phones.loop.time(), self._account.name, message, "find")
        phones.asked.append(asked)
        if phones.dies_at_find and phones.machine.process is not None:
            phones.dies_at_find = False
            phones.machine.process.dies_in = 1
        await asyncio.sleep(phones.dice.uniform(0.05, 0.5))
        if self._account.mode in {"dark", "suspended", "hangs", "errors"}:
            if self._account.mode == "hangs":
                await asyncio.sleep(GIVES_UP_AFTER)  # who hangs with the message hangs with the question too
            asked.outcome = "cannot say"
            return Unknown(reason="the provider cannot say")
        for taken in reversed(self._account.taken):
            if self._is_it(taken, message, since):
                self._remembered[taken.sid] = message.attempt
                asked.outcome, asked.taken = f"found {taken.sid}", taken
                return Accepted(sid=taken.sid)
        asked.outcome = "not there"
        if phones.machine.clock.now() - since < SETTLES_AFTER:
            return Unknown(reason="not in the list yet")
        return Rejected(code="", reason="never taken", remedy=Remedy.BACK_OFF, retry_after=0.0)

    def _is_it(self, taken: Taken, message: Outgoing, since: datetime) -> bool:
        if (taken.to, taken.channel) != (message.to, message.channel):
            return False
        if self._remembered.get(taken.sid, message.attempt) != message.attempt:
            return False
        if START + timedelta(seconds=taken.at) < since - CLOCK_SKEW:
            return False
        return message.channel is Channel.VOICE or taken.body == message.body
