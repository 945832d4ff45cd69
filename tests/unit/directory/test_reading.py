"""CSV files as they really come: from Excel, from phones, from tired people."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.directory.reading import COLUMNS, Cells, Kind, UnreadableFileError, read

RESIDENTS = "id,name,lat,lon\nwang,王秀英,31.2,121.4\n"


def written(folder: Path, content: str | bytes, name: str = "residents.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def cells(**row: str) -> Cells:
    return Cells(7, row, "CN")


def faults(row: Cells) -> list[str]:
    return [str(fault) for fault in row.faults]


def test_it_reads_rows_with_their_lines(tmp_path: Path) -> None:
    table = read(written(tmp_path, 'id,name,notes\n\nwang,王秀英,"two\nlines"\n,,\nchen, 陈国强 ,\n'))
    assert table.kind is Kind.RESIDENTS
    assert [(line, row["id"], row["name"]) for line, row in table.rows] == [
        (3, "wang", "王秀英"),
        (6, "chen", "陈国强"),
    ]


def test_it_tolerates_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    table = read(written(tmp_path, codecs.BOM_UTF8 + RESIDENTS.replace("\n", "\r\n").encode()))
    assert table.rows[0][1]["name"] == "王秀英"


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("a.csv", "id,name,tier", Kind.CIRCLES),
        ("a.csv", "id,name,role,travel", Kind.RESPONDERS),
        ("a.csv", "resident,responder,rank", Kind.CONTACTS),
        ("a.csv", "id,family,address,resident,kind", Kind.DEVICES),
        ("residents-2026.csv", "id,name", Kind.RESIDENTS),
        ("Responders.csv", "id,name,rol", Kind.RESPONDERS),
        ("x.csv", "id,name,birth_date,lat,lon,accss", Kind.RESIDENTS),
    ],
)
def test_it_knows_a_file_by_its_header_or_name(tmp_path: Path, name: str, header: str, kind: Kind) -> None:
    assert read(written(tmp_path, f"{header}\n", name)).kind is kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,name\nx,\xff\xff\xff\n", "is not UTF-8; save it"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b'id,name\n"wang,x\n', "line 2: is not CSV"),
        (b"a,b\n", "neither header nor name says what it holds"),
    ],
)
def test_it_says_why_a_file_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(written(tmp_path, content, "x.csv" if content.startswith(b"a,") else "residents.csv"))
    assert said in str(caught.value)


def test_it_names_unknown_missing_and_doubled_columns(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,nme,lat,lat\nwang,x,1,2\n"))
    assert [str(fault) for fault in table.faults] == [
        "line 1, nme: is not a column of residents.csv; did you mean 'name'?",
        "line 1, lat: stands twice in the header",
        "line 1, name: is missing in the header; residents.csv needs id, name",
    ]
    assert table.rows == ()


def test_it_names_lines_with_too_many_or_too_few_cells(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,name,notes\na,b\nc,d,e,f\ng,h,i\n"))
    assert [str(fault) for fault in table.faults] == [
        "line 2: has 2 cells where the header has 3; a text with a comma stands in quotes",
        "line 3: has 4 cells where the header has 3; a text with a comma stands in quotes",
    ]
    assert [row["id"] for _, row in table.rows] == ["g"]


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        ("abc", "121.4", "lat: 'abc' is not a number of degrees"),
        ("nan", "121.4", "lat: 'nan' is not a number of degrees"),
        ("31.2", "", "lon: is missing; a position has both"),
        ("121.4", "31.2", "lat: 121.4 is not a latitude (-90 to 90); lat and lon look swapped"),
        ("87.6", "43.8", "lat: 87.6, 43.8 is not in China; lat and lon look swapped"),
        ("31.2", "190", "lon: 190 is not a longitude"),
        ("0", "0", "0, 0 is a place in the Atlantic"),
    ],
)
def test_it_refuses_positions_nobody_lives_at(lat: str, lon: str, said: str) -> None:
    row = cells(lat=lat, lon=lon)
    row.position()
    assert len(row.faults) == 1
    assert said in faults(row)[0]


def test_it_takes_a_position_in_china_elsewhere_or_none() -> None:
    for lat, lon, expected in (
        ("31.2", "121.4", (31.2, 121.4)),
        ("48.1", "11.6", (48.1, 11.6)),
        ("", "", (None, None)),
    ):
        row = cells(lat=lat, lon=lon)
        assert row.position() == expected
        assert not row.faults


def test_it_reads_yes_and_no_in_two_languages() -> None:
    assert all(cells(k=text).yes("k") for text in ("yes", "Y", "TRUE", "1", "是", "有"))
    assert not any(cells(k=text).yes("k") for text in ("no", "N", "false", "0", "", "否"))
    row = cells(k="maybe")
    row.yes("k")
    assert faults(row) == ["line 7, k: 'maybe' is neither yes nor no (also: true, false, 1, 0, 是, 否)"]


def test_it_reads_phone_numbers_and_says_what_is_wrong_with_them() -> None:
    assert cells(phone="138 0013 8001").phone() == "+8613800138001"
    for text, said in (
        ("120", "public emergency number"),
        ("+86 110", "public emergency number"),
        ("12345", "only within its own town"),
    ):
        row = cells(phone=text)
        assert row.phone() == ""
        assert said in faults(row)[0]
    odd = cells(phone="+8615412345678")
    assert odd.phone() == "+8615412345678"
    assert "please check it" in odd.warnings[0].text


def test_it_reads_lists_and_whole_numbers() -> None:
    assert cells(w="a; b；c;").words("w") == ("a", "b", "c")
    assert cells(n="300").whole("n", least=1) == 300
    for text, said in (("0", "0 is too small; the least is 1"), ("1.5", "'1.5' is not a whole number")):
        row = cells(n=text)
        row.whole("n", least=1)
        assert said in faults(row)[0]


def test_a_reporting_time_is_written_as_seconds_or_as_people_say_it() -> None:
    for text, meant in (("3600", 3600), ("25h", 90_000), ("1h30m", 5400), ("", None)):
        row = cells(t=text)
        assert row.lasting("t") == meant
        assert not row.faults
    for text in ("0", "-5", "soon", "1.5"):
        row = cells(t=text)
        assert row.lasting("t") is None
        assert f"{text!r} is not a time above zero" in faults(row)[0]


def test_it_refuses_control_characters_but_takes_lines_in_long_texts() -> None:
    row = cells(name="a\x07b", notes="one\ntwo")
    row.text("name")
    row.text("notes")
    assert faults(row) == ["line 7, name: 'a\\x07b' holds a control character"]


@given(content=st.binary(max_size=300), name=st.sampled_from([f"{kind}.csv" for kind in Kind] + ["x.csv"]))
def test_it_never_fails_but_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    file = written(tmp_path_factory.mktemp("csv"), content, name)
    try:
        table = read(file)
    except UnreadableFileError as error:
        said = str(error)
    else:
        said = str(file)
        assert all(set(row) == set(table.columns) <= set(COLUMNS[table.kind]) for _, row in table.rows)
    assert str(file) in said
