"""The people behind the numbers: they answer, ignore, hang up, press wrong keys, say yes and never come.

Behind one number may be several: a couple, a member of a circle whose telephone is the circle's, a resident who helps
others. Whatever is said there, is said by that telephone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.simulation.town import STAFF

WHICHEVER = ""  # said without a code: of the alarm that is open for them, if there is only one
MOODS = ("helpful", "declines", "ignores", "voicemail", "confused", "fickle", "hangs up", "texts", "silent texter")
OF_A_DESK = (*MOODS, "slow", "wavers")  # who takes a hand-off late, or says no and then yes
CRIES = ("救命", "我摔倒了，起不来", "help me, I fell")
WORDS = ("她没有呼吸了，快", "she is not breathing, hurry", "门打不开")
VERIFY = "verify"
HANDOFFS = ("handoff", "handoff_update", "handoff_cancel")
_NO_QUESTION = {"taken", "raised", "handoff_cancel", "said", "handoff_refused", "moved"}


class Said(NamedTuple):
    """What a person really did: pressed, texted, or told the operator."""

    at: float
    person: str
    incident: str  # or WHICHEVER
    digit: str  # 1 go or confirmed, 2 cannot or refused, 3 there
    via: str
    purpose: str = ""  # of the message that they answered


class Words(NamedTuple):
    """What somebody wrote with the code of an alarm, that is no answer."""

    at: float
    person: str
    incident: str
    body: str


class Record:
    """What everybody said, for the verdict."""

    def __init__(self, time: Callable[[], float], tell: Callable[[str, str], None]) -> None:
        self.time = time
        self.tell = tell
        self.said: list[Said] = []
        self.heard: list[tuple[float, Said]] = []  # and when alarmd had answered to the provider
        self.read: list[tuple[float, Words]] = []

    def says(self, person: str, incident: str, digit: str, via: str, purpose: str = "") -> Said | None:
        """It was meant, whether alarmd heard it or not; None where it is no answer."""
        if digit not in {"1", "2", "3"}:
            return None
        said = Said(self.time(), person, incident, digit, via, purpose)
        self.said.append(said)
        self.tell(person, f"says {digit} to {incident} by {via}")
        return said

    def hears(self, what: Said | Words | None) -> None:
        """alarmd has taken it, and said so to the provider."""
        if isinstance(what, Said):
            self.heard.append((self.time(), what))
        elif what is not None:
            self.read.append((self.time(), what))


class Ear(NamedTuple):
    """What somebody knows about a message they got."""

    person: Person
    incident: str
    purpose: str
    code: str
    send: Callable[[str, str, Callable[[], None]], None]
    spawn: Callable[[Awaitable[None]], None]

    def presses(self, digits: str) -> Said | None:
        """A key, in a call; pressed twice it is that key."""
        digits = digits[:1] if len(set(digits)) == 1 else digits
        if digits in {"1", "2"} or (digits == "3" and self.purpose != VERIFY and self.purpose not in HANDOFFS):
            said = self.person.record.says(self.person.id, self.incident, digits, "voice", self.purpose)
            if digits == "1" and self.purpose != VERIFY:
                self.spawn(self.person.goes(self))
            return said
        return None


class Person:
    """One telephone and whoever answers it.

    Args:
        ids: As the directory has them; the first is the one they are called by.
        number: E.164.
        dice: Decides what they do.
        record: Where what they said is kept.
    """

    def __init__(self, ids: tuple[str, ...], number: str, dice: random.Random, record: Record) -> None:
        self.ids = ids
        self.id = ids[0]
        self.number = number
        self.dice = dice
        self.record = record
        self.mood = dice.choice(OF_A_DESK if self.is_staff else MOODS)
        self._going: set[str] = set()

    @property
    def is_staff(self) -> bool:
        """Whether a desk or the ambulance line has this telephone."""
        return any(one.startswith(STAFF) for one in self.ids)

    @property
    def homes(self) -> tuple[str, ...]:
        """Who lives where the telephone is, by the ids of residents."""
        return tuple(one.removeprefix("resident:") for one in self.ids if one.startswith("resident:"))

    def picks_up(self) -> tuple[str, float]:
        """Whether they take a call, and after how long."""
        seconds = self.dice.uniform(3.0, 30.0)
        match self.mood:
            case "ignores" | "silent texter":
                return self.dice.choice([("no-answer", 45.0), ("busy", 2.0)])
            case "voicemail":
                return "voicemail", 25.0
            case _ if self.dice.random() < 0.15:
                return "no-answer", 45.0
            case _:
                return "answers", seconds

    def keys(self, ear: Ear) -> list[str]:
        """What they press, one after the other."""
        usual = "1" if self.dice.random() < 0.85 else "3"
        match self.mood:
            case "helpful" | "fickle" if ear.purpose == VERIFY:
                return [self.dice.choice(["1", "2"])]
            case "helpful" | "fickle" | "slow":
                return [usual]
            case "wavers" | "declines":
                return ["2" if self.mood == "declines" else self.dice.choice(["1", "2"])]
            case "confused":
                return [self.dice.choice(["*", "7", "", "11", "#", "1", "2"]) for _ in range(self.dice.randint(1, 4))]
            case "texts" if self.dice.random() < 0.3:
                return ["1"]
            case _:
                return []

    def thinks(self) -> float:
        """Seconds until the next key."""
        return self.dice.uniform(20.0, 150.0) if self.mood == "slow" else self.dice.uniform(1.0, 9.0)

    async def reads(self, ear: Ear) -> None:
        """A text came; they may reply."""
        if ear.purpose == "closed" and self.dice.random() < 0.1:
            await asyncio.sleep(self.dice.uniform(3.0, 60.0))
            self._writes(ear)
            return
        willing = {"texts": 0.8, "silent texter": 0.5, "confused": 0.4, "declines": 0.3, "helpful": 0.2, "fickle": 0.3}
        if (ear.purpose in _NO_QUESTION or ear.purpose == "closed") and self.mood != "confused":
            return
        if self.dice.random() > willing.get(self.mood, 0.0):
            return
        await asyncio.sleep(self.dice.uniform(3.0, 60.0))
        if self.mood == "confused":
            self._mumbles(ear)
        elif self.mood == "declines":
            self.texts(ear, "2")
        else:
            self.texts(ear, self.dice.choice(["1", "1", "1", "2", "3"]))

    def _mumbles(self, ear: Ear) -> None:
        wrong = f"{(int(ear.code) + 1) % 10000:04d}"
        words = ["1", f"1 {wrong}", "什么?", f"{ear.code}", f"9 {ear.code}", "STOP IT", f"1 2 {ear.code}"]
        body = self.dice.choice(words)
        self.record.says(self.id, WHICHEVER, body, "sms", ear.purpose)
        ear.send(self.number, body, lambda: None)

    def _writes(self, ear: Ear) -> None:
        words = Words(self.record.time(), self.id, ear.incident, f"{ear.code} {self.dice.choice(WORDS)}")
        ear.send(self.number, words.body, lambda: self.record.hears(words))

    def texts(self, ear: Ear, digit: str) -> None:
        """A reply with the code, in one of the ways people write it."""
        if digit == "3" and ear.purpose in HANDOFFS:
            digit = "1"
        words = {"1": "我去", "2": "去不了", "3": "到了"}[digit]
        body = self.dice.choice([f"{digit} {ear.code}", f"{ear.code} {digit}", f"{words} {ear.code}"])
        said = self.record.says(self.id, ear.incident, digit, "sms", ear.purpose)
        ear.send(self.number, body, lambda: self.record.hears(said))
        if digit == "1":
            ear.spawn(self.goes(ear))

    async def goes(self, ear: Ear) -> None:
        """Somebody said they go; it shows whether they do."""
        if ear.incident in self._going:
            return
        self._going.add(ear.incident)
        for digit, chance, longest in (("1", 0.3, 100.0), ("2", 0.1, 200.0), ("3", 0.6, 500.0)):
            if self.mood != "fickle" and self.dice.random() < chance:
                await asyncio.sleep(self.dice.uniform(10.0, longest))
                self.texts(ear, digit)
