"""The event log's names: what the code writes, the list says, the page and `alarmd tail` tell is the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from alarmd.cli import telling
from alarmd.event_names import Event

ROOT = Path(__file__).parents[3]
EVENTS = {event.value for event in Event}
KINDS = {event.value.partition(".")[0] for event in Event} | {"session", "person", "desk", "shift", "visit", "node"}
NAME = re.compile(rf"(?:{'|'.join(sorted(KINDS))})\.[a-z_]+")
# Who writes nothing: what shows entries to people, counts them, or lists their names.
READERS = {"alarmd/event_names.py", "alarmd/figures.py", "alarmd/leaps.py", "alarmd/metrics.py"}


def written() -> dict[str, set[str]]:
    """Event to the files that write it."""
    found: dict[str, set[str]] = {}
    for folder in ("alarmd", "escalation"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name in READERS or name.startswith("alarmd/cli/"):
                continue
            for event in _names(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(event, set()).add(name)
    return found


def _names(tree: ast.AST) -> Iterator[str]:
    """Names in places from which they are written: not what an entry is compared with, nor a member of an enum."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Event":
            yield Event[node.attr].value
        elif not isinstance(node, ast.Compare) and not (isinstance(node, ast.ClassDef) and _is_enum(node)):
            yield from _names(node)


def _is_enum(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases)


def documented() -> list[str]:
    page = (ROOT / "docs" / "event-log.md").read_text(encoding="utf-8")
    table = page.partition("## Events\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def test_each_event_that_is_written_is_on_the_list() -> None:
    assert {event: files for event, files in written().items() if event not in EVENTS} == {}


def test_each_event_on_the_list_is_written_by_something() -> None:
    assert sorted(EVENTS - set(written())) == []


def test_the_page_tells_of_each_event_once_and_of_no_other() -> None:
    assert documented() == [event.value for event in Event]


def test_tail_has_a_sentence_for_each_event_and_for_no_other() -> None:
    assert set(telling._TELL) == EVENTS


def test_the_search_sees_what_is_written_and_not_what_is_only_looked_for() -> None:
    source = (
        'EVENT = "visit.due"\n'
        'def a(log): log("visit.planned" if log else "visit.done")\n'
        'def b(entry): return entry.event == "visit.seen" or entry.event in {"visit.read"}\n'
        'class Silence(StrEnum):\n    VISIT = "visit.silence"\n'
    )
    assert sorted(_names(ast.parse(source))) == ["visit.done", "visit.due", "visit.planned"]
