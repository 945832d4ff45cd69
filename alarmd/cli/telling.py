"""One entry of the event log as one line that a person understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import msgspec

from alarmd.cli import telling_values
from alarmd.cli.telling_messages import Teller, changed, ended, handoff, handoff_refused, heard, message, unread
from alarmd.cli.telling_parts import Names, clean, people, short, via_of, who, with_facts
from alarmd.journal import LogEntry
from alarmd.naming import left_out, named
from alarmd.phone import codes
from config.wording import for_later, said, said_again, said_of
from escalation.incident import Elsewhere
from escalation.people import Role
from escalation.responders import GAPS, NOBODY_TO_ASK

_SEVERAL = 2
_GAPS_OF_ONE = (for_later("nobody at the desk to read it"), for_later("nobody can be told of it"))

_STYLES = (
    ("incident.opened", "bold red"),
    ("incident.raised", "bold red"),
    ("incident.accepted", "green"),
    ("incident.coming", "green"),
    ("incident.arrived", "bold green"),
    ("incident.closed", "blue"),
    ("incident.overdue", "bold yellow"),
    ("incident.gap", "bold yellow"),
    ("incident.noted", "cyan"),
    ("incident.", "default"),
    ("handoff.", "magenta"),
    ("message.refused", "yellow"),
    ("message.unknown", "yellow"),
    ("message.", "bright_black"),
    ("signal.quarantined", "yellow"),
    ("signal.", "bright_black"),
    ("device.back", "default"),
    ("device.commissioned", "default"),
    ("device.", "yellow"),
    ("provider.back", "default"),
    ("exposure.closed", "default"),
    ("directory.", "default"),
    ("", "yellow"),
)
_OF_PEOPLE = ("incident.", "handoff.")  # by whose login, too, stands behind the sentence


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence and how it is shown (a style of rich)."""

    text: str
    style: str


def tell(entry: LogEntry, names: Names, zone: tzinfo = UTC) -> Told:
    """What an entry says; an event this version does not know is shown with its bare facts.

    Args:
        entry: As stored.
        names: The names behind ids.
        zone: For the times in it.
    """
    entry = msgspec.structs.replace(entry, data={key: _in_zone(value, zone) for key, value in entry.data.items()})
    style = next(style for start, style in _STYLES if entry.event.startswith(start))
    teller = _TELL.get(entry.event, _plain)
    told = teller(entry, names)
    login = str(entry.data.get("login") or "")
    if login.startswith("token:") and entry.event.startswith(_OF_PEOPLE):
        told = said("{sentence} [{login}]", sentence=told, login=telling_values.login(login))
    return Told(text=clean(told), style=style)


def _in_zone(value: Any, zone: tzinfo) -> Any:
    return telling_values.in_zone(value, zone) if isinstance(value, str) else value


def _plain(entry: LogEntry, _: Names) -> str:
    return with_facts(entry.event, entry.data, but=())


def _signal(entry: LogEntry, names: Names) -> str:
    what, device = named(entry.data.get("type", "signal")), entry.device or "?"
    by_telephone = device == entry.data.get("family")  # a resident's own text, or their key
    sentence = said("{signal} from {device}", signal=what, device=named(device) if by_telephone else names(device))
    return with_facts(sentence, entry.data, but=("type", "family", "signal", "ref", "seq", "at"))


def _repeated(entry: LogEntry, names: Names) -> str:
    sentence = said("the same signal again from {device}", device=names(entry.device or "?"))
    return with_facts(sentence, entry.data, but=("ref", "signal"))


def _quarantined(entry: LogEntry, _: Names) -> str:
    sentence = said("set aside, {reason}", reason=named(entry.data.get("reason", "unparseable")))
    return with_facts(sentence, entry.data, but=("reason",))


def _opened(entry: LogEntry, names: Names) -> str:
    data = entry.data
    sentence = said(
        "ALARM: {kind}{doubt} (plan {plan}, code {code})",
        kind=named(data.get("kind", "?")),
        doubt=said(", doubted: {why}", why=named(data["suspect"])) if data.get("suspect") else "",
        plan=data.get("plan", "?"),
        code=data.get("code", "?"),
    )
    if data.get("text"):
        sentence = said("{sentence}: {more}", sentence=sentence, more=telling_values.of_a_stranger(_words(data)))
    return _or_of(sentence, data, names)


def _words(data: Mapping[str, Any]) -> str:
    return telling_values.of("text", str(data["text"]))


def _or_of(sentence: str, data: Mapping[str, object], names: Names) -> str:
    """Whose cry it may be too."""
    also = data.get("also")
    if not isinstance(also, list | tuple) or not also:
        return sentence
    shared = said("or {people}, on the same telephone", people=", ".join(names(str(one)) for one in also))
    return said("{sentence} ({facts})", sentence=sentence, facts=shared)


def _follows(entry: LogEntry, names: Names) -> str:
    if entry.data.get("because") == Elsewhere.OTHER_DOOR:
        return said("{person} is at another door first: the others are asked", person=who(entry, names))
    if entry.data.get("because") == Elsewhere.OTHER_HOME:
        return said("{person} was sent to another home and comes later: the others are asked", person=who(entry, names))
    sentence = (
        for_later("{person} comes too{via}, but is not waited for: engaged in another home")
        if entry.data.get("engaged")
        else for_later("{person} comes too{via}, but is not waited for: far away")
    )
    return said(sentence, person=who(entry, names), via=via_of(entry))


def _raised(entry: LogEntry, names: Names) -> str:
    others = entry.data.get("others")
    if isinstance(others, Mapping):
        sentence = for_later(
            "others of the same sender call too: {addresses} devices that nobody registered, {messages} messages"
        )
        return said(sentence, addresses=others.get("addresses", "?"), messages=others.get("messages", "?"))
    again = said("pressed again, {times} times by now", times=entry.data.get("presses", "?"))
    if entry.data.get("besides"):
        again = said("{pressed}: others are asked besides who has it", pressed=again)
    return _or_of(again, entry.data, names)


def _bounded(entry: LogEntry, _: Names) -> str:
    source, _colon, user = str(entry.data.get("sender") or "").rpartition(":")
    if source == "sms":
        return said("TEXTS VERY FAST from {number}: the desk gets them together from now on", number=user)
    return said("ALARMS VERY FAST with the password of {user}: those of others go first from now on", user=user)


def _step(entry: LogEntry, names: Names) -> str:
    data = entry.data
    asked = people(data.get("chosen"), names)
    if data.get("instead"):
        return said("instead, asking {people}", people=asked)
    return said(
        "step {step}, {whom}: asking {people}",
        step=data.get("step", "?"),
        whom=named(data.get("contact", "?")),
        people=asked,
    )


def _gap(entry: LogEntry, names: Names) -> str:
    data = entry.data
    if "step" in data:
        passed = data.get("skipped") or []
        why = "; ".join(
            f"{s.get('name')} {left_out(s.get('why'), s.get('shared_with') or '')}"
            for s in passed
            if isinstance(s, Mapping)
        )
        sentence = said(
            "GAP: step {step}, {whom}: {why}",
            step=data["step"],
            whom=named(data.get("contact", "?")),
            why=said_again(str(data.get("why") or NOBODY_TO_ASK), GAPS),
        )
        return said("{sentence} ({facts})", sentence=sentence, facts=why) if why else sentence
    why = said_again(named(data["why"]), _GAPS_OF_ONE) if data.get("why") else said("cannot be reached")
    told = said("GAP: {person} {why}", person=who(entry, names), why=why)
    if not entry.actor and not data.get("name"):
        told = said("GAP: {why}", why=why)
    if data.get("for_now"):
        told = said("{sentence} ({facts})", sentence=told, facts=said("for now"))
    facts = dict(data) | ({"code": codes.spoken(str(data["code"]))} if data.get("code") else {})
    return with_facts(told, facts, but=("name", "why", "for_now", "because", "role"))


def _by_person(sentence: str) -> Teller:
    """Of what one person said or did, and how alarmd was told."""

    def told(entry: LogEntry, names: Names) -> str:
        return said(sentence, person=who(entry, names), via=via_of(entry))

    return told


def _accepted(entry: LogEntry, names: Names) -> str:
    goes = for_later("{person} goes{via}")
    at_desk = for_later("{person} at the desk has taken it{via}")
    sentence = at_desk if entry.data.get("role") == Role.DESK else goes
    return said(sentence, person=who(entry, names), via=via_of(entry))


def _declined(entry: LogEntry, names: Names) -> str:
    if entry.data.get("because") == Elsewhere.OWN_ALARM:
        return said("{person} does not come: there is an alarm in their own home", person=who(entry, names))
    sentence = for_later("{person} withdraws{via}") if entry.data.get("withdrew") else for_later("{person} cannot{via}")
    return said(sentence, person=who(entry, names), via=via_of(entry))


def _overdue(entry: LogEntry, names: Names) -> str:
    if entry.data.get("what") == "aftercare":
        return said("OVERDUE: nobody has closed it; the desk is asked")
    if entry.data.get("role") == Role.DESK:
        return said("OVERDUE: {person} at the desk has had it for long enough", person=who(entry, names))
    return said("OVERDUE: {person} ought to have arrived", person=who(entry, names))


_ANSWERED = {
    "go": for_later("{person} goes{via}"),
    "cannot": for_later("{person} cannot{via}"),
    "there": for_later("{person} IS THERE{via}"),
    "well": for_later("{person} was asked at home: ALL IS WELL{via}"),
    "help": for_later("{person} was asked at home: NEEDS HELP{via}"),
}


def _noted(entry: LogEntry, names: Names) -> str:
    sentence = _what_was_noted(entry, names)
    if entry.data.get("after_close"):
        return said("{sentence} (after the close)", sentence=sentence)
    return sentence


def _what_was_noted(entry: LogEntry, names: Names) -> str:
    data = entry.data
    if data.get("reset"):
        return said("the device {device} was reset; the incident goes on", device=names(str(data.get("device", "?"))))
    if data.get("recovered"):
        what = data.get("what", "?")
        return said("all of it is heard again ({what}); a person has yet to close it", what=what)
    if data.get("moved"):
        return _moved(data, names)
    if (sentence := _what_a_person_did(entry)) is not None:
        return said(sentence, person=who(entry, names), via=via_of(entry))
    if "text" in data:
        return said("note by {person}: {text}", person=names(entry.actor), text=data["text"])
    return with_facts(who(entry, names), data, but=("after_close", "name"))


_FROM_AFAR = {
    "go": for_later("{person}, who does not go there, has it still{via}"),
    "there": for_later('{person}, who does not go there, says "I am there"{via}: not taken for an arrival'),
}
_HANDED_OVER = {
    (True, False): for_later("{person}: the ambulance has taken it{via}"),
    (False, False): for_later("{person}: the ambulance does not take it{via}"),
    (True, True): for_later("{person} confirms the hand-off too{via}: it was confirmed already"),
    (False, True): for_later("{person} cannot take the hand-off{via}: another has confirmed it"),
}


def _what_a_person_did(entry: LogEntry) -> str | None:
    """The sentence with who (``person``) and how (``via``); None where it is about no answer."""
    data = entry.data
    if data.get("verify"):
        return for_later("{person} was asked at home and gave no answer")
    if data.get("from_afar"):
        return _FROM_AFAR.get(str(data.get("answer")), _FROM_AFAR["there"])
    if "well" in data:
        return _ANSWERED["well" if data["well"] else "help"]
    if "handed_over" in data:
        return _HANDED_OVER[bool(data["handed_over"]), bool(data.get("late"))]
    asked_at_home = data.get("answer") == "cannot" and entry.actor.startswith("resident:")
    return _ANSWERED.get("help" if asked_at_home else str(data.get("answer")))


def _moved(data: Mapping[str, Any], names: Names) -> str:
    device, fix = names(str(data.get("device") or "?")), data.get("fix")
    if not isinstance(fix, Mapping) or not all(isinstance(fix.get(name), int | float) for name in ("lat", "lon")):
        return said("the device {device} is somewhere else by now", device=device)
    place = f"{fix['lat']:.5f},{fix['lon']:.5f}"
    accuracy = fix.get("accuracy_m")
    if isinstance(accuracy, int | float):
        return said(
            "the device {device} is somewhere else by now: {place}, within {metres} m",
            device=device,
            place=place,
            metres=round(accuracy),
        )
    return said("the device {device} is somewhere else by now: {place}", device=device, place=place)


def _closed(entry: LogEntry, names: Names) -> str:
    return said("closed by {person}: {reason}", person=names(entry.actor), reason=entry.data.get("reason", ""))


def _device(one: str, many: str) -> Teller:
    def told(entry: LogEntry, names: Names) -> str:
        data = entry.data
        count = data.get("count")
        if "devices" not in data or not isinstance(count, int) or count < _SEVERAL:
            return with_facts(said(one, device=names(entry.device or "?")), data, but=())
        return with_facts(said(many, devices=_several(count, data, names)), data, but=("count", "name"))

    return told


def _several(count: int, data: Mapping[str, Any], names: Names) -> str:
    scope, name = (str(data.get(key) or "") for key in ("scope", "name"))
    if scope == "gateway":
        return said("{count} devices behind {gateway}", count=count, gateway=name)
    if name:
        return said("{count} devices of {circle}", count=count, circle=names(name))
    return said_of("{number} device", "{number} devices", count)


def _simply(sentence: str) -> Teller:
    def told(entry: LogEntry, _: Names) -> str:
        return with_facts(said(sentence), entry.data, but=())

    return told


def _record(entry: LogEntry, _: Names) -> str:
    """Whether entries were changed, or what guards them was taken away."""
    changed = said("THE STORE was changed") if "missing" in entry.data else said("THE EVENT LOG was changed")
    return with_facts(changed, entry.data, but=())


def _read(entry: LogEntry, _: Names) -> str:
    """Who looked at whose record; whose it is, the line says before."""
    data = entry.data
    what = said(_RECORDS.get(str(data.get("what")), _RECORDS["resident"]))
    login = telling_values.login(str(data["login"])) if data.get("login") else said("somebody")
    number = data.get("times", 1)
    sentence = said("{login} looked at {what}, {number} times", login=login, what=what, number=number)
    whose = data.get("residents")
    return said("{sentence}: {more}", sentence=sentence, more=short(whose)) if whose else sentence


_RECORDS = {
    "resident": for_later("the record"),
    "incident": for_later("an incident, with the record"),
    "incidents": for_later("the list of incidents"),
    "log": for_later("the event log"),
}


def _erased(entry: LogEntry, _: Names) -> str:
    number = entry.data.get("texts", 0)
    return said("the words of {number} old texts and calls were taken out", number=number)


_TELL: dict[str, Teller] = {
    "signal.kept": _signal,
    "signal.repeated": _repeated,
    "signal.quarantined": _quarantined,
    "incident.opened": _opened,
    "incident.raised": _raised,
    "sender.bounded": _bounded,
    "incident.step": _step,
    "incident.gap": _gap,
    "incident.accepted": _accepted,
    "incident.follows": _follows,
    "incident.declined": _declined,
    "incident.coming": _by_person(for_later("{person} is on the way{via}")),
    "incident.arrived": _by_person(for_later("{person} IS THERE{via}")),
    "incident.overdue": _overdue,
    "incident.noted": _noted,
    "incident.changed": changed,
    "incident.closed": _closed,
    "message.queued": message(for_later("{message} to {person} is queued")),
    "message.sent": message(for_later("{message} to {person} was sent")),
    "message.unknown": message(for_later("{message} to {person} was sent or was not: being looked up")),
    "message.delivered": message(for_later("{message} to {person} was delivered")),
    "message.answered": heard,
    "message.unanswered": message(for_later("{message} to {person} was not taken")),
    "message.ended": ended,
    "message.unread": unread,
    "message.stopped": _simply(for_later("wants no more texts")),
    "message.refused": message(for_later("{message} to {person} was REFUSED")),
    "handoff.queued": handoff(for_later("ambulance: hand-off rings{to}{by}")),
    "handoff.accepted": handoff(for_later("ambulance: HANDED OVER, confirmed{to}{by}")),
    "handoff.rejected": handoff_refused,
    "handoff.updated": handoff(for_later("ambulance: told what is new{to}{by}")),
    "handoff.cancelled": handoff(for_later("ambulance: hand-off taken back{to}{by}")),
    "device.silent": _device(for_later("{device} is SILENT"), for_later("{devices} are SILENT")),
    "device.back": _device(for_later("{device} is back"), for_later("{devices} are back")),
    "device.fault": _device(for_later("{device} has a FAULT"), for_later("{devices} have a FAULT")),
    "device.commissioned": _device(for_later("{device} is commissioned"), for_later("{devices} are commissioned")),
    "exposure.opened": _simply(for_later("UNPROTECTED from now on")),
    "exposure.closed": _simply(for_later("protected again")),
    "watchdog.late": _simply(for_later("LATE: a deadline fired after its time")),
    "watchdog.stalled": _simply(for_later("STALLED")),
    "watchdog.canary": _simply(for_later("canary")),
    "watchdog.record": _record,
    "traffic.silent": _simply(for_later("SILENCE: no device is heard")),
    "traffic.back": _simply(for_later("devices are heard again")),
    "provider.down": _simply(for_later("phone provider DOWN")),
    "provider.back": _simply(for_later("phone provider back")),
    "shift.unreadable": _simply(for_later("ON DUTY in doubt: an on-call text cannot be worked out")),
    "directory.changed": _simply(for_later("directory changed")),
    "record.read": _read,
    "message.erased": _erased,
}
