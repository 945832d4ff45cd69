"""One row of a file to one value: what each column means, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

import msgspec

from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Kind
from alarmd.directory.files.words import nearest
from alarmd.directory.rotas import Book, spoken
from alarmd.reserved import SHOWN, is_reserved
from config.wording import said
from devices import FAMILIES, KINDS, Family, promises
from escalation.people import Circle, Contact, Device, Resident, Responder, Role, Tier, Travel

Value = Circle | Resident | Responder | Device | Contact

LANGUAGES = ("zh-CN", "en")
CATEGORIES = (
    "living_alone",
    "empty_nest",
    "left_behind",
    "destitute",
    "very_old",
    "severe_disability",
    "loss_of_function",
    "bereaved_only_child",
    "share_medical",
)
_OLDEST = date(1880, 1, 1)


class Context(msgspec.Struct, frozen=True):
    """What rows are checked against.

    Attributes:
        country: Of the service.
        plans: The names of the plans.
        today: In the service's zone.
        duty: The rotas of what is imported.
    """

    country: str
    plans: Collection[str]
    today: date
    duty: Book


def circle(cells: Cells, context: Context) -> Circle:
    """A row of ``circles.csv``."""
    del context
    lat, lon = cells.position()
    return Circle(
        id=_id(cells),
        name=cells.text("name", required=True),
        tier=cells.word("tier", Tier, default=Tier.STREET, required=True),
        parent=cells.id("parent"),
        lat=lat,
        lon=lon,
        phone=cells.phone(),
    )


def resident(cells: Cells, context: Context) -> Resident:
    """A row of ``residents.csv``."""
    lat, lon = cells.position()
    if lat is None and cells.has("lat") and not cells.faults:
        cells.warn("lat", said("no position: nobody can be chosen by their way to this door"))
    plan = cells.text("plan")
    if plan and plan not in context.plans:
        cells.fault("plan", said("there is no plan {plan!r}; {hint}", plan=plan, hint=nearest(plan, context.plans)))
    return Resident(
        id=_id(cells),
        name=cells.text("name", required=True),
        language=cells.language("language", LANGUAGES),
        phone=cells.phone(),
        birth_date=_birth_date(cells, context.today),
        address=cells.text("address"),
        lat=lat,
        lon=lon,
        access=cells.text("access"),
        conditions=cells.text("conditions"),
        medication=cells.text("medication"),
        allergies=cells.text("allergies"),
        mobility=cells.text("mobility"),
        categories=cells.of_list("categories", CATEGORIES),
        circle=cells.id("circle"),
        plan=plan,
        notes=cells.text("notes"),
    )


def responder(cells: Cells, context: Context) -> Responder:
    """A row of ``responders.csv``."""
    lat, lon = cells.position()
    role = cells.word("role", Role, default=Role.NEIGHBOUR, required=True, barred=(Role.DISPATCH, Role.RESIDENT))
    if lat is None and cells.has("lat") and role is not Role.DESK and not cells.faults:
        cells.warn("lat", said("no position: cannot be chosen as nearest"))
    phone = cells.phone()
    if cells.has("phone") and not phone and not cells.faults:
        cells.warn("phone", said("no number: cannot be asked at all"))
    shifts = cells.hours("on_call")
    if shifts:
        _check_shifts(cells, shifts, context.duty)
    return Responder(
        id=_id(cells),
        name=cells.text("name", required=True),
        language=cells.language("language", LANGUAGES),
        phone=phone,
        role=role,
        lat=lat,
        lon=lon,
        travel=cells.word("travel", Travel, default=Travel.WALK),
        skills=cells.words("skills"),
        on_call=shifts,
        circle=cells.id("circle"),
    )


def device(cells: Cells, context: Context) -> Device:
    """A row of ``devices.csv``; the address in its family's one spelling."""
    del context
    family = cells.one_of("family", FAMILIES)
    address = cells.text("address", required=True)
    if family in FAMILIES:
        address = _address(cells, FAMILIES[family], address)
    return Device(
        id=_id(cells),
        family=family,
        address=address,
        resident=cells.text("resident", required=True),
        kind=cells.one_of("kind", KINDS),
        room=cells.text("room"),
        report_every=_report_every(cells, family),
    )


def _address(cells: Cells, family: Family, written: str) -> str:
    """The address as the device will be looked up by; what cannot be one is a fault, what looks odd a warning."""
    address = family.registered(written)
    if wrong := family.address_fault(written):
        cells.fault("address", said(wrong.sentence, **wrong.facts))
    elif odd := family.address_doubt(address):
        cells.warn("address", said(odd.sentence, **odd.facts))
    return address


def _report_every(cells: Cells, family: str) -> int | None:
    """How often a device promises to be heard: neither ever silent by it, nor silent without anybody noticing."""
    every = cells.lasting("report_every")
    if every is None:
        return None
    if every < promises.LEAST_S:
        cells.fault(
            "report_every",
            said(
                "{text} is {seconds} seconds, too short a time to call a device silent; "
                "write for example 5m, 30m or 25h",
                text=cells.text("report_every"),
                seconds=every,
            ),
        )
    elif every > promises.MOST_S:
        cells.fault(
            "report_every",
            said(
                "{text} is {days} days, too long a time to notice that a device is silent; "
                "write for example 30m, 25h or 7d",
                text=cells.text("report_every"),
                days=every // 86_400,
            ),
        )
    elif promises.is_hasty(family, every):
        cells.warn(
            "report_every",
            said(
                "{text} is {seconds} seconds, and devices of {family} are heard every few hours; write for example 25h",
                text=cells.text("report_every"),
                seconds=every,
                family=family,
            ),
        )
    return every


def contact(cells: Cells, context: Context) -> Contact:
    """A row of ``contacts.csv``."""
    del context
    cells.text("rank", required=True)
    return Contact(
        resident=cells.id("resident", required=True),
        responder=cells.id("responder", required=True),
        rank=cells.whole("rank", least=1) or 1,
        relationship=cells.text("relationship"),
        has_key=cells.yes("has_key"),
    )


PARSERS: Mapping[Kind, Callable[[Cells, Context], Value]] = {
    Kind.CIRCLES: circle,
    Kind.RESIDENTS: resident,
    Kind.RESPONDERS: responder,
    Kind.DEVICES: device,
    Kind.CONTACTS: contact,
}


def _check_shifts(cells: Cells, shifts: str, duty: Book) -> None:
    remarks = duty.rota(shifts).remarks
    for sentence in spoken(shifts, [one for one in remarks if one.refused]):
        cells.fault("on_call", sentence)
    for sentence in spoken(shifts, [one for one in remarks if not one.refused]):
        cells.warn("on_call", sentence)


def _id(cells: Cells) -> str:
    text = cells.id("id", required=True)
    if is_reserved(text):
        cells.fault("id", said("{text!r} is a name alarmd gives itself ({names})", text=text, names=SHOWN))
    return text


def _birth_date(cells: Cells, today: date) -> date | None:
    born = cells.day("birth_date")
    if born is not None and not _OLDEST <= born <= today:
        cells.fault("birth_date", said("{text} is nobody's who is alive; write year-month-day", text=born.isoformat()))
        return None
    return born
