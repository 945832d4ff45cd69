"""`alarmd explain` and `alarmd coverage`: what an operator sees before anybody presses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alarmd.directory import lookup
from alarmd.store import Transaction, writing
from escalation.people import Travel
from escalation.travel import Position, metres
from tests.support.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    return site


def test_it_explains_who_when_through_what_and_why(site: Site) -> None:
    told = site.run("explain", "wang-xiuying", "--at", "2026-11-21T19:30").out
    for said in (
        "王秀英 (wang-xiuying), sos, Sat 2026-11-21 19:30 CST, plan standard",
        "T+0:00  1. nearest, next step after 60 s",
        "李桂花 (li-guihua)",
        "text + call",
        "named by the resident, rank 2 (邻居), has a key",
        "孙丽 (off duty, 2 min)",
        "T+1:00  2. contacts",
        "rank 1 (儿子)",
        "T+2:00  3. circle",
        "the circle's own phone",
        "T+3:00  4. ambulance",
        "T+5:00  5. the desk rings until somebody takes it",
    ):
        assert said in told
    assert told.count("NOT PROTECTED: no test has arrived from wang-") == 2
    assert "step" not in told.partition("Gaps")[2]


def test_it_explains_by_name_and_for_machines(site: Site) -> None:
    told = json.loads(site.run("explain", "王秀英", "--at", "2026-11-23T10:00", "--json").out)
    assert (told["resident"], told["plan"]) == ("wang-xiuying", "standard")
    assert all(gap.startswith("NOT PROTECTED: no test has arrived") for gap in told["gaps"])
    first = told["stages"][0]
    assert (first["contact"], first["after_seconds"], first["wait_seconds"]) == ("nearest", 0, 60)
    assert [person["id"] for person in first["choice"]["chosen"]] == ["li-guihua", "wu-ting", "sun-li"]
    assert {one["id"]: one["why"] for one in first["choice"]["skipped"]}["zhao-min"] == "off_duty"


def test_it_says_when_what_begins_together_begins(site: Site) -> None:
    told = json.loads(site.run("explain", "wang-xiuying", "--signal", "smoke", "--json").out)
    assert [(stage["contact"], stage["after_seconds"]) for stage in told["stages"][:3]] == [
        ("nearest", 0),
        ("ambulance", 20),
        ("everyone", 20),
    ]
    assert told["stages"][3]["after_seconds"] == 80
    site.run("import", site.file("responders.csv", "id,name,phone,role\nop,值班,13800138210,desk\n"))
    shown = site.run("explain", "wang-xiuying", "--signal", "smoke").out
    assert "T+0:20  2. ambulance, together with the next step" in shown
    assert "T+0:20  3. everyone, next step after 60 s" in shown


def test_it_explains_in_chinese_down_to_the_reasons(site: Site) -> None:
    site.run("import", site.file("residents.csv", "id,name,lat,lon\nlonely,孤,,\n"))
    lonely = site.run("explain", "lonely", "--language", "zh").out
    assert "第 1 步（最近的人）：" in lonely
    assert "没有可以询问的人" in lonely
    assert "nobody" not in lonely
    told = site.run("explain", "wang-xiuying", "--language", "zh").out
    assert "没有收到测试的有 wang-bath-cord（拉绳、卫生间）" in told
    assert "no test" not in told


def test_it_names_the_last_resort(site: Site) -> None:
    told = site.run("explain", "wang-xiuying", "--at", "2026-11-21T19:30").out
    last = told.partition("Last resort, where nobody sits at the desk or nothing reaches it")[2]
    assert "rung before silence: 孙丽 (sun-li)" in last
    assert "those off duty are rung" in last
    chinese = site.run("explain", "wang-xiuying", "--at", "2026-11-21T19:30", "--language", "zh").out
    assert "再无别人时，打给：孙丽 (sun-li)" in chinese.partition("最后手段")[2]
    found = json.loads(site.run("explain", "wang-xiuying", "--at", "2026-11-21T19:30", "--json").out)
    assert [one["id"] for one in found["last_resort"]["chosen"]] == ["sun-li"]


def test_it_says_each_gap(site: Site) -> None:
    site.run(
        "import",
        site.file("residents.csv", "id,name,lat,lon,plan\nlonely,孤,,,gentle\n"),
        site.file("responders.csv", "id,name,phone,role,on_call\nop,值班,13800138210,desk,\n"),
    )
    told = site.run("explain", "lonely").out
    for said in (
        "nobody: the next step begins at once",
        "step 1 (nearest): resident lonely has no position",
        "the resident's own plan 'gentle' does not answer sos",
        "no device is registered for this resident",
    ):
        assert said in told


def test_it_says_which_resident_it_does_not_know(site: Site) -> None:
    result = site.run("explain", "王秀")
    assert (result.code, result.err) == (1, "there is no resident '王秀'; near to it: 王秀英")
    unknown = site.run("explain", "wang-xiuying", "--signal", "soss")
    assert unknown.err.startswith("there is no signal type 'soss'; near to it: sos")
    assert site.run("explain", "wang-xiuying", "--at", "tomorrow").code == 2


def test_it_lists_residents_nobody_on_duty_reaches_in_time(site: Site) -> None:
    covered = site.run("coverage", "--at", "2026-11-23T10:00")
    assert (covered.code, "nobody reaches 0 of them within 15 min" in covered.out) == (0, True)
    site.run("import", site.file("residents.csv", "id,name,lat,lon\nfar,远,31.5,121.4\nnowhere,无,,\n"))
    result = site.run("coverage", "--at", "2026-11-23T10:00", "--json")
    assert result.code == 1
    told = json.loads(result.out)
    assert [(one["resident"], one["why"]) for one in told["uncovered"]] == [
        ("far", "nobody on duty is near enough"),
        ("nowhere", "has no position"),
    ]
    assert told["uncovered"][0]["nearest"] == "吴婷"  # 王磊 would be sooner by car, but he is another home's son


def test_it_asks_for_a_store_before_it_looks_into_one(tmp_path: Path) -> None:
    result = Site(tmp_path).run("coverage")
    assert result.code != 0
    assert "there is no store here" in result.err


def put(tx: Transaction, id_: str, lat: float, lon: float) -> None:
    tx.run("directory_put_responder", id=id_, name=id_, language="", phone="", role="nurse", lat=lat, lon=lon,
           travel="walk", skills="", on_call="", circle="")  # fmt: skip


PLACES = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    door=PLACES,
    offsets=st.lists(st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)), min_size=1, max_size=5),
    reach=st.floats(100, 6000),
)
def test_it_never_overlooks_somebody_within_reach(
    tmp_path: Path, door: tuple[float, float], offsets: list[tuple[float, float]], reach: float
) -> None:
    lat, lon = door
    places = [(max(-90, min(90, lat + dy)), (lon + dx + 180) % 360 - 180) for dy, dx in offsets]
    with writing(f"sqlite:///{tmp_path}/street.db") as tx:
        for i, place in enumerate(places):
            put(tx, f"p{i}", *place)
        found = {person.id for person in lookup.responders_near(tx, lat, lon, {Travel.WALK: reach})}
        near = {f"p{i}" for i, place in enumerate(places) if metres(Position(*door), Position(*place)) <= reach}
        for i in range(5):
            put(tx, f"p{i}", 0.0, 0.0)
    if metres(Position(*door), Position(0, 0)) > 20_000:
        assert near <= found
