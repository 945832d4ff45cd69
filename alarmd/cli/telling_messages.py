"""What became of messages and of the hand-off, and what an entry without words of its own was about, as one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from alarmd.cli.telling_parts import Names, people, who, with_facts
from alarmd.journal import LogEntry
from alarmd.naming import named
from alarmd.phone import codes
from config.wording import for_later, said

_SIMULATED = "simulated"  # the name of the provider that sends nothing (alarmd.phone.console)
_CHANNELS = {"sms", "voice", "device"}
_OF_PROVIDERS = {"raw", "answered_by", "reason"}
Teller = Callable[[LogEntry, Names], str]


def message(sentence: str) -> Teller:
    """Of one text or call, by its sentence with ``{message}`` and ``{person}``."""

    def told(entry: LogEntry, names: Names) -> str:
        data = entry.data
        channel = str(data.get("channel"))
        text = said(
            sentence,
            message=named(channel) if channel in _CHANNELS else said("message"),
            person=names(entry.actor),
        )
        if data.get("provider") == _SIMULATED:
            text = said("{sentence}, SIMULATED", sentence=text)
        if data.get("purpose"):
            text = f"{text} [{named(data['purpose'])}]"
        facts = {key: codes.spoken(value) if key in _OF_PROVIDERS else value for key, value in data.items()}
        if data.get("raw") in {"delivered", "sent"}:
            del facts["raw"]
        if data.get("code") == data.get("reason"):  # no code at all, but the provider's word once more
            facts.pop("code", None)
        return with_facts(text, facts, but=("channel", "purpose", "provider", "remedy", "name"))

    return told


_ENDED = {
    "closed": for_later("{message} to {person} rang on and was hung up: it is closed"),
    "answered": for_later("{message} to {person} rang on and was hung up: already answered"),
    "taken": for_later("{message} to {person} rang on and was hung up: it is taken"),
}


def ended(entry: LogEntry, names: Names) -> str:
    """Why a call that rang on was hung up."""
    why = str(entry.data.get("why", ""))
    told = message(_ENDED.get(why, for_later("{message} to {person} rang on and was hung up")))
    return told(msgspec.structs.replace(entry, data={k: v for k, v in entry.data.items() if k != "why"}), names)


def unread(entry: LogEntry, names: Names) -> str:
    """What somebody wrote that is no answer; of somebody unknown, only that it came."""
    data = entry.data
    if not data.get("text"):
        return with_facts(said("a text that is no answer"), data, but=("via",))
    sentence = said("{person} writes, and it is no answer: {text}", person=who(entry, names), text=data["text"])
    return with_facts(sentence, data, but=("name", "text", "via"))


_CHANGED = {
    "repeat": for_later("who has not answered is rung again"),
    "step": for_later("the time of the step is over"),
    "handoff": for_later("the hand-off rings again"),
    "arrival": for_later("the time to arrive is over"),
    "aftercare": for_later("the reminder to close is due"),
}


def changed(entry: LogEntry, names: Names) -> str:
    """What brought a change of which no other entry tells: the entry holds what was decided from."""
    cause = entry.data.get("cause")
    event = cause.get("event") if isinstance(cause, Mapping) else None
    if not isinstance(event, Mapping):
        return with_facts(said("changed"), entry.data, but=())
    person = names(str(event.get("person") or ""))
    match event.get("event"):
        case "due" if event.get("kind") in _CHANGED:
            return said(_CHANGED[str(event["kind"])])
        case "refused" if event.get("for_now"):
            sentence = for_later("{message} to {person} does not arrive for now; noted for the next time")
        case "refused":
            sentence = for_later("{message} to {person} never arrives; it is not tried again")
        case "answered":
            return said("{person} answers again what is known already", person=person)
        case "repaired":
            return said("its clock was mended")
        case other:
            return said("changed by: {what}", what=named(other))
    return said(sentence, message=named(event.get("channel")), person=person)


def handoff_refused(entry: LogEntry, names: Names) -> str:
    """By whom it was refused, or taken back after it was confirmed, and how alarmd was told."""
    how = _REFUSED_BY.get(str(entry.data.get("reason")))
    sentence = for_later("ambulance: hand-off REFUSED{to}{by}")
    if entry.data.get("withdrew"):
        sentence = for_later("ambulance: what was confirmed is TAKEN BACK{to}{by}")
    left = {key: value for key, value in entry.data.items() if key != "withdrew" and not (how and key == "reason")}
    told = handoff(sentence)(msgspec.structs.replace(entry, data=left), names)
    return told + (said(how) if how else "")


_REFUSED_BY = {"key 2": for_later(" (by a key on the phone)"), "reply 2": for_later(" (by text)")}


def handoff(sentence: str) -> Teller:
    """Of the hand-off, by its sentence with ``{to}`` and ``{by}``."""

    def told(entry: LogEntry, names: Names) -> str:
        data = entry.data
        to = said(" to {people}", people=people(data.get("to"), names)) if data.get("to") else ""
        by = said(" by {person}", person=names(entry.actor)) if entry.actor else ""
        return with_facts(said(sentence, to=to, by=by), data, but=("to", "via"))

    return told


def heard(entry: LogEntry, names: Names) -> str:
    """Whether a call was only taken, or heard to the end as a key says."""
    sentence = for_later("{message} to {person} was taken, no answer yet")
    if entry.data.get("heard"):
        sentence = for_later("{message} to {person} was heard to the end: so they say by a key")
    told = msgspec.structs.replace(entry, data={k: v for k, v in entry.data.items() if k != "heard"})
    return message(sentence)(told, names)
