"""Files in the encodings, divisions, words and forms in which offices have them: read where it is safe, else named."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from alarmd.directory.files import days
from alarmd.directory.files.words import hours
from alarmd.directory.reading import Cells, Kind, Table, UnreadableFileError, read

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
