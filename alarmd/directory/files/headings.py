"""From lines of cells to a table: which line names the columns, in whose words, and what the file holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from alarmd.directory.files.bounds import letter
from alarmd.directory.files.kinds import COLUMNS, REQUIRED, Fault, Kind, Lines, Table, UnreadableFileError
from alarmd.directory.files.signs import folded
from alarmd.directory.files.words import lexicon, nearest
from config.wording import said

_LOOKED_AT = 12  # lines in which the columns' names are looked for
_NUMBERED = "#"  # a column that only counts the lines
_MANY = 2  # so many names of columns, and a line is no title

_ANY = lexicon(
    {
        "id": "编号 序列号 唯一编号 工号 代码 number nr identifier",
        "name": "姓名 名字 名称 full_name",
        "language": "语言 语种 lang",
        "phone": (
            "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 固定电话 座机 phone_number telephone mobile tel"
        ),
        "lat": "纬度 北纬 latitude",
        "lon": "经度 东经 longitude lng long",
        "notes": "备注 说明 note remarks comment comments",
        "circle": "所属圈子 圈子 圈子编号 所属社区 所在社区 社区 网格",
        _NUMBERED: "序号 no. no 行号 # s/n",
    }
)
_OF_KIND: Mapping[Kind, Mapping[str, str]] = {
    Kind.CIRCLES: lexicon(
        {
            "id": "圈子编号",
            "name": "圈子名称 圈子 社区 网格",
            "tier": "级别 层级 类型 level",
            "parent": "上级 上级圈子 上级编号",
        }
    ),
    Kind.RESIDENTS: lexicon(
        {
            "id": "居民编号 老人编号",
            "name": "姓名 居民姓名 居民 老人姓名 老人",
            "birth_date": "出生日期 生日 出生年月 出生年月日 birthday date_of_birth dob born",
            "address": "地址 住址 家庭住址 家庭地址 详细地址 居住地址",
            "access": "进门方式 入户方式 开门方式 进门 entry",
            "conditions": "病史 健康状况 健康情况 既往病史 基础疾病 疾病 慢性病",
            "medication": "用药 常用药 用药情况 medications",
            "allergies": "过敏 过敏史 allergy",
            "mobility": "行动能力 活动能力 行动",
            "categories": "类别 居住情况 居住状况 分类 人员类别 老人类别 category",
            "plan": "预案 方案",
        }
    ),
    Kind.RESPONDERS: lexicon(
        {
            "id": "响应人编号",
            "name": "姓名 响应人姓名 响应人 志愿者",
            "role": "角色 身份 关系 职务",
            "travel": "出行方式 交通方式 交通工具 出行 transport",
            "skills": "技能 特长 skill",
            "on_call": "值班 值班时间 值班安排 在岗时间 可响应时间 班次 时间 hours",
        }
    ),
    Kind.DEVICES: lexicon(
        {
            "id": "设备编号 设备",
            "family": "设备协议 协议 品牌 设备系列 系列 接入方式",
            "address": "设备地址 地址 设备标识 标识 imei mac mac地址 deveui",
            "resident": "居民编号 居民 老人编号 老人 所属居民 使用人",
            "kind": "设备类型 类型 种类 type",
            "room": "房间 位置 安装位置 安装地点 location",
            "report_every": "上报间隔 上报周期 心跳间隔 心跳周期 interval",
        }
    ),
    Kind.CONTACTS: lexicon(
        {
            "resident": "居民编号 居民 老人 老人编号",
            "responder": "响应人编号 响应人 联系人 联系人编号",
            "rank": "顺序 顺位 排序 优先级 次序 order priority",
            "relationship": "关系 与老人关系 与居民关系 relation",
            "has_key": "有钥匙 钥匙 是否有钥匙 持有钥匙 key",
        }
    ),
}
_NAMES: Mapping[Kind, tuple[str, ...]] = {
    Kind.CIRCLES: ("circle", "圈子", "网格", "社区"),
    Kind.RESIDENTS: ("resident", "居民", "老人", "住户", "长者"),
    Kind.RESPONDERS: ("responder", "响应人", "志愿者", "帮扶", "应急人员"),
    Kind.DEVICES: ("device", "设备", "按钮", "终端"),
    Kind.CONTACTS: ("contact", "联系人", "联络人"),
}
_OTHER_MAPS = re.compile(r"gcj|bd[-_ ]?09|火星|高德|百度|腾讯|amap|baidu|gaode", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[【（〔].{0,80}?[)\]】）〕]")
_CLOSING = re.compile(
    r"(?:合计|总计|小计|共计|共|总数|备注|注|说明|填表|制表|审核|审批|负责人|日期|total|sum|note|remark)s?\s*(?:[:：]|\d|$)",
    re.IGNORECASE,
)


def score(cells: Iterable[str]) -> int:
    """How many of these cells name a column of some kind of file; more is likelier the header."""
    known = list(cells)
    return max(len({column for cell in known if (column := column_of(cell, kind))} - {_NUMBERED}) for kind in Kind)


def column_of(heading: str, kind: Kind) -> str:
    """The column that a heading means in such a file; empty where it is none of alarmd's."""
    word = folded(_BRACKETS.sub("", heading)).strip("*＊:：_ ")
    if word in COLUMNS[kind]:
        return word
    if (column := _OF_KIND[kind].get(word)) is not None:
        return column
    column = _ANY.get(word, "")
    return column if column in (*COLUMNS[kind], _NUMBERED) else ""


def chinese(kind: Kind, column: str) -> str:
    """What a column is called in a Chinese workbook."""
    known = (*_OF_KIND[kind].items(), *_ANY.items())
    return next((word for word, meant in known if meant == column and not word.isascii()), column)


def chinese_name(kind: Kind) -> str:
    """What a sheet of that kind is called in a Chinese workbook."""
    return next(word for word in _NAMES[kind] if not word.isascii())


def kind_named(name: str) -> Kind | None:
    """What a file or sheet of that name holds, if its name says so."""
    named = [kind for kind in Kind if any(word in name.casefold() for word in _NAMES[kind])]
    return named[0] if len(named) == 1 else None


def table_of(path: Path, found: Lines, *, sheet_only: bool = False) -> Table:
    """Make a table of a file's lines.

    Args:
        path: The file.
        found: Its lines.
        sheet_only: The file has other sheets: its own name says nothing about this one.

    Raises:
        UnreadableFileError: There is nothing in it, or nobody can tell what it holds.
    """
    where = f"{path} [{found.sheet}]" if found.sheet else str(path)
    if not found.lines:
        raise UnreadableFileError(f"{where}: " + said("is empty; its first line names the columns"))
    at = _header_at(found.lines)
    line, header = found.lines[at]
    kind = _kind(where, found.sheet if sheet_only else f"{found.sheet} {path.stem}", header, line)
    notes = list(found.notes)
    if at:
        before = ", ".join(str(number) for number, _ in found.lines[:at])
        notes.append(said("line {lines} is a title and was left out", lines=before))
    body = [(number, cells) for number, cells in found.lines[at + 1 :]]
    header, body = _without_empty_columns(header, body)
    body, closing = _without_closing(header, body, kind)
    notes += closing
    columns = [column_of(cell, kind) or cell for cell in header]
    faults = [Fault(line, column, text) for column, text in _header_faults(kind, header, columns)]
    rows, odd = _rows(columns, body)
    other = {c: cell for c, cell in zip(columns, header, strict=True) if c != cell and c in COLUMNS[kind]}
    if foreign := {c: cell for c, cell in other.items() if folded(cell).strip("*:") != c}:
        pairs = ", ".join(f"{cell} = {column}" for column, cell in foreign.items())
        notes.append(said("columns were understood so: {pairs}", pairs=pairs))
    return Table(
        path=path,
        kind=kind,
        columns=tuple(column for column in columns if column != _NUMBERED),
        rows=() if faults else tuple(rows),
        faults=(*faults, *found.faults, *odd),
        notes=tuple(notes),
        sheet=found.sheet,
        headings=other,
    )


def _header_at(lines: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    """Which of the first lines names the most columns; the first one where none does better."""
    top = lines[:_LOOKED_AT]
    found = [score(cells) for _, cells in top]
    best = max(range(len(top)), key=lambda i: (found[i], -i))
    return best if found[best] >= _MANY and found[0] < _MANY else 0


def _without_empty_columns(
    header: Sequence[str], body: list[tuple[int, tuple[str, ...]]]
) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]:
    """Columns without a heading in which nothing stands, as spreadsheets save them by the dozen."""
    used = {i for i, cell in enumerate(header) if cell} | {i for _, cells in body for i, c in enumerate(cells) if c}
    width = max(used, default=-1) + 1
    kept = [i for i in range(width) if i in used]
    if len(kept) == len(header) and all(len(cells) == len(header) for _, cells in body):
        return tuple(header), body
    head = tuple(header[i] if i < len(header) else "" for i in kept if i < len(header) or any_cell(body, i))
    return head, [(number, tuple(cells[i] for i in kept if i < len(cells))) for number, cells in body]


def any_cell(body: Sequence[tuple[int, tuple[str, ...]]], column: int) -> bool:
    """Whether most lines have something in a column that the header does not name: else a line is only too long."""
    return sum(1 for _, cells in body if column < len(cells) and cells[column]) * 2 > len(body)


def _without_closing(
    header: Sequence[str], body: list[tuple[int, tuple[str, ...]]], kind: Kind
) -> tuple[list[tuple[int, tuple[str, ...]]], list[str]]:
    """Totals, notes and signatures below the rows; a second line of headings above them."""
    notes = []
    if body and [column_of(cell, kind) for cell in body[0][1]] == [column_of(cell, kind) for cell in header]:
        notes.append(said("line {line} names the columns again and was left out", line=body[0][0]))
        body = body[1:]
    while body:
        number, cells = body[-1]
        said_there = [cell for cell in cells if cell]
        if len(said_there) > max(1, (len(header) + 1) // 2) or not _CLOSING.match(said_there[0]):
            break
        notes.append(said("line {line} ({text}) is no row and was left out", line=number, text=said_there[0][:20]))
        body = body[:-1]
    return body, notes


def _rows(
    columns: Sequence[str], body: Iterable[tuple[int, tuple[str, ...]]]
) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    rows, faults = [], []
    for line, cells in body:
        if len(cells) > len(columns) and not any(cells[len(columns) :]):
            cells = cells[: len(columns)]  # noqa: PLW2901 - blank cells at the end of one line only
        if len(cells) != len(columns):
            faults.append(
                Fault(
                    line,
                    "",
                    said(
                        "has {count} cells where the header has {columns}; a text with a comma stands in quotes",
                        count=len(cells),
                        columns=len(columns),
                    ),
                )
            )
            continue
        rows.append((line, {c: cell for c, cell in zip(columns, cells, strict=True) if c != _NUMBERED}))
    return rows, faults


def _kind(where: str, name: str, header: Sequence[str], line: int) -> Kind:
    meant = {kind: {column for cell in header if (column := column_of(cell, kind))} - {_NUMBERED} for kind in Kind}
    unknown = {kind: sum(1 for cell in header if cell and not column_of(cell, kind)) for kind in Kind}
    fitting = [kind for kind in Kind if set(REQUIRED[kind]) <= meant[kind] and not unknown[kind]]
    if len(fitting) == 1:
        return fitting[0]
    if (named := kind_named(name)) is not None:
        return named
    best = max(Kind, key=lambda kind: len(meant[kind]))
    if fitting or not meant[best]:
        raise UnreadableFileError(
            f"{where}: "
            + said(
                "line {line}: {text}",
                line=line,
                text=said(
                    "neither header nor name says what it holds; name it {names}",
                    names=", ".join(f"{kind}.csv" for kind in Kind),
                ),
            )
        )
    return best


def _header_faults(kind: Kind, header: Sequence[str], columns: Sequence[str]) -> Iterable[tuple[str, str]]:
    for i, (cell, column) in enumerate(zip(header, columns, strict=True)):
        if not cell:
            yield letter(i), said("has cells and no heading; write one, or empty the column")
        elif column in COLUMNS[kind] and column in columns[:i]:
            yield cell, said("stands twice in the header")
        elif column not in COLUMNS[kind] and column != _NUMBERED:
            hint = nearest(column, COLUMNS[kind])
            yield cell, said("is not a column of {file}; {hint}", file=f"{kind}.csv", hint=hint)
        elif column in {"lat", "lon"} and _OTHER_MAPS.search(cell):
            yield cell, said("is of another map than GPS; alarmd needs WGS-84 degrees")
    for column in REQUIRED[kind]:
        if column not in columns:
            needed = ", ".join(REQUIRED[kind])
            yield column, said("is missing in the header; {file} needs {columns}", file=f"{kind}.csv", columns=needed)
