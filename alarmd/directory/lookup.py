"""Looking people and devices up, inside a transaction."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from alarmd.store import Row, Transaction
from escalation.people import Circle, Contact, Device, Resident, Responder, Role, Tier, Travel

_METRES_PER_DEGREE = 110_000.0  # a little less than a degree really has, so that the box is never too small
_ROUND = 360.0


def resident(tx: Transaction, id: str) -> Resident | None:  # noqa: A002 - the directory's own word
    """A resident by id, or None."""
    row = tx.one("directory_resident", id=id)
    return resident_of(row) if row else None


def was_resident(tx: Transaction, id: str) -> bool:  # noqa: A002 - see above
    """Whether a resident has, or had until they were retired, this id."""
    return tx.one("directory_resident_ever", id=id) is not None


def residents(tx: Transaction) -> list[Resident]:
    """Every resident, by id."""
    return [resident_of(row) for row in tx.each("directory_residents")]


def of_one_home(tx: Transaction, resident: str) -> list[str]:
    """The ids of those who live with a resident, by address, position or telephone; the resident's own among them."""
    return list({resident: None, **{row["id"]: None for row in tx.all("directory_of_one_home", id=resident)}})


def is_house(tx: Transaction, resident: str) -> bool:
    """Whether a resident's position is that of other homes too."""
    return tx.one("directory_is_house", id=resident) is not None


def device_at(tx: Transaction, family: str, address: str) -> Device | None:
    """The device that its family knows by this address, or None."""
    row = tx.one("directory_device_at", family=family, address=address)
    return device_of(row) if row else None


def device(tx: Transaction, id: str) -> Device | None:  # noqa: A002 - see above
    """A device by id, or None."""
    row = tx.one("directory_device", id=id)
    return device_of(row) if row else None


def devices_of(tx: Transaction, resident: str) -> list[Device]:
    """The devices of one home, by id."""
    return [device_of(row) for row in tx.each("directory_devices_of", resident=resident)]


def devices(tx: Transaction) -> list[Device]:
    """Every device, by id."""
    return [device_of(row) for row in tx.each("directory_devices")]


class RetiredDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that was taken out of the directory, and speaks all the same.

    Attributes:
        id: Its id.
        kind: What it was.
        resident: Whose it was.
        name: Their name.
        home: Their address.
    """

    id: str
    kind: str
    resident: str
    name: str
    home: str


def retired_device_at(tx: Transaction, family: str, address: str) -> RetiredDevice | None:
    """The device that had this address until it was retired, or None."""
    row = tx.one("retired_device_at", family=family, address=address)
    return RetiredDevice(**dict(row)) if row else None


def retired_resident(tx: Transaction, id: str) -> Resident | None:  # noqa: A002 - see above
    """Who lived there until they were retired, by name and address only; or None."""
    row = tx.one("retired_of", kind="resident", id=id)
    if row is None:
        return None
    return Resident(id=id, name=row["name"], address=str(json.loads(row["data"]).get("address") or ""))


def responder(tx: Transaction, id: str) -> Responder | None:  # noqa: A002 - see above
    """A responder by id, or None."""
    row = tx.one("directory_responder", id=id)
    return responder_of(row) if row else None


def responders(tx: Transaction) -> list[Responder]:
    """Every responder, by id."""
    return [responder_of(row) for row in tx.each("directory_responders")]


def responders_near(tx: Transaction, lat: float, lon: float, metres: Mapping[Travel, float]) -> list[Responder]:
    """Responders within that distance of a place, and a few beyond: those of a box around it.

    Args:
        tx: The transaction.
        lat: WGS-84 degrees.
        lon: WGS-84 degrees.
        metres: In a straight line, for each way of travelling.
    """
    found: dict[str, Responder] = {}
    for box in _boxes(lat, lon, metres):
        found |= {row["id"]: responder_of(row) for row in tx.each("directory_responders_in_box", **box)}
    return list(found.values())


def is_crowd(tx: Transaction, lat: float, lon: float, metres: Mapping[Travel, float], many: int) -> bool:
    """Whether there are so many responders in the box of `responders_near`, or some counted twice at its edge."""
    count = 0
    for box in _boxes(lat, lon, metres):
        row = tx.one("directory_crowd_in_box", **box, limit=many - count)
        count += row["n"] if row else 0
    return count >= many


def _boxes(lat: float, lon: float, metres: Mapping[Travel, float]) -> Iterator[dict[str, Any]]:
    for travel, reach in metres.items():
        up = reach / _METRES_PER_DEGREE
        for west, east in _spans(lat, lon, up):
            south, north = max(lat - up, -90.0), min(lat + up, 90.0)
            yield {"travel": travel.value, "south": south, "north": north, "west": west, "east": east}


def _spans(lat: float, lon: float, up: float) -> list[tuple[float, float]]:
    """The longitudes of a box so many degrees of latitude around a place; two where it lies across 180°."""
    narrowest = math.cos(math.radians(min(abs(lat) + up, 89.9)))
    aside = min(up / narrowest, _ROUND / 2)
    west, east = lon - aside, lon + aside
    spans = [(max(west, -_ROUND / 2), min(east, _ROUND / 2))]
    if west <= -_ROUND / 2:
        spans.append((west + _ROUND, _ROUND / 2))
    if east >= _ROUND / 2:
        spans.append((-_ROUND / 2, east - _ROUND))
    return spans


def responders_of_role(tx: Transaction, role: str) -> list[Responder]:
    """Every responder of that role."""
    return [responder_of(row) for row in tx.each("directory_responders_of_role", role=role)]


def responders_of_circle(tx: Transaction, circle: str) -> list[Responder]:
    """The members of a circle."""
    return [responder_of(row) for row in tx.each("directory_responders_of_circle", circle=circle)]


def contacts(tx: Transaction) -> list[Contact]:
    """Every contact, by resident and rank."""
    return [contact_of(row) for row in tx.each("directory_contacts")]


def contacts_of(tx: Transaction, resident: str) -> list[Contact]:
    """Whom a resident named, first rank first."""
    return [contact_of(row) for row in tx.each("directory_contacts_of", resident=resident)]


def contacts_by(tx: Transaction, responder: str) -> list[Contact]:
    """By whom a responder was named, by resident."""
    return [contact_of(row) for row in tx.each("directory_contacts_by", responder=responder)]


def responders_named_by(tx: Transaction, resident: str) -> list[Responder]:
    """The responders a resident named, first rank first."""
    return [responder_of(row) for row in tx.each("directory_responders_named_by", resident=resident)]


def circle(tx: Transaction, id: str) -> Circle | None:  # noqa: A002 - see above
    """A circle by id, or None."""
    row = tx.one("directory_circle", id=id)
    return circle_of(row) if row else None


def circles(tx: Transaction) -> list[Circle]:
    """Every circle, by id."""
    return [circle_of(row) for row in tx.each("directory_circles")]


def circle_chain(tx: Transaction, id: str) -> list[Circle]:  # noqa: A002 - see above
    """A circle and its parents, nearest first; a loop of parents ends where it began."""
    return [circle_of(row) for row in tx.each("directory_circle_chain", id=id)] if id else []


def names_of_number(tx: Transaction, phone: str) -> list[tuple[str, str]]:
    """Who can be reached there: names, each with its role, ``resident`` or ``circle``."""
    return [(row["name"], row["role"]) for row in tx.all("directory_names_of_number", phone=phone)]


def resident_of(row: Row) -> Resident:
    """A row of ``resident``."""
    fields = dict(row)
    fields["birth_date"] = date.fromisoformat(fields["birth_date"]) if fields["birth_date"] else None
    fields["categories"] = _words(fields["categories"])
    return Resident(**fields)


def responder_of(row: Row) -> Responder:
    """A row of ``responder``."""
    fields = dict(row)
    fields["role"] = Role(fields["role"])
    fields["travel"] = Travel(fields["travel"])
    fields["skills"] = _words(fields["skills"])
    return Responder(**fields)


def contact_of(row: Row) -> Contact:
    """A row of ``contact``."""
    fields = dict(row)
    fields["has_key"] = bool(fields["has_key"])
    return Contact(**fields)


def circle_of(row: Row) -> Circle:
    """A row of ``circle``."""
    fields = dict(row)
    fields["tier"] = Tier(fields["tier"])
    return Circle(**fields)


def device_of(row: Row) -> Device:
    """A row of ``device``."""
    return Device(**dict(row))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(";") if word)


def stored(value: Circle | Resident | Responder | Device | Contact) -> dict[str, Any]:
    """A value as its row, for the queries ``directory_put_…``."""
    row = msgspec.structs.asdict(value)
    for column, cell in row.items():
        if isinstance(cell, tuple):
            row[column] = ";".join(cell)
        elif isinstance(cell, date):
            row[column] = cell.isoformat()
    return row
