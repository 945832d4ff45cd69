"""From the settings and the directory to the people of one step: what `escalation.responders` needs to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from alarmd.directory import lookup
from alarmd.store import Transaction
from config.settings import Service, Settings
from escalation.on_call import CALENDAR
from escalation.people import Choice, Resident, Responder, Role, Travel
from escalation.plan import Step, Who
from escalation.responders import NOBODY, Limits, Neighbourhood, choose
from escalation.travel import Router, StraightLine


def router(service: Service) -> Router:
    """How ways are worked out: straight line × detour ÷ speed, by the service's figures."""
    kmh = {Travel.WALK: service.walk_kmh, Travel.BICYCLE: service.bicycle_kmh, Travel.CAR: service.car_kmh}
    return StraightLine(detour=service.detour, kmh=kmh)


def limits(service: Service, *, skipped: int | None = 20) -> Limits:
    """What the service allows; ``skipped`` = how many passed-over people are told of, None = all."""
    return Limits(
        reach_within=service.reach_within,
        zone=service.zone,
        country=service.country,
        language=service.language,
        skipped=skipped,
    )


def choose_for(
    tx: Transaction,
    step: Step,
    resident: Resident | None,
    *,
    settings: Settings,
    now: datetime,
    asked: frozenset[str] = NOBODY,
    declined: frozenset[str] = NOBODY,
    busy: frozenset[str] = NOBODY,
    skipped: int | None = 20,
) -> Choice:
    """Who is contacted in a step, by what the directory says at this moment. See `escalation.responders.choose`."""
    way = router(settings.service)
    return choose(
        step,
        resident=resident,
        neighbourhood=neighbourhood(tx, step, resident, settings=settings, way=way),
        router=way,
        limits=limits(settings.service, skipped=skipped),
        now=now,
        asked=asked,
        declined=declined,
        busy=busy,
    )


def neighbourhood(
    tx: Transaction, step: Step, resident: Resident | None, *, settings: Settings, way: Router
) -> Neighbourhood:
    """The people whom a step may mean, and no more: a town's directory is not read for each press."""
    circles = tuple(lookup.circle_chain(tx, resident.circle)) if resident else ()
    contacts = tuple(lookup.contacts_of(tx, resident.id)) if resident else ()
    found: dict[str, Responder] = {}
    for responder in _responders(tx, step, resident, [c.id for c in circles], way, settings.service.reach_within):
        found[responder.id] = responder
    responders = tuple(found.values())
    return Neighbourhood(
        responders=responders,
        contacts=contacts,
        circles=circles,
        desk_phones=len(settings.service.desk_phones),
        line=settings.ambulance.mode == "line",
        calendars=calendars(responders, settings.folder),
    )


def calendars(responders: Iterable[Responder], folder: Path) -> Mapping[str, str]:
    """The text of each calendar file that somebody's ``on_call`` names; one that cannot be read is left out."""
    named = {r.on_call for r in responders if r.on_call.startswith(CALENDAR)}
    texts = {on_call: calendar(on_call, folder) for on_call in named}
    return {on_call: text for on_call, text in texts.items() if text is not None}


def calendar(on_call: str, folder: Path) -> str | None:
    """The text of the calendar file an ``on_call`` names, below the settings' folder; None if it cannot be read."""
    try:
        return (folder / on_call.removeprefix(CALENDAR)).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # no such file, not text, or an inline calendar, which is no file's name
        return None


def _responders(
    tx: Transaction, step: Step, resident: Resident | None, circles: list[str], way: Router, reach_within: float
) -> Iterable[Responder]:
    if step.contact in {Who.DESK, Who.AMBULANCE}:
        return lookup.responders_of_role(tx, Role.DESK)
    if step.contact is Who.ROLE:
        return lookup.responders_of_role(tx, step.role)
    if resident is None:
        return ()
    found: list[Responder] = []
    if step.contact in {Who.NEAREST, Who.EVERYONE} and resident.lat is not None and resident.lon is not None:
        reach = reach_within if step.reach_within is None else step.reach_within
        metres = max(way.reach_metres(reach, travel) for travel in Travel)
        found += lookup.responders_near(tx, resident.lat, resident.lon, metres)
    if step.contact is not Who.CONTACTS:
        found += [member for circle in circles for member in lookup.responders_of_circle(tx, circle)]
    if step.contact is not Who.CIRCLE:
        found += lookup.responders_named_by(tx, resident.id)
    return found
