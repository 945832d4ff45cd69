"""One entry of the event log as one line that a person understands."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from alarmd.journal import LogEntry
from alarmd.phone.console import SIMULATED

_SEVERAL = 2
Names = Callable[[str], str]
"""The name of a person, resident, circle or device id; the id itself where there is none."""

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
_CHANNELS = {"sms": "text", "voice": "call", "device": "reply"}
_INNER = {"cause", "attempt", "sid", "skipped", "token"}  # for machines; `alarmd tail --json` has them


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence and how it is shown (a style of rich)."""

    text: str
    style: str


def tell(entry: LogEntry, names: Names) -> Told:
    """What an entry says; an event this version does not know is shown with its bare facts."""
    style = next(style for start, style in _STYLES if entry.event.startswith(start))
    teller = _TELL.get(entry.event, _plain)
    return Told(text=clean(teller(entry, names)), style=style)


def clean(text: str) -> str:
    """One line without anything that a terminal would obey: devices and text messages may say what they like."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in text)


def _plain(entry: LogEntry, _: Names) -> str:
    return _with(entry.event, entry.data, but=())


def _with(sentence: str, data: Mapping[str, Any], *, but: tuple[str, ...]) -> str:
    """The sentence and the facts it did not tell."""
    left = {k: v for k, v in data.items() if k not in _INNER and k not in but and v not in (None, "", [], {}, False)}
    facts = ", ".join(f"{key}={_short(value)}" for key, value in left.items())
    return f"{sentence} ({facts})" if facts else sentence


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_short(v) for v in value)
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("id") or "; ".join(f"{k}:{_short(v)}" for k, v in value.items()))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _who(entry: LogEntry, names: Names) -> str:
    return str(entry.data.get("name") or "") or names(entry.actor) or entry.actor or "somebody"


def _people(value: Any, names: Names) -> str:
    if not isinstance(value, list) or not value:
        return "nobody"
    return ", ".join(
        str(one.get("name") or one.get("id")) if isinstance(one, Mapping) else names(str(one)) for one in value
    )


def _via(entry: LogEntry) -> str:
    via, by = str(entry.data.get("via") or ""), str(entry.data.get("by") or "")
    if via == "desk":
        return " (at the desk)" if by in {"", entry.data.get("name")} else f" (so {by} was told)"
    return {"voice": " (by a key on the phone)", "sms": " (by text)", "link": " (by the link)"}.get(via, "")


def _signal(entry: LogEntry, names: Names) -> str:
    what = str(entry.data.get("type", "signal"))
    return _with(
        f"{what} from {names(entry.device or '?')}", entry.data, but=("type", "family", "signal", "ref", "seq")
    )


def _repeated(entry: LogEntry, names: Names) -> str:
    return _with(f"the same signal again from {names(entry.device or '?')}", entry.data, but=("ref", "signal"))


def _quarantined(entry: LogEntry, _: Names) -> str:
    return _with(f"set aside, {entry.data.get('reason', 'unreadable')}", entry.data, but=("reason",))


def _opened(entry: LogEntry, _: Names) -> str:
    data = entry.data
    doubt = f", doubted: {data['suspect']}" if data.get("suspect") else ""
    known = f": {_short(data['text'])}" if data.get("text") else ""
    return f"ALARM: {data.get('kind', '?')}{doubt} (plan {data.get('plan', '?')}, code {data.get('code', '?')}){known}"


def _follows(entry: LogEntry, names: Names) -> str:
    why = "engaged in another home" if entry.data.get("engaged") else "far away"
    return f"{_who(entry, names)} comes too{_via(entry)}, but is not waited for: {why}"


def _raised(entry: LogEntry, _: Names) -> str:
    return f"pressed again, {entry.data.get('presses', '?')} times by now"


def _step(entry: LogEntry, names: Names) -> str:
    data = entry.data
    asked = _people(data.get("chosen"), names)
    if data.get("instead"):
        return f"instead, asking {asked}"
    return f"step {data.get('step', '?')}, {data.get('contact', '?')}: asking {asked}"


def _gap(entry: LogEntry, names: Names) -> str:
    data = entry.data
    if "step" in data:
        passed = data.get("skipped") or []
        why = "; ".join(
            f"{s.get('name')} {str(s.get('why')).replace('_', ' ')}" for s in passed if isinstance(s, Mapping)
        )
        return f"GAP: step {data['step']}, {data.get('contact', '?')}: nobody to ask" + (f" ({why})" if why else "")
    return _with(f"GAP: {_who(entry, names)} {data.get('why', 'cannot be reached')}", data, but=("name", "why"))


def _accepted(entry: LogEntry, names: Names) -> str:
    return f"{_who(entry, names)} goes{_via(entry)}"


def _declined(entry: LogEntry, names: Names) -> str:
    return f"{_who(entry, names)} {'withdraws' if entry.data.get('withdrew') else 'cannot'}{_via(entry)}"


def _coming(entry: LogEntry, names: Names) -> str:
    return f"{_who(entry, names)} is on the way{_via(entry)}"


def _arrived(entry: LogEntry, names: Names) -> str:
    return f"{_who(entry, names)} IS THERE{_via(entry)}"


def _overdue(entry: LogEntry, names: Names) -> str:
    if entry.data.get("what") == "aftercare":
        return "OVERDUE: nobody has closed it; the desk is asked"
    return f"OVERDUE: {_who(entry, names)} ought to have arrived"


def _noted(entry: LogEntry, names: Names) -> str:
    data = entry.data
    late = " (after the close)" if data.get("after_close") else ""
    if data.get("reset"):
        return f"the device {names(str(data.get('device', '?')))} was reset; the incident goes on"
    if data.get("recovered"):
        return f"all of it is heard again ({data.get('what', '?')}); a person has yet to close it"
    if data.get("verify"):
        return f"{_who(entry, names)} was asked at home and gave no answer"
    if "well" in data:
        says = "ALL IS WELL" if data["well"] else "NEEDS HELP"
        return f"{_who(entry, names)} was asked at home: {says}{_via(entry)}{late}"
    if "text" in data:
        return f"note by {names(entry.actor)}: {data['text']}{late}"
    return _with(f"{_who(entry, names)}{late}", data, but=("after_close", "name"))


def _closed(entry: LogEntry, names: Names) -> str:
    return f"closed by {names(entry.actor)}: {entry.data.get('reason', '')}"


def _message(doing: str) -> Callable[[LogEntry, Names], str]:
    def told(entry: LogEntry, names: Names) -> str:
        data = entry.data
        what = _CHANNELS.get(str(data.get("channel")), "message")
        purpose = str(data.get("purpose", "")).replace("_", " ")
        simulated = ", SIMULATED" if data.get("provider") == SIMULATED else ""
        sentence = f"{what} to {names(entry.actor)} {doing}{simulated}" + (f" [{purpose}]" if purpose else "")
        return _with(sentence, data, but=("channel", "purpose", "provider", "remedy", "name"))

    return told


_ENDED_BECAUSE = {
    "closed": "rang on and was hung up: it is closed",
    "answered": "rang on and was hung up: already answered",
    "taken": "rang on and was hung up: it is taken",
}


def _ended(entry: LogEntry, names: Names) -> str:
    why = str(entry.data.get("why", ""))
    told = _message(_ENDED_BECAUSE.get(why, "rang on and was hung up"))
    return told(msgspec.structs.replace(entry, data={k: v for k, v in entry.data.items() if k != "why"}), names)


def _handoff(doing: str) -> Callable[[LogEntry, Names], str]:
    def told(entry: LogEntry, names: Names) -> str:
        by = f" by {names(entry.actor)}" if entry.actor else ""
        to = f" to {_people(entry.data.get('to'), names)}" if entry.data.get("to") else ""
        return _with(f"ambulance: {doing}{to}{by}", entry.data, but=("to", "via"))

    return told


def _device(doing: str) -> Callable[[LogEntry, Names], str]:
    def told(entry: LogEntry, names: Names) -> str:
        count = entry.data.get("count")
        if "devices" not in entry.data or not isinstance(count, int) or count < _SEVERAL:
            return _with(f"{names(entry.device or '?')} {doing}", entry.data, but=())
        scope, name = (str(entry.data.get(key) or "") for key in ("scope", "name"))
        of = f" behind {name}" if scope == "gateway" else f" of {names(name)}" if name else ""
        return _with(f"{count} devices{of} {doing.replace('is ', 'are ', 1)}", entry.data, but=("count", "name"))

    return told


def _simply(sentence: str) -> Callable[[LogEntry, Names], str]:
    def told(entry: LogEntry, _: Names) -> str:
        return _with(sentence, entry.data, but=())

    return told


_TELL: dict[str, Callable[[LogEntry, Names], str]] = {
    "signal.kept": _signal,
    "signal.repeated": _repeated,
    "signal.quarantined": _quarantined,
    "incident.opened": _opened,
    "incident.raised": _raised,
    "incident.step": _step,
    "incident.gap": _gap,
    "incident.accepted": _accepted,
    "incident.follows": _follows,
    "incident.declined": _declined,
    "incident.coming": _coming,
    "incident.arrived": _arrived,
    "incident.overdue": _overdue,
    "incident.noted": _noted,
    "incident.changed": _simply("changed"),
    "incident.closed": _closed,
    "message.queued": _message("is queued"),
    "message.sent": _message("was sent"),
    "message.unknown": _message("was sent or was not: being looked up"),
    "message.delivered": _message("was delivered"),
    "message.answered": _message("was taken, no answer yet"),
    "message.unanswered": _message("was not taken"),
    "message.ended": _ended,
    "message.unread": _simply("a text that is no answer"),
    "message.stopped": _simply("wants no more texts"),
    "message.refused": _message("was REFUSED"),
    "handoff.queued": _handoff("hand-off rings"),
    "handoff.accepted": _handoff("HANDED OVER, confirmed"),
    "handoff.rejected": _handoff("hand-off REFUSED"),
    "handoff.updated": _handoff("told what is new"),
    "handoff.cancelled": _handoff("hand-off taken back"),
    "device.silent": _device("is SILENT"),
    "device.back": _device("is back"),
    "device.fault": _device("has a FAULT"),
    "device.commissioned": _device("is commissioned"),
    "exposure.opened": _simply("UNPROTECTED from now on"),
    "exposure.closed": _simply("protected again"),
    "watchdog.late": _simply("LATE: a deadline fired after its time"),
    "watchdog.stalled": _simply("STALLED"),
    "watchdog.canary": _simply("canary"),
    "watchdog.record": _simply("THE EVENT LOG was changed"),
    "traffic.silent": _simply("SILENCE: no device is heard"),
    "traffic.back": _simply("devices are heard again"),
    "provider.down": _simply("phone provider DOWN"),
    "provider.back": _simply("phone provider back"),
    "directory.changed": _simply("directory changed"),
}
