"""One row of a file to one value: what each column means, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date

import msgspec

from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Kind
from alarmd.directory.files.words import nearest
from config.wording import said
from devices import FAMILIES, KINDS
from escalation import on_call
from escalation.people import Circle, Contact, Device, Resident, Responder, Role, Tier, Travel

Value = Circle | Resident | Responder | Device | Contact

# Names that `alarmd` gives to people who are in no file.
_RESERVED = re.compile(r"line|ambulance|(?:desk|circle|device):.*")
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
        calendar: The text of the calendar an ``on_call`` names, or None.
    """

    country: str
    plans: Collection[str]
    today: date
    calendar: Callable[[str], str | None]


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
    if wrong := on_call.problem(shifts, context.country, context.calendar(shifts)):
        cells.fault("on_call", wrong)
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
    return Device(
        id=_id(cells),
        family=family,
        address=FAMILIES[family].canonical(address) if family in FAMILIES else address,
        resident=cells.text("resident", required=True),
        kind=cells.one_of("kind", KINDS),
        room=cells.text("room"),
        report_every=cells.lasting("report_every"),
    )


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


def _id(cells: Cells) -> str:
    text = cells.id("id", required=True)
    if _RESERVED.fullmatch(text):
        cells.fault(
            "id",
            said("{text!r} is a name alarmd gives itself (line, ambulance, desk:…, circle:…, device:…)", text=text),
        )
    return text


def _birth_date(cells: Cells, today: date) -> date | None:
    born = cells.day("birth_date")
    if born is not None and not _OLDEST <= born <= today:
        cells.fault("birth_date", said("{text} is nobody's who is alive; write year-month-day", text=born.isoformat()))
        return None
    return born
