"""What stands on a terminal of 80 columns: Chinese signs take two, none is torn, and what is copied stays whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.cli import lines, width
from alarmd.cli.lines import Column, Part, Table

TEXT = st.text(st.sampled_from("ab 王秀英，。-e\u0301🚨"), max_size=80)
COLUMNS = (
    Column("设备", 14, 24, whole=True),
    Column("居民", 12, 24),
    Column("房间", 8, 14, weight=2),
    Column("最近上报", 14, 14),
    Column("约定", 14, 16, weight=5),
    Column("状态", 22, 30),
)


@pytest.mark.parametrize(
    ("text", "wide"),
    [("", 0), ("abc", 3), ("王秀英", 6), ("a王", 3), ("e\u0301", 1), ("🚨", 2), ("\u200b", 0), ("，", 2)],
)
def test_it_knows_how_wide_a_text_stands(text: str, wide: int) -> None:
    assert width.wide(text) == wide


@given(text=TEXT, room=st.integers(2, 40))
def test_no_line_is_wider_than_its_room_and_no_sign_is_lost(text: str, room: int) -> None:
    wrapped = width.wrapped(text, room)
    assert all(width.wide(line) <= room for line in wrapped)
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "")


@given(text=TEXT, room=st.integers(2, 40))
def test_what_is_cut_fits_and_says_so(text: str, room: int) -> None:
    cut = width.cut(text, room)
    assert width.wide(cut) <= max(room, 2)
    assert cut == text or cut.endswith("…")


def test_a_line_of_chinese_does_not_begin_with_a_comma() -> None:
    assert width.wrapped("老人按下按钮，邻居就来", 12) == ["老人按下按", "钮，邻居就来"]


def _written(capsys: pytest.CaptureFixture[str], room: int, *rows: tuple[str, ...]) -> list[str]:
    table = Table(COLUMNS, room)
    table.head()
    for row in rows:
        table.row([Part(cell) for cell in row])
    return capsys.readouterr().out.splitlines()


ROW = ("bed-button-0001", "王秀英", "卧室床边", "11-22 03:00:00", "每 1:00:00", "已静默 4:09:33，261121-7KQ2")


@pytest.mark.parametrize("room", [60, 80, 100, 200])
def test_a_table_holds_in_its_width(room: int, capsys: pytest.CaptureFixture[str]) -> None:
    written = _written(capsys, room, ROW)
    assert all(width.wide(line) <= room for line in written), written
    assert sum("bed-button-0001" in line for line in written) == 1
    told = "".join("".join(written).split())
    assert all("".join(cell.split()) in told for cell in ROW[2:5])


def test_at_80_columns_what_is_missed_least_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    written = _written(capsys, 80, ROW)
    assert "约定" not in written[0]
    assert any(line.strip() == "约定 每 1:00:00" for line in written)


def test_an_id_that_is_too_long_runs_over_and_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    id_ = "a-device-whose-id-is-far-too-long-for-every-column"
    assert id_ in "\n".join(_written(capsys, 80, (id_, *ROW[1:])))


def test_where_nobody_looks_there_are_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    lines.write(Part("ALARM", "bold red"))
    assert capsys.readouterr().out == "ALARM\n"
