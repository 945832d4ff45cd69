"""The telephone network and the accounts that alarmd has there, as Twilio behaves: what it takes, refuses and loses."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field

from alarmd.phone.provider import Outgoing
from escalation.people import Channel
from tests.simulation.machine import Machine
from tests.simulation.people import Ear, Person
from tests.simulation.webhooks import serve

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
    over: bool = False  # nobody talks and nothing rings any more
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
        self.passing: set[tuple[str, Channel]] = set()  # of these: what heals when everything does
        self.codes: dict[tuple[str, Channel], set[str]] = {}  # every code that alarmd was ever told, by number
        self.repeats, self.losses, self.delay = 0.0, 0.0, 0.5  # of callbacks
        self.dies_at_find = False  # the power fails when alarmd next asks what became of a message
        self._count = 0
        self._replies: dict[int, Callable[[int, str], None]] = {}
        machine.on_down.append(self._connections_break)

    def well_for(self) -> float:
        """For how long every account has worked."""
        if any(account.mode != "well" for account in self.accounts):
            return 0.0
        return self.loop.time() - max(account.well_since for account in self.accounts)

    def is_closed(self, person: str, channel: str) -> bool:
        """Whether nothing arrives at somebody by that channel, sooner or later told."""
        numbers = {number for number, by in (*self.refusals, *self.failures) if by == channel}
        return any(person in self.who(number).ids for number in numbers)

    def number_of(self, person: str) -> str:
        """The telephone of somebody in the directory; empty where they have none."""
        return next((number for number, one in self.people.items() if person in one.ids), "")

    def owner(self, person: str) -> str:
        """By what name the world knows whoever answers for that id."""
        number = self.number_of(person)
        return self.people[number].id if number else person

    def heal(self) -> None:
        """What was only for now is over."""
        for refused in (self.refusals, self.failures):
            for key in self.passing & set(refused):
                del refused[key]

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
        if (code := self._fails(taken)) is not None:
            self.report(taken, "undelivered", code)
            return
        self.report(taken, "delivered")
        self.machine.story.tell(person.id, f"gets text {taken.sid} of {taken.attempt[:4]}")
        if (ear := self._ear(taken)) is not None:
            await person.reads(ear)

    def _fails(self, taken: Taken) -> str | None:
        code = self.failures.get((taken.to, taken.channel))
        if code is not None:
            taken.failed = True
            self.codes.setdefault((taken.to, taken.channel), set()).add(code)
        return code

    async def _call(self, taken: Taken) -> None:
        await self._ring(taken)
        taken.over = True

    async def _ring(self, taken: Taken) -> None:
        person = self.who(taken.to)
        self.report(taken, "initiated")
        await asyncio.sleep(self.dice.uniform(0.5, 3.0))
        if (code := self._fails(taken)) is not None:
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
        if ear is None:
            return
        for digits in person.keys(ear):
            await asyncio.sleep(person.thinks())
            turn = _TURN.search(heard)
            if turn is None:  # the call was ended with a closing sentence
                return
            said = ear.presses(digits)
            answer = await self._ask(taken, "gather", f"?turn={turn[1]}", {"Digits": digits})
            if answer is None:
                return
            person.record.hears(said)
            heard = answer

    def _ear(self, taken: Taken) -> Ear | None:
        found = self.machine.disk.query(
            "SELECT o.incident, o.purpose, o.person, i.code FROM outbox o JOIN incident i ON i.id = o.incident "
            "WHERE o.attempt = ?",
            taken.attempt,
        )
        if not found:  # somebody's words for the desk, of no alarm
            return None
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

    def send_text(self, sender: str, body: str, heard: Callable[[], None]) -> None:
        """Somebody texts alarmd; ``heard`` is called once it has said that it took it."""
        told: list[int] = []

        def taken(status: int, _answer: str) -> None:
            if status == 200 and not told:
                told.append(status)
                heard()

        self._count += 1
        form = {"From": sender, "Body": body, "MessageSid": f"SMin{self._count:05d}"}
        self.machine.story.tell(self.who(sender).id, f"texts {body!r}")
        for _ in range(1 + (self.dice.random() < self.repeats)):
            delay = self.dice.expovariate(1 / self.delay)
            self.loop.call_later(delay, self._post, "sms", "", "", form, taken, context=Context())

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
