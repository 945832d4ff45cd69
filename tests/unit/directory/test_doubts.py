"""What no single row shows: two with one number, somebody far from all the others, ids that differ only in case."""

from __future__ import annotations

from alarmd.directory import doubts
from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Kind
from escalation.people import Circle, Resident, Responder, Role, Tier

HOMES = [Resident(id=f"r{n}", name=f"R{n}", lat=31.2 + n / 1000, lon=121.4) for n in range(5)]


def told(kind: Kind, value: Resident | Responder | Circle, *existing: Resident | Responder | Circle) -> list[str]:
    row = Cells(2, {}, "CN")
    kinds = {Resident: Kind.RESIDENTS, Responder: Kind.RESPONDERS, Circle: Kind.CIRCLES}
    doubts.look({kind: [(row, value)]}, [(kinds[type(one)], one) for one in existing])
    return [str(warning) for warning in row.warnings]


def test_two_with_one_number_are_named_whoever_they_are() -> None:
    wang = Resident(id="wang", name="王秀英", phone="+8613800138000")
    for other, word in (
        (Resident(id="chen", name="陈", phone=wang.phone), "resident"),
        (Responder(id="chen", name="陈", phone=wang.phone), "responder"),
        (Circle(id="chen", name="陈", tier=Tier.STREET, phone=wang.phone), "circle"),
    ):
        assert told(Kind.RESIDENTS, wang, other) == [
            f"line 2, phone: +8613800138000 is also the number of {word} 'chen' (陈)"
        ]
    assert told(Kind.RESIDENTS, wang, wang) == []
    assert told(Kind.RESIDENTS, wang, Resident(id="x", name="X", phone="+8613800138001")) == []


def test_a_home_far_from_all_the_others_is_asked_about() -> None:
    for lat, lon in ((13.2, 121.4), (31.2, 112.4), (51.5, -0.1), (-31.2, 121.4), (31.2, -121.4)):
        (warning,) = told(Kind.RESIDENTS, Resident(id="x", name="X", lat=lat, lon=lon), *HOMES)
        assert "km from where the others live" in warning
    assert told(Kind.RESIDENTS, Resident(id="x", name="X", lat=31.5, lon=121.9), *HOMES) == []


def test_a_second_town_and_a_daughter_abroad_are_no_mistakes() -> None:
    beijing = [Resident(id=f"b{n}", name="B", lat=39.9, lon=116.4 + n / 100) for n in range(2)]
    assert told(Kind.RESIDENTS, beijing[0], *HOMES, beijing[1]) == []
    daughter = Responder(id="d", name="D", role=Role.FAMILY, lat=48.1, lon=11.6)
    assert told(Kind.RESPONDERS, daughter, *HOMES) == []
    assert told(Kind.RESIDENTS, Resident(id="first", name="F", lat=31.2, lon=121.4)) == []


def test_ids_that_differ_only_in_case_are_two_and_said() -> None:
    (warning,) = told(Kind.RESIDENTS, Resident(id="Wang", name="W"), Resident(id="wang", name="W"))
    assert "'Wang' is another resident than 'wang'" in warning
