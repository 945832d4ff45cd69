"""What the desk sees, read from the store: pure functions on a transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from alarmd import journal, times
from alarmd.circle import EnginePeople, phone_of
from alarmd.directory import lookup, proving
from alarmd.directory.around import contacts_of
from alarmd.messages import lateness
from alarmd.store import Row, Transaction
from alarmd.web import models, words
from config.settings import Settings
from config.wording import said_again
from escalation import whereabouts
from escalation.incident import Incident, Participant, Standing, Status
from escalation.people import Role
from escalation.responders import GAPS

NOT_EVEN_TRIED = timedelta(seconds=10)
_AT_WORK = {Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED}


def incident(tx: Transaction, incident_id: str) -> Incident | None:
    """The incident as stored."""
    row = tx.one("desk_incident", id=incident_id)
    return _decode(row) if row else None


def like(tx: Transaction, part: str) -> list[str]:
    """References that begin or end so, the newest first, at most nine; only the one where it is a whole reference."""
    found = [str(row["id"]) for row in tx.all("desk_incident_like", part=part)] if part else []
    return [part] if part in found else found


def incidents(
    tx: Transaction, *, include_closed: bool, resident: str | None, limit: int, now: datetime
) -> list[models.IncidentView]:
    """Open incidents first, then by age, the newest first."""
    rows = tx.all("desk_incidents", include_closed=include_closed, resident=resident, limit=limit)
    waiting = _waiting(tx, now)
    return [models.IncidentView(**_view(tx, row, waiting)) for row in rows]


def detail(
    tx: Transaction, incident_id: str, *, now: datetime, settings: Settings, numbers: bool
) -> models.IncidentDetail | None:
    """All that is known of one incident.

    Args:
        tx: A transaction that may only read.
        incident_id: Which.
        now: The present: who is on duty, what waits.
        settings: Zone, desk phones, ways.
        numbers: Whether the reader may have the telephones of those who can be rung.
    """
    row = tx.one("desk_incident", id=incident_id)
    if row is None:
        return None
    found = _decode(row)
    return models.IncidentDetail(
        **_view(tx, row, _waiting(tx, now)),
        sender=_sender(tx, found),
        home=resident(tx, found.resident, now=now, zone=settings.zone, numbers=numbers) if found.resident else None,
        also_homes=[
            home
            for one in found.also
            if (home := resident(tx, one, now=now, zone=settings.zone, numbers=numbers)) is not None
        ],
        participants=[_participant(tx, one, settings, numbers=numbers) for one in found.participants],
        reachable=_reachable(tx, found, settings, now) if numbers else [],
        desk_phones=list(settings.service.desk_phones) if numbers else [],
        deadlines=_deadlines(found),
        messages=[models.MessageView(**message) for message in tx.all("desk_messages", incident=incident_id)],
        log=[log_view(entry) for entry in log_of(tx, incident_id)],
    )


def log_of(tx: Transaction, incident_id: str) -> list[journal.LogEntry]:
    """The incident's entries in order; only the stretch of the log between its first and last is looked through."""
    span = tx.one("desk_log_span", incident=incident_id)
    if span is None or not span["entries"]:
        return []
    return list(journal.read(tx, after=span["first"] - 1, incident=incident_id, limit=span["entries"]))


def log_view(entry: journal.LogEntry) -> models.LogView:
    """An entry as the API shows it."""
    return models.LogView(**json.loads(entry.as_json()))


def resident(
    tx: Transaction, resident_id: str, *, now: datetime, zone: tzinfo, numbers: bool
) -> models.ResidentView | None:
    """A resident with contacts and devices; also one who was retired, for an old incident names the home."""
    row = tx.one("desk_resident", id=resident_id)
    if row is None:
        return None
    fields = dict(row) | {
        "birth_date": row["birth_date"] or None,
        "categories": [word for word in row["categories"].split(";") if word],
        "contacts": [
            dict(contact) | ({} if numbers else {"phone": ""})
            for contact in tx.all("desk_contacts", resident=resident_id)
        ],
        "devices": [dict(device) for device in tx.all("desk_devices", resident=resident_id)],
        "not_protected": proving.said(proving.unproved(tx, resident_id, now=now, zone=zone)),
    }
    return models.ResidentView.model_validate(fields)


def responder(tx: Transaction, who: str) -> list[tuple[str, str]]:
    """Id and name of the responder with that id, else of all with that name."""
    rows = tx.all("desk_responder", who=who) or tx.all("desk_responders_named", who=who)
    return [(row["id"], row["name"]) for row in rows]


def _decode(row: Row) -> Incident:
    return msgspec.json.decode(row["state"], type=Incident)


def _whereabouts(tx: Transaction, found: Incident) -> models.WhereaboutsView | None:
    if found.fix is None:
        return None
    home = lookup.resident(tx, found.resident) if found.resident else None
    there = whereabouts.away(home, found.fix)
    return models.WhereaboutsView(
        lat=found.fix.lat,
        lon=found.fix.lon,
        accuracy_m=found.fix.accuracy_m,
        at=found.fix.at,
        fresh=found.fix.fresh,
        away=there is not None,
        metres_from_home=there.metres if there else None,
        direction=there.direction if there else "",
    )


def _view(tx: Transaction, row: Row, waiting: Mapping[str, models.WaitingView]) -> dict[str, object]:
    found = _decode(row)
    deadlines = _deadlines(found)
    late = lateness(found)
    return {
        "id": found.id,
        "code": found.code,
        "status": found.status.value,
        "kind": found.kind,
        "subject": found.subject,
        "resident": found.resident,
        "resident_name": _names(tx, row["resident_name"], found.also),
        "also": list(found.also),
        "resident_retired": bool(row["resident_retired"]),
        "device": found.device,
        "device_retired": bool(found.resident and row["device_retired"]),
        "opened_at": found.opened_at,
        "pressed_at": found.pressed_at,
        "late_seconds": late and late.total_seconds(),
        "presses": found.presses,
        "whereabouts": _whereabouts(tx, found),
        "suspect": found.suspect,
        "step": found.step + 1,
        "steps": len(found.plan.steps),
        "coming": [words.person_name(p.who) for p in found.participants if p.standing in _AT_WORK],
        "handoff": found.handoff.state.value if found.handoff else None,
        "waiting": waiting.get(found.id),
        "next": deadlines[0] if deadlines else None,
        "closed_at": found.closed_at,
        "closed_by": found.closed_by,
        "close_reason": found.close_reason,
    }


def _names(tx: Transaction, first: str, also: Sequence[str]) -> str:
    """Of whose alarm it is, and of those with the same telephone whose it may be too."""
    rows = [tx.one("desk_resident", id=one) for one in also]
    return " / ".join(dict.fromkeys(filter(None, (first, *(row["name"] for row in rows if row is not None)))))


def _sender(tx: Transaction, found: Incident) -> str:
    row = None if found.resident else tx.one("desk_sender", incident=found.id)
    return row["device"] if row else ""


def _deadlines(found: Incident) -> list[models.Next]:
    ordered = sorted(found.deadlines, key=lambda deadline: deadline.due_at)
    return [models.Next(at=deadline.due_at, what=words.what(found, deadline)) for deadline in ordered]


def _waiting(tx: Transaction, now: datetime) -> dict[str, models.WaitingView]:
    """What does not get out, by incident: tried in vain, or not even tried for longer than that ever takes."""
    rows = tx.all("desk_waiting", before=times.to_text(now - NOT_EVEN_TRIED))
    return {
        row["incident"]: models.WaitingView(
            texts=row["texts"],
            calls=row["calls"],
            since=times.from_text(row["since"]),
            tries=row["tries"],
            provider=row["provider"],
        )
        for row in rows
    }


def _reachable(tx: Transaction, found: Incident, settings: Settings, now: datetime) -> list[models.ReachableView]:
    """Whom the desk may ring by hand: the resident's contacts, whom the plan has yet to ask, and the desk's people."""
    if found.status is Status.CLOSED:
        return []
    people = EnginePeople(tx, settings=settings, now=now)
    contacts = contacts_of(tx, found.resident, found.also) if found.resident else ()
    candidates = [person for one in contacts if (person := people.person(found, one.responder)) is not None]
    for step in range(len(found.plan.steps)):
        candidates += people.choose(found, step).chosen
    candidates += people.desk(found).chosen
    asked = {participant.who.id for participant in found.participants}
    last = people.anybody(found)
    why = said_again(last.gap, GAPS) if last.gap else ""
    resorts = {who.id: why for who in last.chosen if why}
    by_id = {
        who.id: who for who in (*candidates, *last.chosen) if who.id not in asked and who.role is not Role.RESIDENT
    }
    return [
        models.ReachableView(
            id=who.id,
            name=who.name,
            role=who.role.value,
            phone=phone,
            relationship=who.relationship,
            travel_seconds=who.travel_seconds,
            last_resort=resorts.get(who.id, ""),
        )
        for who in by_id.values()
        if (phone := phone_of(tx, settings, who.id))
    ]


def _participant(
    tx: Transaction, participant: Participant, settings: Settings, *, numbers: bool
) -> models.ParticipantView:
    return models.ParticipantView(
        id=participant.who.id,
        name=participant.who.name,
        role=participant.who.role.value,
        retired=tx.one("retired_of", kind="responder", id=participant.who.id) is not None,
        standing=participant.standing.value,
        phone=(phone_of(tx, settings, participant.who.id) or None) if numbers else None,
        channels=[channel.value for channel in participant.who.channels],
        failed=[channel.value for channel in participant.failed],
        step=participant.step + 1,
        travel_seconds=participant.who.travel_seconds,
        arrive_by=participant.arrive_by,
    )
