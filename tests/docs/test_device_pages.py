"""The pages about devices say what alarmd does: their examples are run, their tables name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from alarmd.cli.decode import decode
from alarmd.directory.reading import Cells
from devices import FAMILIES, KINDS, SignalType

PAGES = Path(__file__).parents[2] / "docs" / "devices"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REGISTRATION = re.compile(r"^    d-\w+,(\w+),([^,]+),[^,]+,(\w+),[^,]+,(\w+)$", re.MULTILINE)

app = typer.Typer()
app.command()(decode)


def examples() -> list[tuple[str, str, list[str]]]:
    """Page, command and expected lines of every ``$ alarmd decode …`` in the pages."""
    found = []
    for page in sorted(PAGES.glob("*.md")):
        for block in CONSOLE.findall(page.read_text(encoding="utf-8")):
            for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, *expected = example.splitlines()
                found.append((page.name, command, expected))
    return found


@pytest.mark.parametrize(("page", "command", "expected"), examples())
def test_it_prints_what_the_page_shows(page: str, command: str, expected: list[str]) -> None:
    program, subcommand, *arguments = shlex.split(command)
    assert (program, subcommand) == ("alarmd", "decode"), page
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, page
    assert result.stdout.splitlines() == expected, page


def test_it_has_a_page_with_an_example_for_every_family() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {"index", *FAMILIES}
    assert {page for page, _, _ in examples()} == {f"{name}.md" for name in ("index", *FAMILIES)}


def test_it_links_every_family_from_the_index() -> None:
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+)\.md\)", index)) == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_shows_how_to_register_a_device(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    registered = REGISTRATION.findall(page)
    assert registered
    assert "id,family,address,resident,kind,room,report_every" in page
    for family, _, kind, report_every in registered:
        assert family == name
        assert kind in KINDS
        assert Cells(2, {"report_every": report_every}, "CN").lasting("report_every")


def test_it_names_every_kind_and_every_type() -> None:
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in index for kind in KINDS)
    native = (PAGES / "alarmd.md").read_text(encoding="utf-8")
    assert all(kind.value in native for kind in SignalType)
