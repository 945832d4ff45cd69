"""What the values of a log entry are called where people read them: alarmd's own words in the reader's language.

What a device, an operator or a neighbour said stays as they said it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType

from alarmd.naming import called
from config.wording import for_later, said, said_again

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_BY_NAME = frozenset({"scope", "type", "signal_type", "meant", "tested", "owner", "contact", "channel", "purpose"})
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "kind": {
            "circles": for_later("circles"),
            "residents": for_later("residents"),
            "responders": for_later("responders"),
            "devices": for_later("devices"),
            "contacts": for_later("contacts"),
            "step": for_later("the next step"),
            "repeat": for_later("ringing again"),
            "arrival": for_later("an arrival"),
            "handoff": for_later("the hand-off"),
            "aftercare": for_later("the reminder to close"),
        },
        "via": {
            "door": for_later("alarmd's own listener"),
            "broker": for_later("the broker"),
            "sms": for_later("text"),
            "voice": for_later("call"),
            "link": for_later("link"),
            "desk": for_later("desk"),
            "check_in": for_later("by its absence"),
        },
        "why": {
            "free_words": for_later("words of their own"),
            "several": for_later("more than one alarm could be meant"),
            "unknown_code": for_later("a code of no alarm of theirs"),
            "no_code": for_later("no code, and no alarm of theirs"),
            "wrong_code": for_later("a wrong code"),
            "wrong_codes": for_later("too many wrong codes"),
            "number_changed": for_later("a call to a number that is theirs no more"),
            "with_answer": for_later("words beside an answer"),
            "resident": for_later("from the resident"),
            "closed": for_later("the alarm is closed"),
            "taken_up": for_later("another alarm has it by now"),
            "stop": for_later("STOP"),
            "help": for_later("HELP"),
            "defect": for_later("a defect of alarmd"),
            "no_phone": for_later("no telephone"),
            "unreachable": for_later("cannot be reached"),
            "alarmd was not running": for_later("alarmd was not running"),
        },
        "who": {"everybody": for_later("everybody")},
        "path": {"door": for_later("alarmd's own listener"), "broker": for_later("the broker")},
        "part": {"loop": for_later("the loop"), "writer": for_later("the database")},
        "scope": {
            "broker": for_later("the broker"),
            "hearing": for_later("the broker passes nothing on"),
            "canary": for_later("its own test press"),
            "writer": for_later("the database"),
            "phones": for_later("the phone providers"),
            "alarmd was not running": for_later("alarmd was not running"),
        },
        "answer": {
            "go": for_later("I go"),
            "cannot": for_later("I cannot"),
            "there": for_later("I am there"),
            "well": for_later("all is well"),
            "help": for_later("help is needed"),
        },
        "type": {"repeats": for_later("repeats")},
    }
)
_SENTENCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reason": (for_later("resident answered: well"),),
        "text": (for_later("no check-in by {time}"),),
        "found": (for_later("due at {time}"),),
    }
)


_READING = re.compile(r"(\w+)( \S+ \(\S+\))")  # as `alarmd.intake.vitals` has it: heart_rate 41 (50-120)
_MEASURED: Mapping[str, str] = MappingProxyType(
    {
        "heart_rate": for_later("heart rate"),
        "systolic": for_later("systolic pressure"),
        "diastolic": for_later("diastolic pressure"),
        "spo2": for_later("oxygen saturation"),
        "temperature": for_later("temperature"),
        "respiration": for_later("respiration"),
        "glucose": for_later("glucose"),
        "steps": for_later("steps"),
    }
)


def of(key: str, value: str) -> str:
    """One value in the reader's words.

    Args:
        key: What it is the value of.
        value: As the log has it.
    """
    if (word := _WORDS.get(key, {}).get(value)) is not None:
        return said(word)
    if key in {"kind", *_BY_NAME}:
        return called(value)
    if key == "text" and (reading := _READING.fullmatch(value)) and reading[1] in _MEASURED:
        return said(_MEASURED[reading[1]]) + reading[2]
    return said_again(value, _SENTENCES.get(key, ()))


def in_zone(value: str, zone: tzinfo) -> str:
    """A value with the moments in it by the reader's clock."""
    return _MOMENT.sub(lambda found: f"{datetime.fromisoformat(found[0]).astimezone(zone):%m-%d %H:%M:%S}", value)


_KNOWN_OF_A_STRANGER: Mapping[str, str] = MappingProxyType(
    {
        "family": for_later("family {value}"),
        "topic": for_later("topic {value}"),
        "via": for_later("by way of {value}"),
        "user": for_later("user {value}"),
        "battery": for_later("battery {value}"),
        "at": for_later("at {value}"),
        "says": for_later("says {value}"),
    }
)


def of_a_stranger(text: str) -> str:
    """All that is known of a device that nobody registered (`alarmd.intake.strangers`), piece by piece."""
    pieces = [piece.partition(" ") for piece in text.split("; ")]
    if not any(name == "family" for name, _, _ in pieces):
        return text
    told = [
        said(_KNOWN_OF_A_STRANGER[name], value=of(name, value))
        if name in _KNOWN_OF_A_STRANGER
        else f"{name}{gap}{value}"
        for name, gap, value in pieces
    ]
    return said("; ").join(told)


_LOCAL_USER = re.compile(r"uid:(\d+)(?: ([^(]*?))?(?: \(sudo: uid:(\d+)(?: (.*))?\))?")


_OWN_TOKEN = {"this machine": for_later("this machine")}  # as `alarmd.web.tokens` names the daemon's own


def login(text: str) -> str:
    """By whose login something was done, as people say it: ``token:this machine, uid:0 root``."""
    name, _, user = text.removeprefix("token:").partition(", ")
    name = said(_OWN_TOKEN[name]) if name in _OWN_TOKEN else name
    found = _LOCAL_USER.fullmatch(user)
    if found is None:
        return said("token {name}", name=name)
    number, called_, before, before_called = found.groups()
    who = called_ or number
    if before:
        return said("{name}, {user} for {before}", name=name, user=who, before=before_called or before)
    return said("{name}, {user}", name=name, user=who)
