"""The people behind the numbers: they answer, ignore, hang up, press wrong keys, say yes and never come."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

WHICHEVER = ""  # said without a code: of the alarm that is open for them, if there is only one
MOODS = ("helpful", "declines", "ignores", "voicemail", "confused", "fickle", "hangs up", "texts", "silent texter")


class Said(NamedTuple):
    """What a person really did: pressed, texted, or told the operator."""

    at: float
    person: str
    incident: str  # or WHICHEVER
    digit: str  # 1 go or confirmed, 2 cannot or refused, 3 there
    via: str


class Record:
    """What everybody said, for the verdict."""

    def __init__(self, time: Callable[[], float], tell: Callable[[str, str], None]) -> None:
        self.time = time
        self.tell = tell
        self.said: list[Said] = []

    def says(self, person: str, incident: str, digit: str, via: str) -> None:
        """It was meant, whether alarmd heard it or not."""
        if digit in {"1", "2", "3"}:
            self.said.append(Said(self.time(), person, incident, digit, via))
            self.tell(person, f"says {digit} to {incident} by {via}")


class Ear(NamedTuple):
    """What somebody knows about a message they got."""

    person: Person
    incident: str
    purpose: str
    code: str
    send: Callable[[str, str], None]
    spawn: Callable[[Awaitable[None]], None]

    def presses(self, digits: str) -> None:
        """A key, in a call; pressed twice it is that key."""
        digits = digits[:1] if len(set(digits)) == 1 else digits
        if digits in {"1", "2"} or (digits == "3" and not self.purpose.startswith("handoff")):
            self.person.record.says(self.person.id, self.incident, digits, "voice")
            if digits == "1":
                self.spawn(self.person.goes(self))


class Person:
    """One person, or the phone of a desk or line.

    Args:
        id: As the directory has it.
        number: E.164.
        dice: Decides what they do.
        record: Where what they said is kept.
    """

    def __init__(self, id_: str, number: str, dice: random.Random, record: Record) -> None:
        self.id = id_
        self.number = number
        self.dice = dice
        self.record = record
        self.mood = dice.choice(MOODS)
        self._going: set[str] = set()

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
            case "helpful" | "fickle":
                return [usual]
            case "declines":
                return ["2"]
            case "confused":
                return [self.dice.choice(["*", "7", "", "11", "#", "1", "2"]) for _ in range(self.dice.randint(1, 4))]
            case "texts" if self.dice.random() < 0.3:
                return ["1"]
            case _:
                return []

    async def reads(self, ear: Ear) -> None:
        """A text came; they may reply."""
        willing = {"texts": 0.8, "silent texter": 0.5, "confused": 0.4, "declines": 0.3, "helpful": 0.2, "fickle": 0.3}
        if ear.purpose in {"closed", "taken", "raised", "handoff_cancel"} and self.mood != "confused":
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
        self.record.says(self.id, WHICHEVER, body, "sms")
        ear.send(self.number, body)

    def texts(self, ear: Ear, digit: str) -> None:
        """A reply with the code, in one of the ways people write it."""
        if digit == "3" and ear.purpose.startswith("handoff"):
            digit = "1"
        words = {"1": "我去", "2": "去不了", "3": "到了"}[digit]
        body = self.dice.choice([f"{digit} {ear.code}", f"{ear.code} {digit}", f"{words} {ear.code}"])
        self.record.says(self.id, ear.incident, digit, "sms")
        ear.send(self.number, body)
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
