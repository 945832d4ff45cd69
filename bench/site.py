"""A site with people: each home has three neighbours of its own, so that a request at the provider names its press."""

from __future__ import annotations

from typing import Any

from alarmd.store import schema, writing
from tests.support.running import Running

NEIGHBOURS = 3
_RESIDENT: dict[str, Any] = dict.fromkeys(
    ("language", "phone", "birth_date", "access", "conditions", "medication", "allergies", "mobility", "categories",
     "circle", "plan", "notes"), ""
)  # fmt: skip


def phone(home: int, neighbour: int) -> str:
    """A neighbour's number."""
    return f"+4477{home * NEIGHBOURS + neighbour:08d}"


def fill(alarmd: Running, homes: int) -> None:
    """Write homes, one button each, and their neighbours into the store."""
    schema.migrate(alarmd.path)
    places = [(-60 + home // 300 * 0.3, -170 + home % 300 * 0.3) for home in range(homes)]
    residents = [
        _RESIDENT | {"id": f"r{h}", "name": f"Resident {h}", "address": f"{h} Lane", "lat": lat, "lon": lon}
        for h, (lat, lon) in enumerate(places)
    ]
    devices = [
        {"id": f"d{h}", "family": "alarmd", "address": f"d{h}", "resident": f"r{h}", "kind": "button", "room": "",
         "report_every": None}
        for h in range(homes)
    ]  # fmt: skip
    responders = [
        {"id": f"p{h}-{n}", "name": f"Neighbour {n}", "language": "", "phone": phone(h, n), "role": "neighbour",
         "lat": lat, "lon": lon, "travel": "walk", "skills": "", "on_call": "", "circle": ""}
        for h, (lat, lon) in enumerate(places)
        for n in range(NEIGHBOURS)
    ]  # fmt: skip
    with writing(alarmd.url) as tx:
        tx.many("directory_put_resident", residents)
        tx.many("directory_put_device", devices)
        tx.many("directory_put_responder", responders)
