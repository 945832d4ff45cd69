"""`alarmd import`: files into a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opening_hours import OpeningHours

from alarmd import journal
from alarmd.directory import importing, lookup
from alarmd.store import plain, reading, writing
from escalation.people import Role, Travel
from tests.support.site import SETTINGS, Site

RESIDENT = "id,name,lat,lon\nwang,王秀英,31.24462,121.40871\n"
RESPONDERS = "id,name,phone,role,lat,lon\nli,李桂花,13800138201,neighbour,31.2446,121.4087\n"
THE_ROLES = "allowed: family, neighbour, volunteer, community_worker, nurse, doctor, keyholder, desk"
DEVICES = "id,family,address,resident,kind\nbutton,zigbee2mqtt,bed_button,wang,button\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_it_imports_the_shipped_example_in_whatever_order_it_is_named(site: Site) -> None:
    result = site.import_example()
    assert result.code == 0, result.err
    assert result.err == "there was no store at alarmd.db: a new one is begun (store.url)\n"
    with reading(site.url) as tx:
        wang = lookup.resident(tx, "wang-xiuying")
        assert wang is not None
        assert (wang.name, wang.lat, "living_alone" in wang.categories) == ("王秀英", 31.24462, True)
        device = lookup.device_at(tx, "zigbee2mqtt", "bed_button")
        assert device is not None
        assert (device.resident, device.report_every) == ("wang-xiuying", 3600)
        assert [(c.responder, c.has_key) for c in lookup.contacts_of(tx, wang.id)] == [
            ("wang-lei", True),
            ("li-guihua", True),
        ]
        nurse = lookup.responder(tx, "wu-ting")
        assert nurse is not None
        assert (nurse.role, nurse.travel, nurse.phone) == (Role.NURSE, Travel.BICYCLE, "+8613800138205")
        assert [c.id for c in lookup.circle_chain(tx, wang.circle)] == ["caoyang-2-p1", "caoyang-2", "xincun-street"]


def test_it_changes_nothing_the_second_time_and_only_what_changed_the_third(site: Site) -> None:
    site.import_example()
    assert "0 new, 0 changed, 3 the same" in site.import_example().out
    moved = RESIDENT.replace("wang,", "wang-xiuying,").replace("31.24462", "31.25")
    assert (
        "residents imported: 0 new, 1 changed, 0 the same" in site.run("import", site.file("residents.csv", moved)).out
    )
    with reading(site.url) as tx:
        wang = lookup.resident(tx, "wang-xiuying")
        assert wang is not None
        assert wang.lat == 31.25
        assert wang.conditions == "高血压；2型糖尿病"  # a column the file leaves out keeps what is there
        assert len(lookup.residents(tx)) == 3  # and nobody is deleted because a file leaves them out


def test_it_writes_one_log_entry_for_each_file_that_changed_something(site: Site) -> None:
    site.import_example()
    site.import_example()
    with reading(site.url) as tx:
        entries = [entry for entry in journal.read(tx) if entry.event == "directory.changed"]
        assert [entry.data["kind"] for entry in entries] == [
            "circles", "residents", "responders", "devices", "contacts",
        ]  # fmt: skip
        assert entries[1].data["new"] == 3
        assert "wang-xiuying" in entries[1].data["new_ids"]
        assert "王秀英" not in entries[1].as_json()  # names and illnesses stay in the directory
        assert journal.verify(tx).bad_seq is None


def test_it_imports_nothing_of_a_file_with_one_faulty_row_and_names_line_and_column(site: Site) -> None:
    faulty = site.file(
        "responders.csv",
        "id,name,phone,role,lat,lon,travel,on_call,circle\n"
        "a,A,13800138201,neighbour,31.2,121.4,walk,,\n"
        "b,B,120,neighbuor,121.4,31.2,bus,as often as I can,gone\n"
        "a,C,12345,dispatch,31.2,,walk,,\n"
        "line,,13800138201,desk,31.2,121.4,walk,ics:gone.ics,\n",
    )
    result = site.run("import", faulty)
    assert result.code == 1
    _a_new_store, *faults = result.err.splitlines()
    assert [line.removeprefix("responders.csv: ") for line in faults] == [
        "line 5, phone: +8613800138201 is also the number of responder 'a' (A)",
        "line 3, circle: there is no circle 'gone'; import circles.csv first or together with this file",
        "line 3, lat: 121.4 is not a latitude (-90 to 90); lat and lon look swapped",
        'line 3, on_call: opening hours not understood at "as often as I can"; write for example Mo-Fr 08:00-18:00',
        "line 3, phone: '120' is a public emergency number; nobody can be registered under it",
        "line 3, role: 'neighbuor' is not known; did you mean 'neighbour'?",
        "line 3, travel: 'bus' is not known; allowed: walk, bicycle, car",
        "line 4, id: 'a' stands in line 2 already",
        "line 4, lon: is missing; a position has both lat and lon",
        "line 4, phone: '12345' can be rung only within its own town or network; write the whole number",
        f"line 4, role: 'dispatch' is not known; {THE_ROLES}",
        (
            "line 5, id: 'line' is a name alarmd gives itself "
            "(line, ambulance, desk:…, circle:…, resident:…, operator:…, device:…)"
        ),
        "line 5, name: is missing",
        "line 5, on_call: the calendar gone.ics cannot be read",
        "1 file was not imported (13 faults); mend it and import again",
    ]
    with reading(site.url) as tx:
        assert lookup.responders(tx) == []
        assert list(journal.read(tx)) == []


def test_it_imports_the_sound_file_and_refuses_the_one_that_needs_the_faulty(site: Site) -> None:
    files = (
        site.file("devices.csv", DEVICES),
        site.file("residents.csv", RESIDENT.replace("31.24462", "x")),
        site.file("responders.csv", RESPONDERS),
    )
    result = site.run("import", *files)
    assert result.code == 1
    assert "responders imported: 1 new" in result.out
    assert "residents.csv: line 2, lat: 'x' is not a number of degrees" in result.err
    assert (
        "devices.csv: line 2, resident: resident 'wang' is not in the store, and residents.csv was refused"
        in result.err
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "devices.csv",
            DEVICES.replace("zigbee2mqtt", "zigbe2mqtt"),
            "line 2, family: 'zigbe2mqtt' is not known; did you mean 'zigbee2mqtt'?",
        ),
        (
            "devices.csv",
            DEVICES.replace(",button\n", ",buton\n"),
            "line 2, kind: 'buton' is not known; did you mean 'button'?",
        ),
        (
            "devices.csv",
            DEVICES + "b2,zigbee2mqtt,bed_button,wang,button\n",
            "line 3, address: zigbee2mqtt 'bed_button' belongs to device 'button' in line 2",
        ),
        ("devices.csv", DEVICES.replace("wang", "wong"), "line 2, resident: there is no resident 'wong'"),
        ("contacts.csv", "resident,responder,rank\nwang,li,0\n", "line 2, rank: 0 is too small; the least is 1"),
        ("contacts.csv", "resident,responder,rank\nwang,li,\n", "line 2, rank: is missing"),
        (
            "contacts.csv",
            "resident,responder,rank,has_key\nwang,lo,1,perhaps\n",
            "line 2, responder: there is no responder 'lo'",
        ),
        (
            "contacts.csv",
            "resident,responder,rank\nwang,li,1\nwang,li,2\n",
            "line 3, responder: this pair of resident and responder stands in line 2",
        ),
        (
            "circles.csv",
            "id,name,tier,parent\na,A,street,b\nb,B,point,a\n",
            "line 2, parent: circle 'a' is above itself",
        ),
        (
            "circles.csv",
            "id,name,tier\na,A,town\n",
            "line 2, tier: 'town' is not known; allowed: street, community, point",
        ),
        (
            "residents.csv",
            "id,name,plan\nx,X,standrad\n",
            "line 2, plan: there is no plan 'standrad'; did you mean 'standard'?",
        ),
        (
            "residents.csv",
            "id,name,birth_date\nx,X,9.4.1938\n",
            "line 2, birth_date: '9.4.1938' may be two days; write it with the year first, for example 1938-04-09",
        ),
        (
            "residents.csv",
            "id,name,birth_date\nx,X,2999-01-01\n",
            "line 2, birth_date: 2999-01-01 is nobody's who is alive",
        ),
        (
            "residents.csv",
            "id,name,language\nx,X,sv\n",
            "line 2, language: 'sv' is not known; allowed: zh-CN, en (empty = the service's)",
        ),
    ],
)
def test_it_refuses_what_the_street_cannot_be(site: Site, name: str, text: str, said: str) -> None:
    site.run("import", site.file("residents.csv", RESIDENT), site.file("responders.csv", RESPONDERS))
    result = site.run("import", site.file(name, text))
    assert result.code == 1
    assert f"{name}: {said}" in result.err


def test_it_warns_of_what_is_odd_and_imports_it(site: Site) -> None:
    result = site.run(
        "import",
        site.file("residents.csv", "id,name,lat,lon,categories\nwang,王,,,livng_alone\n"),
        site.file("responders.csv", "id,name,phone,role,lat,lon\nli,李,,neighbour,,\nlo,罗,13800138202,desk,,\n"),
        site.file("contacts.csv", "resident,responder,rank\nwang,li,1\nwang,lo,1\n"),
    )
    assert result.code == 0
    for said in (
        "residents.csv: line 2, lat: no position",
        "'livng_alone' is not one of alarmd's own; did you mean 'living_alone'?",
        "responders.csv: line 2, phone: no number: cannot be asked at all",
        "contacts.csv: line 2, rank: resident 'wang' has several contacts of rank 1",
    ):
        assert said in result.err


def test_it_lets_two_devices_exchange_their_addresses(site: Site) -> None:
    site.run("import", site.file("residents.csv", RESIDENT))
    two = DEVICES + "cord,zigbee2mqtt,bath_cord,wang,cord\n"
    site.run("import", site.file("devices.csv", two))
    swapped = two.replace("bed_button", "?").replace("bath_cord", "bed_button").replace("?", "bath_cord")
    assert "0 new, 2 changed" in site.run("import", site.file("devices.csv", swapped)).out


def test_it_keeps_an_address_in_its_familys_one_spelling(site: Site) -> None:
    site.run("import", site.file("residents.csv", RESIDENT))
    lora = "id,family,address,resident,kind\np,chirpstack,24E1-2453-5B31-6056,wang,pendant\n"
    assert site.run("import", site.file("devices.csv", lora.replace("-", ""))).code == 0
    with reading(site.url) as tx:
        assert lookup.device_at(tx, "chirpstack", "24e124535b316056") is not None


def test_it_finds_calendars_beside_the_settings(site: Site) -> None:
    site.file("shifts/li.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    shifts = "id,name,phone,role,on_call\nli,李,13800138201,nurse,ics:shifts/li.ics\n"
    assert site.run("import", site.file("responders.csv", shifts)).code == 0


def test_it_only_counts_in_a_dry_run(site: Site) -> None:
    residents = site.file("residents.csv", RESIDENT)
    first = site.run("import", "--dry-run", residents)
    assert (first.code, "would be imported: 1 new" in first.out) == (0, True)
    assert not (site.folder / "alarmd.db").exists()
    site.run("import", residents)
    again = site.run("import", "--dry-run", residents, site.file("devices.csv", DEVICES))
    assert "residents would be imported: 0 new, 0 changed, 1 the same" in again.out
    assert "devices would be imported: 1 new" in again.out
    with reading(site.url) as tx:
        assert lookup.devices(tx) == []


def test_it_says_what_file_is_missing_or_unreadable(site: Site) -> None:
    missing = site.run("import", site.folder / "gone.csv")
    assert (missing.code, missing.err) == (2, "gone.csv: there is no such file")
    chinese_excel = site.folder / "residents.csv"
    chinese_excel.write_bytes(RESIDENT.encode("big5"))
    result = site.run("import", chinese_excel, site.file("responders.csv", RESPONDERS))
    assert result.code == 1
    assert "looks like Big5" in result.err
    assert "responders imported: 1 new" in result.out


def test_it_says_so_when_the_daemon_does_not_let_go_of_the_store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.import_example()
    monkeypatch.setattr("alarmd.store.plain.BUSY_TIMEOUT_S", 0.01)
    with writing(site.url):
        result = site.import_example()
    assert (result.code, result.err) == (1, "alarmd.db: nothing was imported: database is locked")


def test_it_reads_and_checks_before_it_holds_the_store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.import_example()
    prepare, written = importing.prepare, []

    def while_a_press_comes(*args: Any, **more: Any) -> importing.Prepared:
        with writing(site.url) as tx:  # at once: nobody holds it
            written.append(tx.run("note_set", name="pressed", value="now"))
        return prepare(*args, **more)

    monkeypatch.setattr(plain, "BUSY_TIMEOUT_S", 0.0)
    monkeypatch.setattr(importing, "prepare", while_a_press_comes)
    moved = RESIDENT.replace("wang,", "wang-xiuying,").replace("31.24462", "31.25")
    assert "0 new, 1 changed" in site.run("import", site.file("residents.csv", moved)).out
    assert written == [1]


def test_it_looks_again_when_somebody_else_imported_meanwhile(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.import_example()
    prepare, looks = importing.prepare, []

    def while_another_imports(*args: Any, **more: Any) -> importing.Prepared:
        prepared = prepare(*args, **more)
        looks.append(prepared)
        if len(looks) == 1:
            with writing(site.url) as tx:
                tx.run("note_set", name="directory", value="99999")
        return prepared

    monkeypatch.setattr(importing, "prepare", while_another_imports)
    moved = RESIDENT.replace("wang,", "wang-xiuying,").replace("31.24462", "31.25")
    assert "0 new, 1 changed" in site.run("import", site.file("residents.csv", moved)).out
    assert len(looks) == 2
    with reading(site.url) as tx:
        wang = lookup.resident(tx, "wang-xiuying")
        assert wang is not None
        assert wang.lat == 31.25


def test_a_large_file_lets_presses_through_between_its_parts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part holds the store for a moment, each is on record, and another's change in between is looked at."""
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(plain, "BUSY_TIMEOUT_S", 0.0)
    parts, between = importing.parts, []

    def with_a_press_between(prepared: importing.Prepared) -> Iterator[importing.Part]:
        for part in parts(prepared, 10):
            with writing(site.url) as tx:  # at once: nobody holds it
                between.append(tx.run("note_set", name="pressed", value="now"))
                if len(between) == 3:
                    tx.run("note_set", name="directory", value="somebody else's")
            yield part

    monkeypatch.setattr(importing, "parts", with_a_press_between)
    rows = "".join(f"r{n:03},Name {n}\n" for n in range(35))
    result = site.run("import", site.file("residents.csv", f"id,name\n{rows}"))
    assert result.code == 0, result.err
    assert "35 new, 0 changed, 0 the same" in result.out
    assert len(between) > 4
    with reading(site.url) as tx:
        assert len(lookup.residents(tx)) == 35
        entries = [e for e in journal.read(tx) if e.event == "directory.changed" and e.data["kind"] == "residents"]
    assert sum(entry.data["new"] for entry in entries) == 35
    assert max(entry.data["new"] for entry in entries) == 10


def test_devices_that_exchange_their_addresses_are_in_one_part(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.import_example()
    swapped = (
        "id,family,address,resident,kind\n"
        "chen-pendant,chirpstack,24e124535b316057,chen-guoqiang,pendant\n"
        "wang-bed-button,zigbee2mqtt,bath_cord,wang-xiuying,button\n"
        "wang-bath-cord,zigbee2mqtt,bed_button,wang-xiuying,cord\n"
    )
    parts, taken = importing.parts, []

    def one_by_one(prepared: importing.Prepared) -> Iterator[importing.Part]:
        for part in parts(prepared, 1):
            taken.append(part)
            yield part

    monkeypatch.setattr(importing, "parts", one_by_one)
    assert site.run("import", site.file("devices.csv", swapped)).code == 0
    assert [part.freed for part in taken] == [("wang-bed-button", "wang-bath-cord"), ()]
    with reading(site.url) as tx:
        found = lookup.device_at(tx, "zigbee2mqtt", "bath_cord")
        assert found is not None
        assert found.id == "wang-bed-button"


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("周一至周五 8:00-20:00，法定节假日休息", "Mo-Fr 08:00-20:00; PH off"),
        ("随时", "24/7"),
        ("一直", "24/7"),
        ("夜班 20:00-次日8:00", "20:00-08:00"),
        ("除周日外每天 8:00-18:00", "Mo-Sa 08:00-18:00"),
        ("周一至周五 8:00-18:00（午休12:00-13:00除外）", "Mo-Fr 08:00-18:00; 12:00-13:00 off"),
    ],
)
def test_hours_as_people_write_them(site: Site, written: str, understood: str) -> None:
    rows = f'id,name,phone,role,lat,lon,on_call\nli,李桂花,13800138201,neighbour,31.2446,121.4087,"{written}"\n'
    result = site.run("import", site.file("responders.csv", rows))
    assert result.code == 0, result.err
    with reading(site.url) as tx:
        li = lookup.responder(tx, "li")
        assert li is not None
        assert hours_as_osm(li.on_call) == hours_as_osm(understood)


def hours_as_osm(text: str) -> str:
    return str(OpeningHours(text)).replace("Mo,Tu,We,Th,Fr,Sa", "Mo-Sa")


def test_intervals_and_headings_in_chinese(site: Site) -> None:
    site.import_example()
    residents = site.file("residents.csv", "编号,姓名,健康状况,居住情况\nwang-xiuying,王秀英,高血压,独居\n")
    assert site.run("import", residents).code == 0
    for every, seconds in (("1小时", 3600), ("30分钟", 1800), ("1 天", 86400)):
        file = site.file(
            "devices.csv",
            f"id,family,address,resident,kind,report_every\nb{seconds},zigbee2mqtt,b{seconds},wang-xiuying,button,{every}\n",
        )
        assert site.run("import", file).code == 0
        with reading(site.url) as tx:
            device = lookup.device(tx, f"b{seconds}")
            assert device is not None
            assert device.report_every == seconds


def test_a_dry_run_says_no_lie(site: Site) -> None:
    rows = RESPONDERS + "chen,陈,13800138201,neighbour,31.2446,121.4087\n"
    told = site.run("import", "--dry-run", site.file("responders.csv", rows))
    assert "is also the number of" in told.err
    assert "imported all the same" not in told.err


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:///sub/alarmd.db", "there is no such folder"),
        ("sqlite:////dev/null", "is no file"),
        ("sqlite:///alarmd.db?mode=ro", "nothing stands behind the file's name"),
    ],
)
def test_a_store_that_cannot_be_is_said_by_a_dry_run_too(tmp_path: Path, url: str, why: str) -> None:
    site = Site(tmp_path, SETTINGS + f'[store]\nurl = "{url}"\n')
    for words in (("--dry-run",), ()):
        result = site.run("import", *words, site.file("residents.csv", RESIDENT))
        assert result.code != 0
        assert why in result.err


def test_of_a_file_that_is_wrong_throughout_the_first_thousand_faults_are_named(site: Site, tmp_path: Path) -> None:
    (tmp_path / "residents.csv").write_text("id,name,lat,lon\n" + "".join(f"r{i},R,north,1\n" for i in range(1_500)))
    said = site.run("import", "--dry-run", str(tmp_path / "residents.csv")).err
    assert said.count("is not a number of degrees") == 1_000
    assert "and 500 more faults" in said
