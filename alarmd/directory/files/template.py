"""An empty workbook to be filled in: a sheet for each kind, headings in the reader's language, lists to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from alarmd.directory.files import headings, words
from alarmd.directory.files.kinds import COLUMNS, REQUIRED, Kind
from config.wording import for_later, said
from devices import FAMILIES, KINDS
from escalation.people import Role, Tier, Travel

ROWS = 2_000  # lines for which lists and formats are laid out
_TEXT = "@"
_LISTS = ("lists", "词表")  # reading.NOTES_SHEETS knows both
_TEXT_COLUMNS = frozenset(
    {"id", "phone", "address", "birth_date", "resident", "responder", "circle", "parent", "on_call"}
)
_HINTS: Mapping[str, str] = {
    "id": for_later("Yours; never changes."),
    "phone": for_later("As text, for example 138 0013 8001 or +86 138 0013 8001; one number."),
    "birth_date": for_later("For example 1938-04-09."),
    "lat": for_later("WGS-84 degrees (GPS), for example 31.24462; both or neither."),
    "lon": for_later("WGS-84 degrees (GPS), for example 121.40871; both or neither."),
    "categories": for_later("Several are divided by ; and may be words of your own."),
    "on_call": for_later("Empty = always; for example Mo-Fr 08:00-18:00."),
    "resident": for_later("The resident's id."),
    "responder": for_later("The responder's id."),
    "circle": for_later("The circle's id."),
    "parent": for_later("The id of the circle above."),
    "address": for_later("Where the door is; for a device what its family knows it by."),
    "rank": for_later("1 is asked first."),
    "report_every": for_later("Within which time it reports: seconds, or for example 25h; empty = as usual."),
}


def write(stream: BinaryIO, *, plans: Sequence[str]) -> None:
    """Write the workbook.

    Args:
        stream: Where to.
        plans: The names of the plans to choose from.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    chinese = said("yes") == "是"  # headings are known in these two languages, for the import reads them again
    lists = book.create_sheet(_LISTS[chinese])
    choices = {column: _choices(column, plans, chinese=chinese) for column in _chosen()}
    for number, (column, offered) in enumerate(choices.items(), 1):
        for line, word in enumerate((column, *offered), 1):
            lists.cell(line, number, word)
    for kind in Kind:
        sheet = book.create_sheet(headings.chinese_name(kind) if chinese else kind.value)
        _fill(sheet, kind, lists.title, choices, chinese=chinese)
    book.move_sheet(lists, len(book.sheetnames))
    lists.sheet_state = "hidden"
    book.active = 0
    book.save(stream)


def _chosen() -> tuple[str, ...]:
    return ("language", "tier", "role", "travel", "family", "kind", "has_key", "plan", "categories")


def _choices(column: str, plans: Sequence[str], *, chinese: bool) -> Sequence[str]:
    own: Mapping[str, Sequence[str]] = {
        "language": ("zh-CN", "en"),
        "tier": [tier.value for tier in Tier],
        "role": [role.value for role in Role if role not in {Role.DISPATCH, Role.RESIDENT}],
        "travel": [travel.value for travel in Travel],
        "family": sorted(FAMILIES),
        "kind": sorted(KINDS),
        "has_key": (said("yes"), said("no")),
        "plan": plans,
        "categories": tuple(words.chinese("categories")),
    }
    theirs = words.chinese(column) if chinese else {}
    return [theirs.get(word, word) for word in own[column]]


def _fill(sheet: Worksheet, kind: Kind, lists: str, choices: Mapping[str, Sequence[str]], *, chinese: bool) -> None:
    order = list(choices)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(COLUMNS[kind], 1):
        letter = get_column_letter(number)
        needed = column in REQUIRED[kind]
        cell = sheet.cell(1, number, (headings.chinese(kind, column) if chinese else column) + ("*" if needed else ""))
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFE9A8" if needed else "E8E8E8")
        if hint := _HINTS.get(column):
            cell.comment = Comment(said(hint), "alarmd")
        sheet.column_dimensions[letter].width = 18
        if column in _TEXT_COLUMNS:  # else Excel makes 1.38001E+10 of a telephone number
            sheet.column_dimensions[letter].number_format = _TEXT
            for line in range(2, ROWS + 2):
                sheet.cell(line, number).number_format = _TEXT
        if column in choices:
            where = get_column_letter(order.index(column) + 1)
            among = DataValidation(
                type="list", formula1=f"'{lists}'!${where}$2:${where}${len(choices[column]) + 1}", allow_blank=True
            )
            among.showErrorMessage = column != "categories"  # several, or words of one's own
            among.add(f"{letter}2:{letter}{ROWS + 1}")
            sheet.add_data_validation(among)
