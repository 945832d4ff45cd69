"""Workbooks as offices have them: read where it is safe, else named, and none unpacks to a flood."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from alarmd.directory.files import template
from alarmd.directory.reading import Cells, Kind, Table, UnreadableFileError, read, tables


def written(folder: Path, content: str | bytes, name: str = "residents.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def workbook(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "people.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def only(table: Table) -> dict[str, str]:
    assert not table.faults, table.faults
    assert len(table.rows) == 1
    return table.rows[0][1]


def cells(**row: str) -> Cells:
    return Cells(7, row, "CN")


def test_it_reads_each_sheet_of_a_workbook_as_what_it_is(tmp_path: Path) -> None:
    book = workbook(
        tmp_path,
        {
            "居民": [["居民名册"], ["编号", "姓名", "电话", "出生日期"], [1, "王秀英", 13800138101, date(1938, 4, 9)]],
            "响应人": [["编号", "姓名", "身份"], ["li", "李桂花", "邻居"]],
            "设备": [["编号", "协议", "地址", "居民", "类型"], ["bed", "zigbee2mqtt", "bed_button", 1.0, "按钮"]],
            "统计": [["共", 3]],
            "空": [],
        },
    )
    residents, responders, devices = tables(book)
    assert only(residents) == {"id": "1", "name": "王秀英", "phone": "13800138101", "birth_date": "1938-04-09"}
    assert residents.rows[0][0] == 3
    assert (responders.kind, devices.kind) == (Kind.RESPONDERS, Kind.DEVICES)
    assert only(devices)["resident"] == "1"
    assert residents.name == f"{book} [居民]"
    assert any("统计" in note for note in residents.notes)


def test_it_names_cells_of_a_workbook_that_hold_nothing_readable(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "residents"
    for row in (["id", "name", "phone", "notes"], ["a", "=1+1", "#REF!", "x"], ["b", "B", 868533012345678901, "y"]):
        sheet.append(row)
    sheet.merge_cells("D2:D3")
    sheet.row_dimensions[3].hidden = True
    sheet.sheet_state = "visible"
    book.save(tmp_path / "r.xlsx")
    (table,) = tables(tmp_path / "r.xlsx")
    assert sorted(str(fault) for fault in table.faults) == [
        "line 2, B: holds a formula that was never worked out; write the value",
        "line 2, C: #REF! is an error of the spreadsheet; write the value",
        "line 2, D: is merged down to line 3; unmerge it, and write the value in each line",
    ]
    assert "1 hidden line was read" in table.notes
    assert table.rows[1][1]["phone"] == "8.68533E+17"  # what Excel has lost already must not look like a number


def test_it_takes_a_workbook_whatever_it_is_called(tmp_path: Path) -> None:
    book = workbook(tmp_path, {"Sheet1": [["id", "name"], ["wang", "Wang"]]}, "residents.xlsx")
    assert only(read(book.rename(tmp_path / "residents.csv")))["name"] == "Wang"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "old or a protected workbook"),
        (b"%PDF-1.7\n", "a PDF, which is not read"),
        (b"<html><table><tr><td>id</td></tr></table>", "a web page, which is not read"),
        (b"{\\rtf1 id}", "a text document"),
        (b"PK\x03\x04 broken", "damaged workbook"),
    ],
)
def test_it_says_what_to_save_another_form_as(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        read(written(tmp_path, content, "x.xls"))


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}, "OpenDocument"),
        ({"Index/Document.iwa": b"x"}, "Numbers"),
        ({"word/document.xml": b"<x/>"}, "Word document"),
        ({"hello.txt": b"x"}, "cannot be read as a workbook"),
        ({f"xl/{n}.xml": b"" for n in range(2100)}, "unpacks to more than any directory needs"),
        ({"xl/worksheets/sheet1.xml": b"\0" * 410_000_000}, "unpacks to more than any directory needs"),
    ],
)
def test_it_bounds_what_an_archive_may_be(tmp_path: Path, parts: dict[str, bytes], said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        read(written(tmp_path, archive(parts), "x.xlsx"))


def sheet_of(tmp_path: Path, rows: bytes, **others: bytes) -> Path:
    """A workbook of residents whose first sheet goes on with these rows."""
    book = workbook(tmp_path, {"residents": [["id", "name"], ["wang", "Wang"]]})
    with zipfile.ZipFile(book) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    head, tail = parts["xl/worksheets/sheet1.xml"].split(b"</sheetData>")
    hostile = parts | {"xl/worksheets/sheet1.xml": head + rows + b"</sheetData>" + tail} | others
    return written(tmp_path, archive(hostile), "residents.xlsx")


def texts(*cells: str) -> bytes:
    """A row of texts, as they stand in a sheet."""
    return b"<row>" + b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % c.encode() for c in cells) + b"</row>"


def noise(length: int) -> str:
    """Text that hardly packs."""
    return random.Random(length).randbytes(length // 2).hex()  # noqa: S311 - to be packed badly


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (texts("li", "x" * 1_000_000) * 300, "unpacks to more"),  # 300 kB that were 300 MB
        (texts("li", noise(40_000)), "line 3: the cell in column B holds 40000 characters; the most is 32767"),
        (texts("li", noise(32_000)) * 700, "holds more than 20000000 characters"),
        (b"".join(b'<row r="%d">' % i for i in range(3, 400_000)), "unpacks to more"),  # rows within rows
        (b"<row>" + b"".join(b'<c r="A%d"/>' % i for i in range(400_000)) + b"</row>", "unpacks to more"),
        (texts(noise(2_000_000)) + texts(noise(9_000_000)), "unpacks to more"),
    ],
)
def test_it_bounds_what_a_sheet_may_hold_before_it_is_read(tmp_path: Path, rows: bytes, said: str) -> None:
    file = sheet_of(tmp_path, rows)
    with pytest.raises(UnreadableFileError, match=said):
        read(file)


def test_it_bounds_the_formats_of_a_workbook(tmp_path: Path) -> None:
    formats = b"<styleSheet>" + b"".join(b'<xf numFmtId="%d"/>' % i for i in range(600_000)) + b"</styleSheet>"
    file = sheet_of(tmp_path, texts("li", "Li"), **{"xl/styles.xml": formats})
    with pytest.raises(UnreadableFileError, match="unpacks to more"):
        read(file)


def test_it_reads_the_longest_cell_that_a_spreadsheet_can_hold(tmp_path: Path) -> None:
    assert read(sheet_of(tmp_path, texts("li", noise(32_766)))).rows[1][1]["name"] == noise(32_766)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,name\nwang," + "x" * 40_000, "line 2: the cell in column B holds 40000 characters; the most is 32767"),
        ("id,name\n" + ",".join("x" * 300), "line 2: has 300 columns; the most is 256"),
        ("id,name\n" + "a,b\n" * 400_001, "holds more than 400000 lines"),
        ("id,name\n" + (",".join(["x"] * 250) + "\n") * 12_100, "holds more than 3000000 cells"),
        ("id,name\n" + "".join(f"w{i},{'x' * 32_000}\n" for i in range(650)), "holds more than 20000000 characters"),
        ("id,name\n" + "a" * 33_000_000, "larger than any directory"),
    ],
)
def test_it_bounds_what_a_text_file_may_hold(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        read(written(tmp_path, content.encode(), "residents.csv"))


def test_empty_cells_at_the_end_of_a_line_are_no_columns(tmp_path: Path) -> None:
    assert (
        only(read(written(tmp_path, ("id,name" + "," * 900 + "\nwang,Wang").encode(), "residents.csv")))["id"] == "wang"
    )


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path, {"residents": [["id", "name"], ["wang", "Wang"]]})
    with zipfile.ZipFile(book) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        hostile = parts | {name: bomb + parts[name].split(b"?>", 1)[-1]}
        with pytest.raises(UnreadableFileError, match="cannot be read as a workbook"):
            read(written(tmp_path, archive(hostile), "x.xlsx"))


def test_an_empty_million_of_lines_is_not_walked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["id", "name"])
    sheet.append(["wang", "Wang"])
    sheet.cell(1_048_576, 1, "last")
    book.save(tmp_path / "residents.xlsx")
    table = read(tmp_path / "residents.xlsx")
    assert only(table)["id"] == "wang"
    assert any("below line" in note for note in table.notes)


@pytest.mark.parametrize("chinese", [False, True])
def test_the_empty_workbook_is_read_again_once_it_is_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, chinese: bool
) -> None:
    if chinese:
        monkeypatch.setattr(template, "said", lambda sentence: {"yes": "是", "no": "否"}.get(sentence, sentence))
    with (tmp_path / "t.xlsx").open("wb") as stream:
        template.write(stream, plans=["standard"])
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames[1] == ("居民" if chinese else "residents")
    rows: list[list[Any]] = [
        ["caoyang", "曹杨", "社区" if chinese else "community"],
        ["wang", "王秀英", "zh-CN", "13800138101", date(1938, 4, 9), "12号", 31.24, 121.4],
        ["li", "李桂花", "", "13800138201", "邻居" if chinese else "neighbour"],
        ["bed", "zigbee2mqtt", "bed_button", "wang", "按钮" if chinese else "button"],
        ["wang", "li", 1, "邻居", "是" if chinese else "yes"],
    ]
    for sheet, row in zip(book.worksheets, rows, strict=False):
        for column, value in enumerate(row, 1):
            sheet.cell(2, column, value)
    assert book.worksheets[1].data_validations.dataValidation
    book.save(tmp_path / "t.xlsx")
    found = tables(tmp_path / "t.xlsx")
    assert [table.kind for table in found] == list(Kind)
    for table in found:
        assert only(table)
    assert only(found[1])["birth_date"] == "1938-04-09"
