"""Out of the directory, and back: who is retired is never asked, listed or supervised again, and stays in the log.

A responder, a contact and a circle leave their tables, so that whatever asks for people finds those who are there. The
rows of a resident and of a device stay, for incidents and exposures name them: the resident's without a telephone, the
device's without family and address, which are free for another one then.

Presses wait while the store is held, so nothing is looked for then that could be found before (`prepare`), and
everything is looked up by a key: a directory is never walked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from alarmd import journal, times
from alarmd.directory import lookup
from alarmd.directory.files.kinds import word
from alarmd.store import Row, Transaction
from config.wording import said, said_of
from escalation.people import Circle, Contact, Device, Resident, Responder

Value = Circle | Resident | Responder | Device | Contact
_SHOWN = 8
_IN_LOG = 200  # of what went along; the rest is in the directory's own record


class What(StrEnum):
    """What can be retired; a contact goes with its people."""

    RESIDENT = "resident"
    RESPONDER = "responder"
    DEVICE = "device"
    CIRCLE = "circle"


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """One who was retired."""

    kind: str
    id: str
    name: str
    at: datetime
    by: str
    reason: str
    because: str = ""


Gone = Mapping[str, Mapping[str, tuple[Retired, Value]]]
"""By kind and id: who was retired, with the row as it was."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done.

    Attributes:
        name: Whose.
        along: What went or came with it: ``("device", "wang-bed")``, ``("contact", "wang/li")``.
        left: What could not come back, and why.
    """

    name: str
    along: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be retired, and what goes with them.

    Attributes:
        what: Which kind.
        value: Their row.
        along: What goes with it: devices and contacts of a home, contacts of a responder.
        directory: The directory's number when it was read.
    """

    what: What
    value: Resident | Responder | Device | Circle
    along: tuple[Device | Contact, ...]
    directory: str | None


class RetiringError(Exception):
    """It cannot be done, or not without saying so; the text says why and what to do."""


def find(tx: Transaction, what: What, who: str, *, back: bool = False) -> str:
    """The id of who is meant by an id or by a name; what is no name of one kind is taken for an id.

    Args:
        tx: A transaction that reads.
        what: Which kind.
        who: Id or name.
        back: Whether it is one of those who were retired.

    Raises:
        RetiringError: Several are called so.
    """
    if (back and tx.one("retired_of", kind=what.value, id=who)) or (not back and _by_id(tx, what, who)):
        return who
    found = [str(row["id"]) for row in tx.all("retired_named" if back else "retiring_named", kind=what.value, name=who)]
    if len(found) > 1:
        raise RetiringError(said("{who!r} could be {found}: give the id", who=who, found=", ".join(found)))
    return found[0] if found else who


def prepare(tx: Transaction, what: What, id: str) -> Leaving:  # noqa: A002 - the directory's own word
    """Find who is to be retired, and what goes with them; a transaction that reads will do.

    Raises:
        RetiringError: Nobody of that id is there.
    """
    value = _there(tx, what, id)
    return Leaving(what=what, value=value, along=tuple(_along(tx, what, id)), directory=_directory(tx))


def retire(
    tx: Transaction,
    leaving: Leaving,
    *,
    by: str,
    reason: str,
    now: datetime,
    anyway: bool = False,
) -> Done:
    """Take somebody or something out of the directory.

    Args:
        tx: A transaction that may write.
        leaving: By `prepare`, in this transaction or an earlier one; if the directory changed since, it is read anew.
        by: Who does it.
        reason: Why.
        now: The present.
        anyway: Also somebody who is engaged in an open incident, or a circle that has members.

    Raises:
        RetiringError: Nobody of that id is there, or an incident of theirs is open.
    """
    if leaving.directory != _directory(tx):
        leaving = prepare(tx, leaving.what, leaving.value.id)
    what, value = leaving.what, leaving.value
    _bar_open(tx, what, value.id, anyway=anyway)
    name = "" if isinstance(value, Device) else value.name
    facts = {"at": times.to_text(now), "by": by, "reason": reason}
    _take_out(tx, leaving.along, because=f"{what}/{value.id}", **facts)
    _take_out(tx, (value,), because="", **facts)
    if what is What.RESPONDER:
        incidents = [row["id"] for row in tx.all("retiring_engaged", person=value.id)]
        for incident in (None, *incidents):
            tx.run("retire_messages", incident=incident, person=value.id, at=facts["at"])
    names = tuple((_kind(one), _id(one)) for one in leaving.along)
    told = [f"{kind} {id_}" for kind, id_ in names[:_IN_LOG]]
    _log(tx, now, by, {"retired": what.value, "id": value.id, "reason": reason, "along": told})
    return Done(name=name or value.id, along=names)


def _directory(tx: Transaction) -> str | None:
    row = tx.one("note_get", name="directory")
    return row["value"] if row else None


def bring_back(tx: Transaction, what: What, id: str, *, by: str, reason: str, now: datetime) -> Done:  # noqa: A002 - see above
    """Put somebody back as they were, with what went with them.

    Raises:
        RetiringError: They were not retired, or their place is taken.
    """
    row = tx.one("retired_of", kind=what.value, id=id)
    if row is None:
        raise RetiringError(said("there is no retired {what} {id!r}", what=word(what), id=id))
    if why := _taken(tx, row):
        raise RetiringError(why)
    _put_back(tx, row)
    along, left = [], []
    for one in tx.all("retired_because", because=f"{what}/{id}"):
        if why := _taken(tx, one):
            left.append(why)
            continue
        _put_back(tx, one)
        along.append((str(one["kind"]), str(one["id"])))
    told = [f"{kind} {id_}" for kind, id_ in along[:_IN_LOG]]
    _log(tx, now, by, {"brought_back": what.value, "id": id, "reason": reason, "along": told})
    return Done(name=row["name"] or id, along=tuple(along), left=tuple(left))


def retired(tx: Transaction) -> list[Retired]:
    """Everybody who was retired, the latest first."""
    return [_retired(row) for row in tx.each("retired_all")]


def values(tx: Transaction) -> Gone:
    """By kind and id: who was retired, with the row as it was."""
    found: dict[str, dict[str, tuple[Retired, Value]]] = {}
    for row in tx.each("retired_all"):
        found.setdefault(row["kind"], {})[row["id"]] = (_retired(row), _value(row))
    return found


def _retired(row: Row) -> Retired:
    fields = {name: row[name] for name in ("kind", "id", "name", "by", "reason", "because")}
    return Retired(**fields, at=times.from_text(row["at"]))


# ---------------------------------------------------------------- whether


def _there(tx: Transaction, what: What, id: str) -> Resident | Responder | Device | Circle:  # noqa: A002 - see above
    if (found := _by_id(tx, what, id)) is not None:
        return found
    if row := tx.one("retired_of", kind=what.value, id=id):
        raise RetiringError(
            said(
                "{what} {id!r} was retired already, on {day} by {by}: {reason}",
                what=word(what),
                id=id,
                day=row["at"][:10],
                by=row["by"],
                reason=row["reason"],
            )
        )
    raise RetiringError(said("there is no {what} {id!r}", what=word(what), id=id))


def _by_id(tx: Transaction, what: What, id: str) -> Resident | Responder | Device | Circle | None:  # noqa: A002 - see above
    match what:
        case What.RESIDENT:
            return lookup.resident(tx, id)
        case What.RESPONDER:
            return lookup.responder(tx, id)
        case What.CIRCLE:
            return lookup.circle(tx, id)
        case What.DEVICE:
            return lookup.device(tx, id)


def _bar_open(tx: Transaction, what: What, id: str, *, anyway: bool) -> None:  # noqa: A002 - see above
    if what in {What.RESIDENT, What.DEVICE}:
        whose = {"resident": id if what is What.RESIDENT else None, "device": id if what is What.DEVICE else None}
        if rows := tx.all("retiring_incidents", **whose):
            raise RetiringError(
                said(
                    "{what} {id!r} has an open incident ({incidents}); close it first",
                    what=word(what),
                    id=id,
                    incidents=_some(rows),
                )
            )
    if what is What.RESPONDER and not anyway and (rows := tx.all("retiring_engaged", person=id)):
        raise RetiringError(
            said(
                "responder {id!r} takes part in an open incident ({incidents}): nothing more would be sent to them, "
                "their replies would count as a stranger's, and whoever accepted is still to arrive there. "
                "Wait for its end, or say --anyway",
                id=id,
                incidents=_some(rows),
            )
        )
    if what is What.CIRCLE and not anyway and (rows := tx.all("retiring_members", id=id)):
        raise RetiringError(
            said(
                "circle {id!r} has members ({members}), who would be left without its telephone and its people; "
                "move them to another one by importing them, or say --anyway",
                id=id,
                members=_some(rows),
            )
        )


def _some(rows: Sequence[Row]) -> str:
    shown = ", ".join(str(row["id"]) for row in rows[:_SHOWN])
    more = len(rows) - _SHOWN
    return shown + (said_of(" and {number} more", " and {number} more", more) if more > 0 else "")


def _taken(tx: Transaction, row: Row) -> str:
    """Why a retired one cannot come back; empty where it can."""
    value = _value(row)
    if isinstance(value, Device):
        other = lookup.device_at(tx, value.family, value.address)
        if other is not None:
            return said(
                "device {id!r} cannot come back: its address belongs to device {other!r} now",
                id=value.id,
                other=other.id,
            )
        if lookup.resident(tx, value.resident) is None:
            return said(
                "device {id!r} cannot come back: resident {resident!r} is retired", id=value.id, resident=value.resident
            )
    if isinstance(value, Contact) and not (
        lookup.resident(tx, value.resident) and lookup.responder(tx, value.responder)
    ):
        return said("contact {id} cannot come back: one of the two is retired", id=row["id"])
    return ""


# ---------------------------------------------------------------- how


def _along(tx: Transaction, what: What, id: str) -> list[Device | Contact]:  # noqa: A002 - see above
    if what is What.RESPONDER:
        return [*lookup.contacts_by(tx, id)]
    if what is What.RESIDENT:
        return [*lookup.devices_of(tx, id), *lookup.contacts_of(tx, id)]
    return []


def _kind(value: Value) -> str:
    return type(value).__name__.lower()


def _id(value: Value) -> str:
    return f"{value.resident}/{value.responder}" if isinstance(value, Contact) else value.id


def _take_out(tx: Transaction, values: Sequence[Value], *, at: str, by: str, reason: str, because: str) -> None:
    tx.many(
        "retired_put", [_as_retired(one) | {"at": at, "by": by, "reason": reason, "because": because} for one in values]
    )
    for value in values:
        match value:
            case Contact():
                tx.run("retire_contact", resident=value.resident, responder=value.responder)
            case Device():
                tx.run("retire_device", id=value.id)
                tx.run("retire_exposures", device=value.id, until=at)
            case Resident():
                tx.run("retire_resident", id=value.id)
            case Responder():
                tx.run("retire_responder", id=value.id)
            case Circle():
                tx.run("retire_circle", id=value.id)


def _as_retired(value: Value) -> dict[str, Any]:
    return {
        "kind": _kind(value),
        "id": _id(value),
        "name": "" if isinstance(value, Device | Contact) else value.name,
        "family": value.family if isinstance(value, Device) else "",
        "address": value.address if isinstance(value, Device) else "",
        "data": msgspec.json.encode(value).decode(),
    }


_TYPES: Mapping[str, type[Value]] = {
    "circle": Circle,
    "resident": Resident,
    "responder": Responder,
    "device": Device,
    "contact": Contact,
}


def _value(row: Row) -> Value:
    found: Value = msgspec.json.decode(row["data"], type=_TYPES[row["kind"]])
    return found


def _put_back(tx: Transaction, row: Row) -> None:
    value = _value(row)
    tx.run("retired_remove", kind=row["kind"], id=row["id"])
    tx.many(f"directory_put_{row['kind']}", [lookup.stored(value)])


def _log(tx: Transaction, now: datetime, by: str, data: dict[str, Any]) -> None:
    seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor=by, data=data))
    tx.run("note_set", name="directory", value=str(seq))
