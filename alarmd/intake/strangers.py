"""Devices that nobody registered: an alarm of one is an incident for the desk, and those of one sender are one.

A user who may publish under a prefix can think up a new address for each message. So a further address of the same
sender joins the open incident of that kind: the desk is told of it at once, and of thousands as a count
(`escalation.rooms.raising`). A sender is the user at alarmd's own door; a broker does not say who published, so all of
a broker's are one. What was registered once and retired is known by its home and stays an incident of its own.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alarmd.directory import lookup
from alarmd.engine import Engine, Opening, is_readable
from alarmd.intake.delivery import Delivery
from alarmd.privacy import masked
from alarmd.store import Row, Transaction
from devices import bases
from devices.signal import Signal
from escalation.incident import Joined
from escalation.texts import strangers as words
from escalation.texts.facts import Texts, clean

TOLD_APART = 50  # addresses of one incident that are remembered; what others say is counted


def sender(delivery: Delivery) -> str:
    """Who is behind a message, as far as anybody can say."""
    return f"sender:{delivery.via}:{delivery.user}"


def payer(delivery: Delivery) -> str:
    """From whose budget over all devices it is paid: its user's, or, behind a broker, that of its topic's root."""
    if delivery.via != "broker":
        return f"{delivery.via}:{delivery.user or delivery.sender}"
    levels = delivery.topic[:200].strip("/").split("/")
    return f"broker:{'/'.join(levels[:3] if levels[0] == 'alarmd' else levels[:1])}"


def press(tx: Transaction, engine: Engine, opening: Opening, delivery: Delivery, now: datetime) -> str:
    """An alarm of a device that nobody registered: in its own open incident, in its sender's, or in a new one; its id.

    Args:
        tx: The transaction.
        engine: Opens and raises.
        opening: As for any press.
        delivery: Who brought it, and for how many.
        now: The present.
    """
    who = sender(delivery)
    if tx.one("incident_open_of", subject=opening.subject, kind=opening.kind) is not None:
        return engine.press(tx, replace(opening, sender=""), now).id
    own = tx.one("stranger_incident", who=opening.subject, kind=opening.kind)
    row = own or tx.one("stranger_incident", who=who, kind=opening.kind)
    if row is None or not is_readable(row):
        incident = engine.press(tx, replace(opening, sender=""), now)
        for name in (who, opening.subject):
            tx.run("stranger_put", who=name, kind=opening.kind, incident=incident.id)
        return incident.id
    new = own is None and _is_told_apart(tx, row, opening)
    pressed, messages = opening.pressed, delivery.like.messages
    event = Joined(signal=pressed.signal, device=pressed.device, text=clean(pressed.text), new=new, messages=messages)
    return engine.happen(tx, row, event, now).id


def _is_told_apart(tx: Transaction, row: Row, opening: Opening) -> bool:
    """Note a new address of an incident, while there are few."""
    known = tx.one("strangers_of", incident=row["id"])
    if known is not None and known["n"] > TOLD_APART:
        return False
    tx.run("stranger_put", who=opening.subject, kind=opening.kind, incident=row["id"])
    return True


class Elsewhere(Struct, frozen=True, kw_only=True):
    """The registered device of whose address a gateway speaks that may not speak for it.

    Attributes:
        id: Its id.
        kind: What it is.
        resident: Whose it is.
        name: Their name.
    """

    id: str
    kind: str
    resident: str
    name: str


Known = lookup.RetiredDevice | Elsewhere


def elsewhere(tx: Transaction, signal: Signal) -> Elsewhere | None:
    """The device that has this address behind another base topic, or None.

    It may be that one, behind a gateway that was set up otherwise than its device was registered: so it counts as what
    it would be, and the desk hears whose it may be. Nobody near it is asked, for any gateway's password can say so.
    """
    base, address = bases.parted(signal.device or "")
    row = tx.one("device_elsewhere", family=signal.family, address=address) if base else None
    return Elsewhere(**dict(row)) if row else None


def all_that_is_known(signal: Signal, delivery: Delivery, device: Known | None, texts: Texts) -> str:
    """Of a device that nobody registered, for the person at the desk who has to find it."""
    known = {
        "family": signal.family,
        "topic": delivery.topic[:200],
        "via": delivery.via,
        "user": delivery.user[:60],
        "battery": signal.battery,
        "at": f"{signal.lat:.5f},{signal.lon:.5f}" if signal.lat is not None and signal.lon is not None else None,
        **dict(list(signal.measurements.items())[:8]),
        "says": signal.text[:200],
    }
    told = masked(words.known_of(known, texts), length=None)
    if device is None:
        return told
    whose = words.perhaps if isinstance(device, Elsewhere) else words.retired
    return f"{whose(device.id, device.name, device.resident, texts)}; {told}"
