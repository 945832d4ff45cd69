"""The lock is closed: installed line by line, without a resolver, it lacks nothing on any Python that is promised."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.support.lock import PYTHONS, Environment, Line, environments, gaps, here, locked
from tests.support.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ("dev.txt", "run.txt", "build.txt")
# What a locked distribution asks for that only another Python than this one installs; kept by hand, because its
# metadata is not here to be read. Empty as long as every line serves every Python.
ELSEWHERE: dict[str, list[str]] = {}


def lock(file: str) -> tuple[Line, ...]:
    return locked(ROOT / "requirements" / file)


def group(name: str) -> list[str]:
    """A dependency group, with the groups it includes."""
    found: list[str] = []
    for one in PROJECT["dependency-groups"][name]:
        found += [one] if isinstance(one, str) else group(one["include-group"])
    return found


def wanted(file: str) -> list[Requirement]:
    """What the project itself asks for."""
    run, build = PROJECT["project"]["dependencies"], [*group("build"), *PROJECT["build-system"]["requires"]]
    texts = {"run.txt": run, "build.txt": build, "dev.txt": [*run, *build, *group("dev")]}
    return [Requirement(text) for text in texts[file]]


@cache
def requirements_of(name: str) -> tuple[Requirement, ...]:
    line = next(line for line in lock("dev.txt") if line.name == name)
    if name in ELSEWHERE and not line.counts(here()):
        return tuple(Requirement(text) for text in ELSEWHERE[name])
    return tuple(Requirement(text) for text in distribution(name).requires or ())


PLACES = [pytest.param(one, id=f"{one['python_version']}-{one['platform_machine']}") for one in environments()]


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize("file", FILES)
def test_it_lacks_nothing(file: str, environment: Environment) -> None:
    assert gaps(lock(file), wanted(file), requirements_of, environment) == []


@pytest.mark.parametrize("file", FILES)
def test_it_would_be_seen_if_any_line_were_missing(file: str) -> None:
    whole, environment = lock(file), next(environments())
    for line in whole:
        if line.counts(environment):
            rest: Iterable[Line] = [other for other in whole if other != line]
            assert gaps(rest, wanted(file), requirements_of, environment), f"nothing asks for {line.name}"


def test_it_would_be_seen_if_an_extra_were_lost() -> None:
    """The fault this test was born of: `coverage` was locked without `[toml]`, and pip resolved it anew."""
    environment = next(environments())
    for line in lock("dev.txt"):
        if line.extras and line.counts(environment):
            bare = [replace(other, extras=frozenset()) if other == line else other for other in lock("dev.txt")]
            found = gaps(bare, wanted("dev.txt"), requirements_of, environment)
            assert any("locked without its extra" in gap for gap in found), line.name
    assert any(line.extras for line in lock("dev.txt"))


def test_it_would_be_seen_if_a_version_did_not_fit() -> None:
    asked = [Requirement("pytest>=999")]
    (found,) = gaps(lock("dev.txt"), asked, lambda _: (), next(environments()))
    assert found.startswith("the project asks for pytest>=999: ")


def test_it_is_read_from_the_metadata_of_the_very_versions_that_are_locked() -> None:
    for line in lock("dev.txt"):
        if line.counts(here()):
            assert distribution(line.name).version == str(line.version), f"{line.name}: make .venv again"
        elif any(line.counts(environment) for environment in environments()):
            assert line.name in ELSEWHERE, f"{line.name} is for other Pythons only: say in ELSEWHERE what it asks for"
    for name, texts in ELSEWHERE.items():
        if next(line for line in lock("dev.txt") if line.name == name).counts(here()):
            assert texts == distribution(name).requires


@pytest.mark.parametrize("python", PYTHONS)
def test_it_serves_every_python_that_is_promised(python: str) -> None:
    for line in lock("dev.txt"):
        if line.counts(here()):
            metadata = distribution(line.name).metadata
            there = "Requires-Python" in metadata
            asked = SpecifierSet(metadata["Requires-Python"] if there else "")
            assert asked.contains(f"{python}.0"), f"{line.name} asks for Python {asked}"
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(python)
    assert f"Programming Language :: Python :: {python}" in PROJECT["project"]["classifiers"]


def test_it_names_the_same_versions_for_a_service_as_for_the_tests() -> None:
    tested = {line.name: line.version for line in lock("dev.txt")}
    for file in ("run.txt", "build.txt"):
        assert {line.name: line.version for line in lock(file)}.items() <= tested.items(), file


@pytest.mark.parametrize("file", FILES)
def test_it_gives_every_line_its_hashes_and_names_no_host(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    lines = re.findall(r"^\w.*(?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+$", text, re.MULTILINE)
    assert len(lines) == len(lock(file))
    assert "://" not in text
