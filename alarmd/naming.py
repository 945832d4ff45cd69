"""What the words of the store and the API are called where people read them; machines get the words themselves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from config.wording import for_later, said

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        # signals, and what an incident is about
        "sos": for_later("sos"),
        "assist": for_later("assist"),
        "press": for_later("press"),
        "cancel": for_later("cancel"),
        "fall": for_later("fall"),
        "inactivity": for_later("inactivity"),
        "no_check_in": for_later("no check-in"),
        "check_in": for_later("check-in"),
        "smoke": for_later("smoke"),
        "heat": for_later("heat"),
        "gas": for_later("gas"),
        "co": for_later("carbon monoxide"),
        "water": for_later("water"),
        "intruder": for_later("intruder"),
        "wander": for_later("wander"),
        "vital": for_later("vital sign"),
        "location": for_later("location"),
        "heartbeat": for_later("heartbeat"),
        "battery_low": for_later("battery low"),
        "mains_lost": for_later("mains lost"),
        "tamper": for_later("tamper"),
        "fault": for_later("fault"),
        "offline": for_later("offline"),
        "silent": for_later("silent"),
        "battery_ok": for_later("battery ok"),
        "mains_back": for_later("mains back"),
        "online": for_later("online"),
        "presence": for_later("presence"),
        "bed_exit": for_later("bed exit"),
        "measurement": for_later("measurement"),
        "test": for_later("test"),
        "unparseable": for_later("unparseable"),
        "unknown_code": for_later("unknown code"),
        "odd_battery": for_later("odd battery"),
        "stopped_alarmd": for_later("it stopped alarmd twice"),
        # devices
        "button": for_later("button"),
        "pendant": for_later("pendant"),
        "cord": for_later("cord"),
        "wearable": for_later("wearable"),
        "watch": for_later("watch"),
        "door": for_later("door"),
        "motion": for_later("motion"),
        "bed": for_later("bed"),
        "keypad": for_later("keypad"),
        "gateway": for_later("gateway"),
        "sensor": for_later("sensor"),
        # how a device stands
        "testing": for_later("testing"),
        "not activated": for_later("not activated"),
        "never heard": for_later("never heard"),
        "SIM ended": for_later("SIM ended"),
        "not tested": for_later("not tested"),
        "low battery": for_later("low battery"),
        "SIM ending": for_later("SIM ending"),
        "well": for_later("well"),
        # people, and whom a step asks
        "family": for_later("family"),
        "neighbour": for_later("neighbour"),
        "volunteer": for_later("volunteer"),
        "community_worker": for_later("community worker"),
        "nurse": for_later("nurse"),
        "doctor": for_later("doctor"),
        "keyholder": for_later("keyholder"),
        "desk": for_later("desk"),
        "dispatch": for_later("dispatch"),
        "resident": for_later("resident"),
        "nearest": for_later("nearest"),
        "contacts": for_later("contacts"),
        "circle": for_later("circle"),
        "everyone": for_later("everyone"),
        "ambulance": for_later("ambulance"),
        "off_duty": for_later("off duty"),
        "too_far": for_later("too far"),
        "no_position": for_later("no position"),
        "no_phone": for_later("no phone"),
        "busy": for_later("busy"),
        "already_asked": for_later("already asked"),
        "family_of_another_home": for_later("family of another home"),
        "keyholder_of_another_home": for_later("key holder of another home"),
        "not_needed": for_later("not needed"),
        "wrong_role": for_later("wrong role"),
        "on_call_unreadable": for_later("on call unreadable"),
        "is_resident": for_later("is the resident"),
        "residents_telephone": for_later("has the resident's own telephone"),
        "residents_position": for_later("is at the resident's own position"),
        "own_alarm": for_later("has an open alarm at home"),
        "shares_telephone": for_later("shares a telephone"),
        # how an incident and its people stand
        "opened": for_later("opened"),
        "notifying": for_later("notifying"),
        "asked": for_later("asked"),
        "declined": for_later("declined"),
        "unreachable": for_later("unreachable"),
        "accepted": for_later("accepted"),
        "coming": for_later("coming"),
        "arrived": for_later("arrived"),
        "overdue": for_later("overdue"),
        "follows": for_later("follows"),
        "closed": for_later("closed"),
        "queued": for_later("queued"),
        "rejected": for_later("rejected"),
        "cancelled": for_later("cancelled"),
        # through what, and what for
        "sms": for_later("text"),
        "voice": for_later("call"),
        "device": for_later("reply"),
        "ask": for_later("ask"),
        "details": for_later("details"),
        "taken": for_later("taken"),
        "again": for_later("again"),
        "raised": for_later("raised"),
        "handoff": for_later("handoff"),
        "handoff_update": for_later("handoff update"),
        "handoff_cancel": for_later("handoff cancel"),
        "handoff_refused": for_later("hand-off refused by one"),
        "said": for_later("somebody's words"),
        "moved": for_later("the device has moved"),
        "aftercare": for_later("aftercare"),
        "verify": for_later("verify"),
        "kept": for_later("kept"),
        # with what a device fell silent
        "home": for_later("home"),
        "street": for_later("street"),
        "all": for_later("all"),
        "sim": for_later("SIM card"),
    }
)

_FACTS: Mapping[str, str] = MappingProxyType(
    {
        "file": for_later("fact: file"),
        "kind": for_later("fact: kind"),
        "new": for_later("fact: new"),
        "changed": for_later("fact: changed"),
        "same": for_later("fact: same"),
        "new_ids": for_later("fact: new_ids"),
        "changed_ids": for_later("fact: changed_ids"),
        "retired_ids": for_later("fact: retired_ids"),
        "retired": for_later("fact: retired"),
        "scope": for_later("fact: scope"),
        "count": for_later("fact: count"),
        "why": for_later("fact: why"),
        "reason": for_later("fact: reason"),
        "since": for_later("fact: since"),
        "until": for_later("fact: until"),
        "seconds": for_later("fact: seconds"),
        "overdue_seconds": for_later("fact: overdue_seconds"),
        "after_seconds": for_later("fact: after_seconds"),
        "lasted_seconds": for_later("fact: lasted_seconds"),
        "battery": for_later("fact: battery"),
        "strength": for_later("fact: strength"),
        "signal": for_later("fact: signal"),
        "meant": for_later("fact: meant"),
        "tested": for_later("fact: tested"),
        "owner": for_later("fact: owner"),
        "provider": for_later("fact: provider"),
        "code": for_later("fact: code"),
        "error": for_later("fact: error"),
        "problem": for_later("fact: problem"),
        "text": for_later("fact: text"),
        "family": for_later("fact: family"),
        "address": for_later("fact: address"),
        "type": for_later("fact: type"),
        "topic": for_later("fact: topic"),
        "size": for_later("fact: size"),
        "repeats": for_later("fact: repeats"),
        "because": for_later("fact: because"),
        "elsewhere": for_later("fact: elsewhere"),
        "also": for_later("fact: also"),
        "last_resort": for_later("fact: last_resort"),
        "users": for_later("fact: users"),
        "version": for_later("fact: version"),
        "part": for_later("fact: part"),
        "path": for_later("fact: path"),
        "who": for_later("fact: who"),
        "person": for_later("fact: person"),
        "people": for_later("fact: people"),
        "residents": for_later("fact: residents"),
        "responder": for_later("fact: responder"),
        "device": for_later("fact: device"),
        "devices": for_later("fact: devices"),
        "still_silent": for_later("fact: still_silent"),
        "name": for_later("fact: name"),
        "from": for_later("fact: from"),
        "to": for_later("fact: to"),
        "by": for_later("fact: by"),
        "via": for_later("fact: via"),
        "what": for_later("fact: what"),
        "contact": for_later("fact: contact"),
        "step": for_later("fact: step"),
        "channel": for_later("fact: channel"),
        "presses": for_later("fact: presses"),
        "due_at": for_later("fact: due_at"),
        "rings": for_later("fact: rings"),
        "answer": for_later("fact: answer"),
        "late_seconds": for_later("fact: late_seconds"),
        "bad_seq": for_later("fact: bad_seq"),
        "day": for_later("fact: day"),
        "on_call": for_later("fact: on_call"),
        "sim_until": for_later("fact: sim_until"),
        "last_seen": for_later("fact: last_seen"),
        "promised": for_later("fact: promised"),
        "raw": for_later("fact: raw"),
        "answered_by": for_later("fact: answered_by"),
        "adopted": for_later("fact: adopted"),
        "again": for_later("fact: again"),
        "found": for_later("fact: found"),
        "last_heard": for_later("fact: last_heard"),
        "signal_type": for_later("fact: signal_type"),
        "last_will": for_later("fact: last_will"),
        "suspect": for_later("fact: suspect"),
        "gesture": for_later("fact: gesture"),
        "lat": for_later("fact: lat"),
        "lon": for_later("fact: lon"),
        "codes": for_later("fact: codes"),
        "barred": for_later("fact: barred"),
        "ambulance": for_later("fact: ambulance"),
        "was": for_later("fact: was"),
        "silent": for_later("fact: silent"),
        "all": for_later("fact: all"),
        "along": for_later("fact: along"),
        "brought_back": for_later("fact: brought_back"),
        "handed_over": for_later("fact: handed_over"),
        "asked": for_later("fact: asked"),
        "before": for_later("fact: before"),
        "id": for_later("fact: id"),
        "incident": for_later("fact: incident"),
        "resident": for_later("fact: resident"),
        "sender": for_later("fact: sender"),
        "texts": for_later("fact: texts"),
        "times": for_later("fact: times"),
        "seq": for_later("fact: seq"),
        "messages": for_later("fact: messages"),
        "first_ref": for_later("fact: first_ref"),
        "first_at": for_later("fact: first_at"),
        "addresses": for_later("fact: addresses"),
    }
)


def named(word: object) -> str:
    """A word of the store as the reader calls it; one that is not known here as it is, with blanks.

    Args:
        word: For example ``off_duty``, or ``role:nurse`` for whom a step asks.
    """
    text = str(word)
    if text.startswith("role:"):
        return said("everyone with the role {role}", role=named(text.removeprefix("role:")))
    known = _NAMES.get(text)
    return said(known) if known is not None else text.replace("_", " ")


def left_out(why: object, shared_with: object = "") -> str:
    """Why somebody is not asked, and with whom they share a telephone where that is why."""
    if not shared_with:
        return named(why)
    return said("shares a telephone with {name}", name=shared_with)


def called(word: str) -> str:
    """As `named`; a word that is not known as it is, for it may be an id or anybody's words."""
    return said(_NAMES[word]) if word in _NAMES else word


def fact_name(key: str) -> str:
    """What a fact of the event log is called; in English by its key, which is what other programs read."""
    known = _FACTS.get(key)
    if known is None:
        return key
    spoken = said(known)
    return key if spoken == known else spoken
