"""What the source says to people, found by reading it: sentences that are said, help texts, and what slipped past."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

from alarmd.cli import COMMANDS

ROOT = Path(__file__).parents[2]
SPEAKERS = ("alarmd", "config", "devices", "escalation", "simulators")
KEYWORDS = {"said": None, "said_of": (1, 2), "for_later": None}
COMMAND_LINES = (*sorted((ROOT / "alarmd" / "cli").glob("*.py")), ROOT / "simulators" / "cli.py")

_DECLARED = {"Option", "Argument", "Typer"}
_SAYS = {"said", "said_of", "for_later"}
_SINKS = {"write", "print", "echo", "prompt", "UserError", "Table", "Grid", "add_column", "add_row", "Text", "append"}
_FOR_MACHINES = {
    "compile",
    "execute",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "dumps",
}  # patterns, SQL, the log, JSON
_NOT_SHOWN = {"style", "header_style", "encoding", "overflow", "group", "name"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:]? +[A-Za-z]{2,}")
_STYLES = {
    *("bold", "dim", "red", "green", "yellow", "blue", "cyan", "magenta", "default", "bright_black"),
    *("utf", "ascii", "strict", "replace"),
}


def sentences() -> set[str]:
    """Every sentence that operators are told, help included; of a pair the one for one."""
    found = set()
    for folder in SPEAKERS:
        for source in (ROOT / folder).rglob("*.py"):
            with source.open("rb") as file:
                for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                    found.add(message if isinstance(message, str) else message[0])
    return found | set(helps())


def helps() -> Iterator[str]:
    """What ``-h`` says: the descriptions of commands, and of their options and arguments."""
    for source in COMMAND_LINES:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in _DECLARED:
                yield from _declared(node)
            elif isinstance(node, ast.FunctionDef) and _is_command(node, source):
                described = inspect.cleandoc(ast.get_docstring(node) or "")
                assert described, f"{source.name}: {node.name} does not say what it is for"
                yield described
                yield described.partition("\n")[0]


def _declared(node: ast.Call) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.arg in {"help", "metavar"} and isinstance(keyword.value, ast.Constant | ast.JoinedStr):
            assert isinstance(keyword.value, ast.Constant), f"line {node.lineno}: a help that no catalogue can hold"
            if keyword.value.value:
                yield str(keyword.value.value)


def _is_command(node: ast.FunctionDef, source: Path) -> bool:
    if source.parent.name == "simulators":
        return any(isinstance(one, ast.Call) and _called(one) == "command" for one in node.decorator_list)
    return f"alarmd.cli.{source.stem}:{node.name}" in COMMANDS.values()


def unsaid(source: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each literal that would be printed in English whoever reads it."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    yield from _unsaid(tree, sink=False)


def _unsaid(node: ast.AST, *, sink: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call):
        yield from _in_call(node, sink=sink)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and _is_for_eyes(node.value, sink=sink):
            yield node.lineno, node.value
    else:
        within = sink and not isinstance(node, ast.Subscript | ast.Compare)
        for child in ast.iter_child_nodes(node):
            if not _is_docstring(node, child) and not _is_keys(node, child):
                yield from _unsaid(child, sink=within)


def _in_call(node: ast.Call, *, sink: bool) -> Iterator[tuple[int, str]]:
    name = _called(node)
    if name in _SAYS | _DECLARED | _FOR_MACHINES:
        return
    yield from _unsaid(node.func, sink=False)
    for argument in node.args:
        yield from _unsaid(argument, sink=sink or name in _SINKS)
    for keyword in node.keywords:
        if keyword.arg not in _NOT_SHOWN:
            yield from _unsaid(keyword.value, sink=False)


def _is_for_eyes(text: str, *, sink: bool) -> bool:
    found = (_WORD if sink else _SENTENCE).search(text)
    return bool(found) and not set(re.findall(r"[a-z_]+", text.lower())) <= _STYLES


def _is_keys(parent: ast.AST, child: ast.AST) -> bool:
    return isinstance(parent, ast.Dict) and child in parent.keys


def _is_docstring(parent: ast.AST, child: ast.AST) -> bool:
    return (
        isinstance(parent, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(child, ast.Expr)
        and isinstance(child.value, ast.Constant)
    )


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
