"""One incident on the terminal: who and where, who was asked, the story with its seconds, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from alarmd.cli.ages import age
from alarmd.cli.lines import Part, write
from alarmd.cli.telling import tell
from alarmd.cli.telling_parts import clean
from alarmd.cli.width import padded, wide
from alarmd.clock import SystemClock
from alarmd.journal import LogEntry
from alarmd.naming import named
from alarmd.web.words import role_word, standing_word, status_word
from config.glance import Seen as Settings
from config.wording import for_later, said, said_of
from escalation.people import Role
from escalation.texts.facts import AMBULANCE

STATUS_STYLES = {
    "opened": "bold red",
    "notifying": "bold red",
    "accepted": "yellow",
    "coming": "green",
    "arrived": "bold green",
    "closed": "blue",
}
_STANDING_STYLES = {
    "declined": "bright_black",
    "unreachable": "yellow",
    "accepted": "green",
    "coming": "green",
    "arrived": "bold green",
    "overdue": "bold yellow",
}
_HOME = MappingProxyType(
    {
        "address": for_later("address"),
        "access": for_later("access"),
        "phone": for_later("phone"),
        "conditions": for_later("conditions"),
        "medication": for_later("medication"),
        "allergies": for_later("allergies"),
        "mobility": for_later("mobility"),
        "notes": for_later("notes"),
    }
)
_HANDOFFS = MappingProxyType(
    {
        "queued": for_later("not confirmed yet"),
        "accepted": for_later("confirmed"),
        "rejected": for_later("refused"),
        "cancelled": for_later("taken back"),
    }
)
_TOLD_BY_STATUS = {"sent", "delivered"}
_FAILED = {"refused", "failed"}
_TEXT = MappingProxyType(
    {
        "queued": for_later("text: waits since {time}"),
        "sending": for_later("text: is being sent since {time}"),
        "unknown": for_later("text: being looked up since {time}, nobody knows whether it went out"),
        "sent": for_later("text: sent {time}, not known to have arrived"),
        "delivered": for_later("text: arrived {time}, no answer by it"),
        "refused": for_later("text: REFUSED {time}"),
        "failed": for_later("text: DID NOT ARRIVE {time}"),
        "withdrawn": for_later("text: not sent, not needed any more"),
    }
)
_CALL = MappingProxyType(
    {
        "queued": for_later("call: waits since {time}"),
        "sending": for_later("call: is being placed since {time}"),
        "unknown": for_later("call: being looked up since {time}, nobody knows whether it rang"),
        "sent": for_later("call: placed {time}, not known to have rung"),
        "ringing": for_later("call: rings since {time}"),
        "ending": for_later("call: is being hung up since {time}"),
        "answered": for_later("call: picked up {time}"),
        "completed": for_later("call: picked up and over {time}"),
        "unanswered": for_later("call: NOT ANSWERED {time}"),
        "ended": for_later("call: hung up by alarmd {time}, not needed any more"),
        "refused": for_later("call: REFUSED {time}"),
        "failed": for_later("call: COULD NOT BE PLACED {time}"),
        "withdrawn": for_later("call: not placed, not needed any more"),
    }
)
_OTHER = MappingProxyType({"sms": for_later("text: {state} {time}"), "voice": for_later("call: {state} {time}")})
_DIRECTIONS = MappingProxyType(
    {
        "north": for_later("north"),
        "north-east": for_later("north-east"),
        "east": for_later("east"),
        "south-east": for_later("south-east"),
        "south": for_later("south"),
        "south-west": for_later("south-west"),
        "west": for_later("west"),
        "north-west": for_later("north-west"),
    }
)


def print_troubles(settings: Settings, troubles: list[dict[str, Any]], *, away: Exception | None) -> None:
    """Say before anything else what does not work: a quiet desk is no good news then."""
    if away is not None:
        says = said("alarmd does not run: nobody is rung by it. What follows is from its store; ring by hand.")
        write(Part(f"!! {says}", "bold red"))
    for trouble in troubles:
        since = said(" (since {time})", time=_clock(settings, trouble["since"])) if trouble["since"] else ""
        write(Part(clean(f"!! {trouble['says']}{since}"), "bold red"))
    if troubles or away is not None:
        write()


def waits(settings: Settings, waiting: dict[str, Any]) -> str:
    """What of an incident does not get out."""
    texts, calls, since = waiting["texts"], waiting["calls"], _clock(settings, waiting["since"])
    what = said(", ").join(
        part
        for part in (
            said_of("{number} text", "{number} texts", texts) if texts else "",
            said_of("{number} call", "{number} calls", calls) if calls else "",
        )
        if part
    )
    if waiting["provider"]:
        sentence = said(
            "NOT GETTING OUT: {what}, waiting since {time}; {provider} takes nothing. Ring by hand.",
            what=what,
            time=since,
            provider=waiting["provider"],
        )
    else:
        sentence = said("NOT GETTING OUT: {what}, waiting since {time}. Ring by hand.", what=what, time=since)
    return clean(sentence)


def late(settings: Settings, found: dict[str, Any]) -> str:
    """When it was pressed, where it came late."""
    pressed, received = _clock(settings, found["pressed_at"]), _clock(settings, found["opened_at"])
    after = age(timedelta(seconds=found["late_seconds"]))
    return said(
        "LATE: pressed {pressed}, received {received}, {after} later", pressed=pressed, received=received, after=after
    )


def print_incident(settings: Settings, found: dict[str, Any]) -> None:
    """Print what the API said of one incident."""
    opened = datetime.fromisoformat(found["opened_at"])
    _heading(settings, found, opened)
    _home(found["home"])
    for other in found["also_homes"]:
        write(
            Part(clean(said("or, on the same telephone, {name} ({id}):", name=other["name"], id=other["id"])), "yellow")
        )
        _home(other)
    _people(settings, found)
    _reachable(found)
    _story(settings, found, opened)
    _next(settings, found)


def _clock(settings: Settings, moment: str) -> str:
    """A time of day, with its day where it is not today's."""
    local = datetime.fromisoformat(moment).astimezone(settings.zone)
    today = SystemClock().now().astimezone(settings.zone).date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}"


def _heading(settings: Settings, found: dict[str, Any], opened: datetime) -> None:
    who = subject(found)
    write(
        Part(f"{found['id']}  ", "bold cyan"),
        Part(f"{clean(who)}  ", "bold"),
        Part(status_word(found["status"]), STATUS_STYLES.get(found["status"], "")),
    )
    when = f"{opened.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}"
    device = _as_it_is(found["device"], retired=found.get("device_retired"))
    facts = {"kind": named(found["kind"]), "device": device, "when": when}
    told = said("{kind} from {device} at {when}; code {code}", **facts, code=found["code"])
    if found["presses"] > 1:
        told += said(", pressed {count} times", count=found["presses"])
    if found["suspect"]:
        told += said(", doubted: {why}", why=named(found["suspect"]))
    write(Part(clean(told)))
    if found["late_seconds"] is not None:
        write(Part(clean(late(settings, found)), "bold yellow"))
    if found["waiting"]:
        write(Part(waits(settings, found["waiting"]), "bold red"))
    if found.get("whereabouts"):
        write(Part(_whereabouts(found["whereabouts"]), "bold yellow" if found["whereabouts"]["away"] else ""))
    if found["sender"]:
        sender = said("unregistered; family/address: {sender}", sender=found["sender"])
        write(Part(clean(sender), "yellow"))
    if found["handoff"]:
        state = said(
            "hand-off to the ambulance: {state}", state=said(_HANDOFFS.get(found["handoff"], found["handoff"]))
        )
        write(Part(clean(state), "magenta"))


def subject(found: dict[str, Any]) -> str:
    """Whose incident it is, and whether they were retired since."""
    return _as_it_is(found["resident_name"] or found["subject"], retired=found.get("resident_retired"))


def _as_it_is(name: str, *, retired: bool | None) -> str:
    return said("{name}, RETIRED", name=name) if retired else name


def _whereabouts(there: dict[str, Any]) -> str:
    """Where the device is, and how far that is from home."""
    position = f"{there['lat']:.5f}, {there['lon']:.5f}"
    if not there["away"]:
        return said("the device is at home, by its own position ({position})", position=position)
    if there["metres_from_home"] is None:
        where = said("the device is at {position}", position=position)
    else:
        way = _DIRECTIONS[there["direction"]]
        where = said(
            "NOT AT HOME: the device is at {position}, {metres} m {direction} of home",
            position=position,
            metres=round(there["metres_from_home"]),
            direction=said(way),
        )
    return (
        where
        if there["fresh"]
        else said("{where}; that was its last position, too old to send people there", where=where)
    )


def _home(home: dict[str, Any] | None) -> None:
    if home is None:
        return
    labels = {key: said(label) + ":" for key, label in _HOME.items()}
    width = max(12, *(wide(label) for label in labels.values()))
    for key, label in labels.items():
        if home[key]:
            write(Part(f"  {padded(label, width)} ", "bright_black"), Part(clean(home[key])))
    for reason in home["not_protected"]:
        write(Part(clean("  " + said("NOT PROTECTED: {reason}", reason=reason)), "yellow"))


def _people(settings: Settings, found: dict[str, Any]) -> None:
    if not found["participants"]:
        return
    write()
    for one in found["participants"]:
        standing = standing_word(one["standing"])
        style = _STANDING_STYLES.get(one["standing"], "")
        until = _clock(settings, one["arrive_by"]) if one["arrive_by"] else ""
        facts = [
            one["phone"] or "",
            _minutes(one["travel_seconds"]),
            _until(one["role"], until) if until else "",
        ]
        who = f"{one['name']} ({one['id']})" + said(", ") + role_word(one["role"])
        who = said("the ambulance") if one["id"] == AMBULANCE else _as_it_is(who, retired=one.get("retired"))
        told = clean(said(", ").join(filter(None, (who, *facts))))
        write(Part(f"  {padded(standing, max(12, wide(standing) + 1))} ", style), Part(told))
        for happened in _happened(settings, found["messages"], one["id"]):
            write(Part(clean(f"               {happened}"), "bright_black"))


def _until(role: str, time: str) -> str:
    return said("has it until {time}", time=time) if role == Role.DESK else said("to arrive by {time}", time=time)


def _happened(settings: Settings, messages: list[dict[str, Any]], person: str) -> list[str]:
    """What really became of the last text and the last call to somebody."""
    last = {one["channel"]: one for one in messages if one["person"] == person}
    told = []
    for channel, sentences in (("sms", _TEXT), ("voice", _CALL)):
        if channel in last:
            one = last[channel]
            key = one["status"] if one["state"] in _TOLD_BY_STATUS and one["status"] in sentences else one["state"]
            time = _clock(settings, one["queued_at" if one["state"] == "queued" else "changed_at"])
            sentence = said(sentences.get(key, _OTHER[channel]), time=time, state=one["state"])
            told.append(f"{sentence} ({one['code']})" if one["code"] and one["state"] in _FAILED else sentence)
    return told


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else said("{minutes} min away", minutes=f"{seconds / 60:.0f}")


def _reachable(found: dict[str, Any]) -> None:
    """Whom the desk can ring by hand, besides those who were asked."""
    if not found["reachable"] and not found["desk_phones"]:
        return
    write()
    if found["reachable"]:
        write(Part(said("Not asked yet, to be rung by hand:")))
    for one in found["reachable"]:
        facts = (one["relationship"], _minutes(one["travel_seconds"]), one["last_resort"])
        line = f"  {one['phone']}  {one['name']} ({one['id']})" + said(", ") + role_word(one["role"])
        write(Part(clean(said(", ").join(filter(None, (line, *facts))))))
    if found["desk_phones"]:
        write(Part(clean(said("The desk's telephones: {phones}", phones=said(", ").join(found["desk_phones"])))))


def _story(settings: Settings, found: dict[str, Any], opened: datetime) -> None:
    write()
    names = _names(found)
    for raw in found["log"]:
        entry = msgspec.convert(raw, LogEntry)
        told = tell(entry, names, settings.zone)
        since = "+" + age(entry.at - opened)
        time = f"  {entry.at.astimezone(settings.zone):%H:%M:%S} {since:>8}  "
        write(Part(time, "bright_black"), Part(told.text, told.style))


def _next(settings: Settings, found: dict[str, Any]) -> None:
    write()
    now = SystemClock().now()
    for deadline in found["deadlines"]:
        at = datetime.fromisoformat(deadline["at"])
        time = f"{at.astimezone(settings.zone):%H:%M:%S}"
        if at > now:
            told = said("Next, {time} (in {span}): {what}", time=time, span=age(at - now), what=deadline["what"])
        else:
            told = said(
                "Next, {time} (OVERDUE by {span}): {what}", time=time, span=age(now - at), what=deadline["what"]
            )
        write(Part(clean(told), "bold"))
    if found["closed_at"]:
        at = datetime.fromisoformat(found["closed_at"]).astimezone(settings.zone)
        facts = {"time": f"{at:%Y-%m-%d %H:%M:%S}", "by": found["closed_by"], "reason": found["close_reason"]}
        write(Part(clean(said("Closed {time} by {by}: {reason}", **facts)), "blue"))


def _names(found: dict[str, Any]) -> Callable[[str], str]:
    known = {one["id"]: one["name"] for one in (*found["reachable"], *found["participants"])} | {
        AMBULANCE: said("the ambulance")
    }
    for home in filter(None, (found["home"], *found["also_homes"])):
        known[home["id"]] = home["name"]
        known |= {contact["id"]: contact["name"] for contact in home["contacts"]}
        known |= {device["id"]: _device(device) for device in home["devices"]}
    return lambda id_: str(known.get(id_, id_.removeprefix("operator:")))


def _device(device: dict[str, Any]) -> str:
    return f"{device['id']} ({device['room']})" if device["room"] else str(device["id"])
