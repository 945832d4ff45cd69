"""The rules of the house that no linter knows (docs/architecture.md). Who may import whom is import-linter's to say."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from alarmd.store.queries import QUERIES

ROOT = Path(__file__).parents[2]
HOUSE = ("alarmd", "devices", "escalation", "config", "simulators")
FILES = sorted(path for name in (*HOUSE, "bench", "tests") for path in (ROOT / name).rglob("*.py"))

MODULE_LINES = 450
FUNCTION_LINES = 70  # one screen; most have fewer than ten

# What pure code may use: values and text, no clock, no files, no sockets, no randomness, no environment.
PURE = {
    "__future__",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
    "msgspec",
}
CALENDARS = {"geographiclib", "icalendar", "opening_hours", "recurring_ical_events", "dateutil"}
READS_THE_CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
COMES_ALONG = {"starlette", "pydantic", "pydantic-core", "sqlalchemy"}  # with FastAPI, pydantic-settings and alembic
TABLE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)
SILENCED = re.compile(r"#\s*(?:noqa: (?P<rules>[A-Z0-9, ]+)|type: ignore\[(?P<errors>[\w, -]+)\])(?P<why>.*)$")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def of(*packages: str) -> list[Path]:
    return [path for path in FILES if path.relative_to(ROOT).parts[0] in packages]


def imports(path: Path) -> set[str]:
    """The top-level names a module imports."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


# ---------------------------------------------------------------- size and words


def test_it_keeps_modules_short_enough_to_be_read() -> None:
    long = {name(path) for path in of(*HOUSE, "bench") if len(path.read_text().splitlines()) > MODULE_LINES}
    assert not long


def test_it_keeps_functions_short_enough_to_be_seen_whole() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in of(*HOUSE, "bench")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("package", HOUSE)
def test_it_says_at_the_door_of_each_room_what_is_inside(package: str) -> None:
    folders = {path.parent for path in of(package)}
    silent = [name(folder) for folder in folders if not ast.get_docstring(tree(folder / "__init__.py"))]
    assert not silent


def test_it_says_why_beside_every_silenced_check() -> None:
    silent = []
    for path in FILES:
        told: set[str] = set()  # said once in a file is enough
        above = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            match = SILENCED.search(line)
            codes = set((match["rules"] or match["errors"]).replace(" ", "").split(",")) if match else set()
            if match and (match["why"].strip(" -#") or above.startswith("#")):
                told |= codes
            elif codes - told:
                silent.append(f"{name(path)}: {line.strip()}")
            above = above if match else line.strip()
    assert not silent


def test_it_leaves_nothing_for_later_in_the_code() -> None:
    word = re.compile(r"\b(TO" + "DO|FIX" + r"ME|X" + r"XX)\b")
    assert not [name(path) for path in FILES if word.search(path.read_text(encoding="utf-8"))]


def test_it_leaves_out_no_test_but_for_a_tool_that_is_missing() -> None:
    skipping = {
        name(path)
        for path in of("tests")
        if re.search(r"(pytest|mark)\.(skip|skipif|xfail|importorskip)\b(?!\w)", path.read_text(encoding="utf-8"))
    }
    assert skipping <= {"tests/conftest.py", name(Path(__file__))}


# ---------------------------------------------------------------- a device family is one name

FOUND_BY_NAME = ("devices/families/", "simulators/families/")
SPEAKS_ITSELF = "alarmd"  # the family of alarmd's own topics
NAMED = {
    "alarmd/intake/births.py": {"sparkplug_b"},  # a host application's part of it: births are remembered, and asked for
    "simulators/play.py": {"zigbee2mqtt"},  # who is in the stories
}


def families_named_in(module: ast.Module) -> set[str]:
    """The device families that a module names in a string of its own, or imports."""
    families = {one.stem for one in (ROOT / "devices" / "families").iterdir() if not one.stem.startswith("_")}
    found: set[object] = {node.value for node in ast.walk(module) if isinstance(node, ast.Constant)}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "devices.families":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("devices.families."):
            found.add(node.module.split(".")[2])
    return {family for family in families - {SPEAKS_ITSELF} if family in found}


def test_no_other_file_names_a_device_family() -> None:
    others = [path for path in of(*HOUSE) if not name(path).startswith(FOUND_BY_NAME)]
    found = {name(path): families_named_in(tree(path)) for path in others}
    assert {path: families for path, families in found.items() if families} == NAMED


@pytest.mark.parametrize(
    "planted",
    [
        "from devices.families import tuya",
        "from devices.families.tuya import NAME",
        "if family == 'tuya': pass",
        "HASTY = frozenset({'tuya', 'other'})",
    ],
)
def test_it_sees_a_device_family_that_is_named_elsewhere(planted: str) -> None:
    assert families_named_in(ast.parse(planted)) == {"tuya"}


# ---------------------------------------------------------------- clock and world


def test_it_reads_the_wall_clock_in_one_place_only() -> None:
    reading = [
        f"{name(path)}:{call.lineno}"
        for path in of("alarmd", "devices", "escalation", "config")
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in READS_THE_CLOCK
        and name(path) != "alarmd/clock.py"
    ]
    assert not reading


@pytest.mark.parametrize(("package", "more"), [("devices", set()), ("escalation", CALENDARS)])
def test_it_keeps_pure_what_is_to_be_pure(package: str, more: set[str]) -> None:
    for path in of(package):
        looks = {"importlib", "pkgutil"} if name(path) == "devices/families/__init__.py" else set()
        assert imports(path) <= PURE | more | looks | {package}, name(path)
        opened = [c.lineno for c in calls(path) if isinstance(c.func, ast.Name) and c.func.id in {"open", "print"}]
        assert not opened, name(path)


# ---------------------------------------------------------------- SQL is data


def migrations() -> str:
    files = sorted((ROOT / "alarmd" / "store" / "migrations" / "versions").glob("*.sql"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_it_writes_its_sql_in_files() -> None:
    tables = "|".join(TABLE.findall(migrations()))
    statement = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN|TABLE)\s+({tables})\b")
    inline = [
        f"{name(path)}:{node.lineno}"
        for path in of("alarmd", "simulators", "config")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.search(node.value)
    ]
    assert not inline


def asked() -> set[str]:
    """The names of queries that the code runs."""
    return {
        call.args[0].value
        for path in of("alarmd")
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"run", "many", "one", "all", "each"}
        and isinstance(call.func.value, ast.Name | ast.Attribute)
        and (call.func.value.id if isinstance(call.func.value, ast.Name) else call.func.value.attr).lstrip("_") == "tx"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_it_runs_only_queries_that_there_are() -> None:
    assert asked() <= set(QUERIES)


def test_it_keeps_no_query_that_nobody_runs() -> None:
    texts = {
        node.value
        for path in of(*HOUSE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    families = tuple(text for text in texts if re.fullmatch(r"[a-z]+_[a-z_]*_", text))  # "directory_put_" + what
    assert not [query for query in QUERIES if query not in texts and not query.startswith(families)]


def test_it_gives_each_migration_its_own_sql_file() -> None:
    folder = ROOT / "alarmd" / "store" / "migrations" / "versions"
    steps = {path.stem for path in folder.glob("[0-9]*.py")}
    assert steps == {path.stem for path in folder.glob("*.sql")}


# ---------------------------------------------------------------- what is delivered


def test_it_declares_what_it_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {normal(re.split(r"[^\w.-]", line)[0]) for line in project["project"]["dependencies"]}
    providers = packages_distributions()
    for path in of(*HOUSE):
        foreign = imports(path) - sys.stdlib_module_names - set(HOUSE)
        found = {one for module in foreign for one in map(normal, providers.get(module, [module]))}
        assert found <= declared | COMES_ALONG, name(path)


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
