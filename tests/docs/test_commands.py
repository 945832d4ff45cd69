"""Every command is there, is documented, and is written in the pages as it is understood."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from alarmd.cli import application
from simulators.cli import app as outside
from tests.support.pages import ROOT, Page, pages

COMMANDS = (
    "demo",
    "run",
    "check",
    "import",
    "decode",
    "tail",
    "verify",
    "explain",
    "coverage",
    "incidents",
    "show",
    "accept",
    "note",
    "close",
    "simulate",
    "report",
    "backup",
    "restore",
)
SHELLS = {"console", "sh", "bash", "shell"}
PLACEHOLDER = re.compile(r"^(\[.*|.*\]|…|\.\.\.)$")


@cache
def program() -> dict[str, Any]:
    """Every command by name; typer keeps its own copy of click's classes to itself, hence Any."""
    found, simulate = typer.main.get_command(application()), typer.main.get_command(outside)
    assert isinstance(found, TyperGroup)
    return {**found.commands, "simulate": simulate}


def written() -> list[tuple[str, str]]:
    """Page and command line, for every ``alarmd …`` in a block of shell commands."""
    found: list[tuple[str, str]] = []
    for page in pages():
        for block in page.blocks():
            if block.language in SHELLS:
                lines = block.text.replace("\\\n", " ").splitlines()
                found += [(page.name, line) for raw in lines if (line := raw.removeprefix("$ ")).startswith("alarmd ")]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_it_has_each_command_that_users_are_promised(name: str) -> None:
    command = program()[name]
    assert name == "simulate" or command.help, f"`alarmd --help` says nothing about {name}"


@pytest.mark.parametrize("name", sorted(program()))
def test_it_tells_of_each_command_in_the_docs(name: str) -> None:
    telling = [page.name for page in pages() if page.name.startswith("docs/") and f"alarmd {name}" in page.text]
    assert telling, f"no page under docs/ tells of `alarmd {name}`"


@pytest.mark.parametrize(("page", "line"), written(), ids=str)
def test_it_understands_the_commands_in_the_pages(page: str, line: str) -> None:
    words = shlex.split(re.split(r" (?:\||>|&&|#) ?", line)[0])[1:]
    command, commands = None, program()
    while words and commands and not words[0].startswith("-"):
        assert words[0] in commands, f"{page}: {line}"
        command = commands[words.pop(0)]
        commands = getattr(command, "commands", {})
    parameters = command.params if command else []
    known = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        option = word.partition("=")[0]
        if option.startswith("-") and option != "-" and not PLACEHOLDER.match(word):
            assert option in {*known, "--help", "--version"}, f"{page}: {line}"


def test_it_lists_every_command_on_the_index() -> None:
    index = Page(ROOT / "docs" / "index.md").text
    assert not [name for name in program() if f"`alarmd {name}`" not in index]
