"""Couples, residents who help, and ids of alarmd's own: what import, explain, check and coverage say of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alarmd.reserved import is_reserved
from alarmd.store import writing
from tests.support.site import Site

RESIDENTS = """id,name,phone,address,lat,lon
wang,Wang Xiuying,021 5656 0001,Lane 12 No 3,31.24462,121.40871
lao,Old Wang,021 5656 0001,Lane 12 No 3,31.24462,121.40871
he,He Min,138 0013 8301,Lane 12 No 9,31.24501,121.40871
"""
RESPONDERS = """id,name,phone,role,lat,lon
he-helps,He Min,+86 138 0013 8301,neighbour,31.24501,121.40871
li,Li Mei,138 0013 8302,neighbour,31.24511,121.40871
li-h,Li Hua,138-0013-8302,volunteer,31.24511,121.40871
home,Old Wang,(021) 5656-0001,family,31.24462,121.40871
"""
CONTACTS = """resident,responder,rank,relationship
wang,home,1,husband
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    files = [
        site.file(f"{name}.csv", text)
        for name, text in (("residents", RESIDENTS), ("responders", RESPONDERS), ("contacts", CONTACTS))
    ]
    result = site.run("import", *files)
    assert result.code == 0, result.err
    return site


def why_not(site: Site, resident: str) -> dict[str, tuple[str, str]]:
    told = json.loads(site.run("explain", resident, "--json").out)
    return {
        one["id"]: (one["why"], one["shared_with"]) for stage in told["stages"] for one in stage["choice"]["skipped"]
    }


def test_explain_says_who_is_left_out_and_why(site: Site) -> None:
    assert why_not(site, "he")["he-helps"] == ("is_resident", "")
    assert why_not(site, "wang")["li-h"] == ("shares_telephone", "Li Mei")
    assert why_not(site, "wang")["home"] == ("residents_telephone", "")
    told = site.run("explain", "wang").out
    assert "Li Hua (shares a telephone with Li Mei, 1 min)" in told
    assert "Old Wang (home): has the resident's own telephone and cannot be rung there; give another number" in told
    own = site.run("explain", "he").out
    assert "He Min (he-helps): is the resident, and is not rung for her or his own alarm" in own
    chinese = site.run("explain", "--language", "zh-CN", "he").out
    assert "He Min（he-helps）：就是居民本人，不会为自己的警情被拨打" in chinese


def test_check_says_who_shares_a_telephone_and_whom_nobody_can_ring(site: Site) -> None:
    out = site.run("check").out
    assert "contacts who have the resident's own telephone, and cannot be rung there: Old Wang (home) for Wang" in out
    assert "He Min (he, he-helps)" in out
    assert "Li Mei (li) + Li Hua (li-h)" in out
    assert "位联系人登记的是居民本人的电话" in site.run("check", "--language", "zh-CN").out


def test_coverage_counts_nobody_for_herself(site: Site) -> None:
    with writing(site.url) as tx:
        tx._connection.execute("DELETE FROM responder WHERE id IN ('li', 'li-h')")
    told = json.loads(site.run("coverage", "--json").out)
    assert [one["resident"] for one in told["uncovered"]] == ["he"]


@pytest.mark.parametrize(
    "id_",
    ["line", "LINE", "ambulance", "Desk: 1", "circle:a", "resident:wang", "operator:Ma", "ｄｅｓｋ：0", "device:x/y"],
)
def test_names_of_alarmds_own_are_known_however_they_are_written(id_: str) -> None:
    assert is_reserved(id_)


@pytest.mark.parametrize(
    ("kind", "id_"),
    [("residents", "operator:Ma"), ("responders", "resident:wang"), ("circles", "LINE"), ("devices", "ｄｅｓｋ：0")],
)
def test_ids_of_alarmds_own_are_refused_in_every_file(site: Site, kind: str, id_: str) -> None:
    rows = {
        "residents": f"id,name\n{id_},X\n",
        "responders": f"id,name,phone,role\n{id_},X,13800138303,neighbour\n",
        "circles": f"id,name,tier\n{id_},X,street\n",
        "devices": f"id,family,address,resident,kind\n{id_},zigbee2mqtt,b,wang,button\n",
    }
    result = site.run("import", site.file(f"{kind}.csv", rows[kind]))
    assert result.code == 1
    assert "is a name alarmd gives itself (line, ambulance, desk:…" in result.err
    assert "是 alarmd 自用的名称" in site.run("import", "--language", "zh-CN", site.folder / f"{kind}.csv").err


@pytest.mark.parametrize(
    "id_", ["lineker", "desk", "desk1", "operator", "ambulance-zhang", "resident-7", "wang:2", "线"]
)
def test_ids_that_only_look_alike_are_anybodys(id_: str) -> None:
    assert not is_reserved(id_)


def test_check_finds_ids_that_an_older_version_let_in(site: Site) -> None:
    with writing(site.url) as tx:
        tx._connection.execute(
            "INSERT INTO responder (id, name, phone, role, travel) VALUES ('resident:wang', 'X', '', 'nurse', 'walk')"
        )
    assert "ids that are names alarmd gives itself" in site.run("check").out
