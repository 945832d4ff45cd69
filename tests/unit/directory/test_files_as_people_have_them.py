"""Files in the encodings, divisions, words and forms in which offices have them: read where it is safe, else named."""

from __future__ import annotations

import codecs
import io
import random
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from alarmd.directory.files import days, template
from alarmd.directory.files.words import hours
from alarmd.directory.reading import Cells, Kind, Table, UnreadableFileError, read, tables

CHINESE = (
    "编号,姓名,电话,出生日期,住址,纬度,经度,类别\n"
    "wang,王秀英,13800138101,1938/4/9,曹杨二村12号,31.24462,121.40871,独居、高龄\n"
)
ENGLISH = "id,name,phone\nwang,Wang,13800138101\n"


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


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (CHINESE.encode(), ""),
        (codecs.BOM_UTF8 + CHINESE.encode(), ""),
        (CHINESE.encode("gb18030"), "GB18030"),
        (CHINESE.encode("utf-16"), "UTF-16"),
        (CHINESE.encode("utf-16-le"), "UTF-16"),
        (CHINESE.encode("utf-16-be"), "UTF-16"),
        (codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), "UTF-16"),
        (CHINESE.encode("utf-32"), "UTF-32"),
        (CHINESE.replace("\n", "\r\n").encode("gb18030"), "GB18030"),
        (CHINESE.replace("\n", "\r").encode(), ""),
        (CHINESE.replace(",", ";").encode("gb18030"), "GB18030"),
        (CHINESE.replace(",", "\t").encode("utf-16"), "UTF-16"),  # Excel's “Unicode text”
    ],
)
def test_it_reads_every_encoding_that_excel_writes_and_says_which(tmp_path: Path, content: bytes, note: str) -> None:
    table = read(written(tmp_path, content))
    row = only(table)
    assert (row["name"], row["address"], row["lat"]) == ("王秀英", "曹杨二村12号", "31.24462")
    assert any(note in said for said in table.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,name\nwang,王秀英長者陳國強臺灣\n".encode("big5"), "looks like Big5"),
        ("id,name\nkate,Käte Österström Ünlü\n".encode("cp1252"), "is not UTF-8; save it"),
        (codecs.BOM_UTF16_LE + b"i\0d\0,", "is broken UTF-16"),
        (b"\xff\xff\xff", "is not UTF-8"),
    ],
)
def test_it_guesses_at_no_encoding_that_may_be_another(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        read(written(tmp_path, content))


# ---------------------------------------------------------------- columns and lines


@pytest.mark.parametrize("divider", [",", ";", "\t", "|", "，"])
def test_it_finds_out_what_divides_the_columns(tmp_path: Path, divider: str) -> None:
    assert only(read(written(tmp_path, ENGLISH.replace(",", divider))))["phone"] == "13800138101"


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\n" + ENGLISH.replace(",", ";"),
        "sep=,\n" + ENGLISH,
        '"sep=\t"\n' + ENGLISH.replace(",", "\t"),
        "曹杨二村居民名册（2026年）,,\n" + ENGLISH,
        "居民名册\n制表：社区\n\n" + ENGLISH,
        ENGLISH.replace("\n", ",,,,\n"),
        "id,,name,phone,\nwang,,Wang,13800138101,\n",
        ENGLISH + ",,\n,,\n",
        ENGLISH + "合计：1人,,\n",
        ENGLISH + "备注：以上为独居老人\n",
        ENGLISH + "Total,1,\n",
        "序号,id,name,phone\n1,wang,Wang,13800138101\n",
        "ID,Name ,PHONE\nwang,Wang,13800138101\n",
        "id*,name*,phone（手机）\nwang,Wang,13800138101\n",
        " id , name , phone \n wang , Wang , 13800138101 \n",
        "编号,姓名,联系电话\nid,name,phone\nwang,Wang,13800138101\n",
        'id,name,phone\n"wang","Wang","13800138101"\n',
        "id,name,phone\n“wang”,“Wang”,'13800138101\n",
        'id,name,phone\nwang,Wang,="13800138101"\n',
        "\ufeffid,na\u200bme,phone\nwa\u00adng,W\u200bang,\u202a13800138101\u202c\n",
        "id,name,phone\nwang,Wang,13800138101\n\x1a"[:-1],
    ],
)
def test_it_looks_past_what_spreadsheets_and_offices_put_around_the_rows(tmp_path: Path, content: str) -> None:
    assert only(read(written(tmp_path, content))) == {"id": "wang", "name": "Wang", "phone": "13800138101"}


def test_it_says_what_it_left_out_once_for_the_file(tmp_path: Path) -> None:
    table = read(written(tmp_path, "名册\n" + CHINESE.replace(",", ";") + "合计;1人;;;;;;\n", "x.csv"))
    assert table.notes == (
        "its columns are divided by ';'",
        "line 1 is a title and was left out",
        "line 4 (合计) is no row and was left out",
        (
            "columns were understood so: 编号 = id, 姓名 = name, 电话 = phone, 出生日期 = birth_date, 住址 = address, "
            "纬度 = lat, 经度 = lon, 类别 = categories"
        ),
    )
    assert table.kind is Kind.RESIDENTS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,name,phone,电话\nwang,Wang,1,2\n", "line 1, 电话: stands twice in the header"),
        ("id,name,血型\nwang,Wang,A\n", "line 1, 血型: is not a column of residents.csv"),
        ("id,name,\nwang,Wang,lost\n", "line 1, C: has cells and no heading"),
        ("id,name,纬度（GCJ-02）,经度\nwang,Wang,31,121\n", "is of another map than GPS"),
        ("id,name\nwang,=1+1\n", "line 2, B: '=1+1' is a formula"),
    ],
)
def test_it_names_what_it_must_not_pass_over(tmp_path: Path, content: str, said: str) -> None:
    assert any(said in str(fault) for fault in read(written(tmp_path, content)).faults)


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("a.csv", "圈子编号,圈子名称,级别,上级", Kind.CIRCLES),
        ("a.csv", "居民编号,居民姓名,类别", Kind.RESIDENTS),
        ("a.csv", "响应人编号,姓名,角色,出行方式,值班时间", Kind.RESPONDERS),
        ("a.csv", "设备编号,协议,设备地址,居民编号,设备类型,房间", Kind.DEVICES),
        ("a.csv", "居民编号,响应人编号,顺序,关系,有钥匙", Kind.CONTACTS),
        ("老人名册.csv", "编号,姓名", Kind.RESIDENTS),
    ],
)
def test_it_knows_a_chinese_file_by_its_headings_or_name(tmp_path: Path, name: str, header: str, kind: Kind) -> None:
    table = read(written(tmp_path, f"{header}\n", name))
    assert (table.kind, table.faults) == (kind, ())


# ---------------------------------------------------------------- workbooks


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


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1937-2-11", date(1937, 2, 11)),
        ("1937/2/11", date(1937, 2, 11)),
        ("1937.2.11", date(1937, 2, 11)),
        ("1948年2月1日", date(1948, 2, 1)),
        ("1948年 2月 1号", date(1948, 2, 1)),
        ("19370211", date(1937, 2, 11)),
        ("１９３７／２／１１", date(1937, 2, 11)),
        ("1937-02-11 00:00:00", date(1937, 2, 11)),
        ("23.2.1937", date(1937, 2, 23)),
        ("2/23/1937", date(1937, 2, 23)),
        ("7.7.1937", date(1937, 7, 7)),
        ("一九三七年二月二十一日", date(1937, 2, 21)),
        ("13557", date(1937, 2, 11)),
    ],
)
def test_it_reads_a_day_as_it_is_written(text: str, day: date) -> None:
    assert days.read(text).date == day


@pytest.mark.parametrize(
    "text",
    ["11.2.1937", "11/2/1937", "农历二月初一", "民国26年2月11日", "37-2-11", "1937", "1937-13-01", "2.1937", "生日"],
)
def test_it_refuses_a_day_that_may_be_another(text: str) -> None:
    row = cells(birth_date=text)
    assert row.day("birth_date") is None
    assert row.faults


def test_it_says_which_day_it_understood() -> None:
    row = cells(birth_date="13557")
    assert row.day("birth_date") == date(1937, 2, 11)
    assert [str(mended) for mended in row.mended] == ["line 7, birth_date: '13557' is read as 1937-02-11"]


def test_it_reads_words_in_chinese_and_capitals() -> None:
    from escalation.people import Role, Tier, Travel  # noqa: PLC0415 - only this test reads people's words

    for text, meant in (("邻居", Role.NEIGHBOUR), ("NEIGHBOUR", Role.NEIGHBOUR), ("社工", Role.COMMUNITY_WORKER),
                        ("家属", Role.FAMILY), ("Community Worker", Role.COMMUNITY_WORKER)):  # fmt: skip
        row = cells(role=text)
        assert row.word("role", Role, default=Role.DESK) is meant
        assert not row.faults
    assert cells(travel="步行").word("travel", Travel, default=Travel.CAR) is Travel.WALK
    assert cells(travel="电动车").word("travel", Travel, default=Travel.CAR) is Travel.BICYCLE
    assert cells(tier="街道").word("tier", Tier, default=Tier.POINT) is Tier.STREET
    assert cells(kind="按钮").one_of("kind", ["button", "bed"]) == "button"
    row = cells(categories="独居、高龄;爱下棋")
    assert row.of_list("categories", ["living_alone", "very_old"]) == ("living_alone", "very_old", "爱下棋")
    assert row.translated == {"独居": "living_alone", "高龄": "very_old"}
    assert len(row.warnings) == 1


def test_it_takes_a_language_in_each_of_its_names() -> None:
    for text, meant in (("zh", "zh-CN"), ("zh_CN", "zh-CN"), ("ZH-cn", "zh-CN"), ("zh-Hans-CN", "zh-CN"),
                        ("中文", "zh-CN"),
                                               ("en-GB", "en"), ("EN", "en"), ("English", "en"), ("", "")):  # fmt: skip
        assert cells(language=text).language("language", ("zh-CN", "en")) == meant
    row = cells(language="sv")
    assert row.language("language", ("zh-CN", "en")) == ""
    assert row.faults


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("周一至周五 8:00-18:00", "Mo-Fr 08:00-18:00"),
        ("周一到周日 20:00-08:00", "Mo-Su 20:00-08:00"),
        ("每天 8点-18点", "Mo-Su 08:00-18:00"),
        ("周一至周五8点半至17点半", "Mo-Fr 08:30-17:30"),
        ("周六、周日 9:00-21:00", "Sa,Su 09:00-21:00"),
        ("周一三五 8：00－12：00", "Mo,We,Fr 08:00-12:00"),
        ("工作日 8:00-18:00；节假日休息", "Mo-Fr 08:00-18:00; PH off"),
        ("每天22:00-次日6:00", "Mo-Su 22:00-06:00"),
        ("全天", "00:00-24:00"),
        ("Mo-Fr 08:00-18:00", "Mo-Fr 08:00-18:00"),
        ("ics:值班/周一.ics", "ics:值班/周一.ics"),
        ("周一上午", "周一上午"),  # not understood whole, so not guessed at: the import refuses it
    ],
)
def test_it_reads_on_call_hours_in_chinese(text: str, meant: str) -> None:
    assert hours(text) == meant


def test_the_same_id_is_one_however_a_spreadsheet_writes_it() -> None:
    for text in ("wang", " wang ", "wa\u200bng", "\ufeffwang", "wang\u00a0", "'wang"[1:]):
        assert cells(id=text).id("id") == "wang"
    assert cells(id="e\u0301lise").id("id") == cells(id="\u00e9lise").id("id")
    assert cells(id="12.0").id("id") == "12"
    row = cells(id="1.38E+10")
    row.id("id")
    assert "digits are lost" in str(row.faults[0])


@pytest.mark.parametrize("text", ["N/A", "无", "-", "/", "暂无", "none"])
def test_a_cell_that_says_there_is_no_number_is_empty(text: str) -> None:
    row = cells(phone=text)
    assert row.phone() == ""
    assert not row.faults


def test_it_says_which_number_it_understood() -> None:
    row = cells(phone="13800138000.0")
    assert row.phone() == "+8613800138000"
    assert [str(mended) for mended in row.mended] == ["line 7, phone: '13800138000.0' is read as +8613800138000"]


def test_a_day_with_a_time_is_no_birthday_of_excels(tmp_path: Path) -> None:
    book = workbook(
        tmp_path,
        {
            "residents": [["id", "name", "birth_date"], ["w", "W", datetime(1938, 4, 9, 10, 30)]]  # noqa: DTZ001 - Excel knows no zones
        },
    )
    assert only(read(book))["birth_date"] == "1938-04-09 10:30:00"
