"""Plans: which steps an incident goes through. Written in TOML, frozen into each incident at its opening."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from escalation.people import Channel, Role

TECHNICAL = "technical"
"""The plan of what concerns a device and not a person: see `Plan.remind`."""

_DURATION = re.compile(r"(?<![\d.])(?P<n>\d{1,9}(?:\.\d{1,9})?)\s{0,9}(?P<unit>s|m|h)")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}
_ROLES = tuple(role.value for role in Role if role not in {Role.DISPATCH, Role.RESIDENT})


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


class Part(msgspec.Struct, frozen=True):
    """A part of what is wrong: a sentence in English with ``{name}`` for each fact, and the facts."""

    sentence: str
    facts: Mapping[str, str] = msgspec.field(default_factory=dict)


class PlanError(ValueError):
    """A plan that cannot be used; its text says where and what is allowed, in English.

    Args:
        where: Which key.
        parts: What is wrong, and a hint; said in the reader's language by somebody who has a reader.
    """

    def __init__(self, where: str, *parts: Part) -> None:
        super().__init__(f"{where}: " + "; ".join(part.sentence.format(**part.facts) for part in parts))
        self.where = where
        self.parts = parts


class Who(StrEnum):
    """Whom a step contacts; ``role:<role>`` is `Who.ROLE` with the step's ``role`` set."""

    NEAREST = "nearest"
    CONTACTS = "contacts"
    CIRCLE = "circle"
    ROLE = "role"
    DESK = "desk"
    EVERYONE = "everyone"
    AMBULANCE = "ambulance"
    RESIDENT = "resident"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a plan.

    Attributes:
        contact: Whom.
        role: The role, where ``contact`` is `Who.ROLE`.
        count: How many people at most, in parallel.
        reach_within: Seconds of travel allowed; None = the service's own limit for ``nearest``, none for the others.
        by: Channels, all used at once.
        wait: Seconds until the next step begins.
        repeat: Seconds between rings of those of this step who have not answered; None = ring once.
        together: It begins together with the step before it, not after that step's wait.
    """

    contact: Who
    role: str = ""
    count: int = 3
    reach_within: float | None = None
    by: tuple[Channel, ...] = (Channel.SMS, Channel.VOICE)
    wait: float = 60.0
    repeat: float | None = None
    together: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A named plan and the signal types it answers.

    ``reach_within`` is the service's limit in seconds, filled in when the plan is frozen into an incident: whoever
    accepts ought to be at the door within it. ``remind`` makes it a quiet plan, for what concerns a device and not a
    person: nobody is rung, only texted, and after the last step the desk is reminded every so many seconds.
    ``keep_asking`` is for fire: a confirmed hand-off stands nobody down, for neighbours are there before the brigade.
    """

    name: str
    signals: tuple[str, ...]
    steps: tuple[Step, ...]
    reach_within: float = 900.0
    remind: float | None = None
    keep_asking: bool = False


_KEYS = ("signals", "step", "remind", "keep_asking")
_CONTACTS = ", ".join(f"role:{Role.NURSE}" if who is Who.ROLE else who for who in Who)


def seconds(text: str | float, where: str) -> float:
    """Read a duration such as ``"60s"``, ``"15m"``, ``"1h30m"`` or a bare number of seconds.

    Args:
        text: The duration as written.
        where: What it belongs to, for the error's sentence.

    Raises:
        PlanError: It is neither, or not above zero.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        value = float(text)
    else:
        found = list(_DURATION.finditer(str(text)))
        if not found or _DURATION.sub("", str(text)).strip():
            sentence = for_later("{text} is not a duration; write for example 60s, 15m or 1h30m")
            raise PlanError(where, Part(sentence, {"text": repr(text)}))
        value = sum(float(m["n"]) * _UNIT_SECONDS[m["unit"]] for m in found)
    if value <= 0:
        raise PlanError(where, Part(for_later("{text} must be longer than zero"), {"text": repr(text)}))
    return value


def parse(name: str, raw: dict[str, Any]) -> Plan:
    """Build the plan ``[plan.<name>]`` from its TOML table.

    Raises:
        PlanError: With the key at fault and what is allowed there.
    """
    where = f"plan.{name}"
    unknown = set(raw) - set(_KEYS)
    if unknown:
        raise _unknown(where, min(unknown), _KEYS)
    steps = raw.get("step", [])
    if not isinstance(steps, list) or not steps:
        raise PlanError(where, Part(for_later("needs at least one [[{step}]]"), {"step": f"{where}.step"}))
    signals = raw.get("signals", [])
    if not isinstance(signals, list) or not all(isinstance(s, str) for s in signals):
        raise PlanError(f"{where}.signals", Part(for_later("must be a list of signal types")))
    keep_asking = raw.get("keep_asking", False)
    if not isinstance(keep_asking, bool):
        raise PlanError(f"{where}.keep_asking", Part(for_later("must be true or false")))
    return Plan(
        name=name,
        keep_asking=keep_asking,
        signals=tuple(signals),
        steps=tuple(_step(raw_step, f"{where}.step[{i}]") for i, raw_step in enumerate(steps, 1)),
        remind=seconds(raw["remind"], f"{where}.remind") if "remind" in raw else None,
    )


def _step(raw: dict[str, Any], where: str) -> Step:
    unknown = set(raw) - set(Step.__struct_fields__)
    if unknown:
        raise _unknown(where, min(unknown), Step.__struct_fields__)
    fields = dict(raw)
    contact = str(fields.get("contact", ""))
    if contact.startswith("role:"):
        fields["contact"], fields["role"] = "role", contact.removeprefix("role:")
    for key in ("wait", "reach_within", "repeat"):
        if key in fields:
            fields[key] = seconds(fields[key], f"{where}.{key}")
    try:
        step = msgspec.convert(fields, Step)
    except msgspec.ValidationError as error:
        raise _not_a_step(where, error) from None
    if step.contact is Who.ROLE and step.role not in _ROLES:
        unknown_role = Part(for_later("unknown role {role}"), {"role": repr(step.role)})
        raise PlanError(f"{where}.contact", unknown_role, _nearest(step.role, _ROLES))
    if step.count < 1:
        raise PlanError(f"{where}.count", Part(for_later("must be at least 1")))
    if not step.by:
        raise PlanError(f"{where}.by", Part(for_later("needs sms, voice or both")))
    return step


def _not_a_step(where: str, error: msgspec.ValidationError) -> PlanError:
    """Turn msgspec's words into the plan's: the key first, then what is allowed for ``contact`` and ``by``."""
    text, _, path = str(error).partition(" - at `$.")
    key = path.rstrip("`") or "contact"
    if text.startswith("Object missing required field"):
        return PlanError(where, Part(for_later("contact is missing")), _allowed(_CONTACTS))
    wrong = Part(for_later("{key}: {what}"), {"key": key, "what": f"{text[:1].lower()}{text[1:]}"})
    allowed = {"contact": _CONTACTS, "by": ", ".join(Channel)}.get(key.partition("[")[0])
    return PlanError(where, wrong, *((_allowed(allowed),) if allowed else ()))


def _unknown(where: str, key: str, valid: Iterable[str]) -> PlanError:
    return PlanError(where, Part(for_later("unknown key {key}"), {"key": repr(key)}), _nearest(key, valid))


def _allowed(choices: str) -> Part:
    return Part(for_later("allowed: {choices}"), {"choices": choices})


def _nearest(key: str, valid: Iterable[str]) -> Part:
    choices = list(valid)
    near = difflib.get_close_matches(key, choices, 1, cutoff=0.5)
    if near:
        return Part(for_later("did you mean {near}?"), {"near": repr(near[0])})
    return _allowed(", ".join(choices))
