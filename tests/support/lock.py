"""The locked requirements, read as pip reads them, and whether anything is missing among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")

Environment = dict[str, str]
RequirementsOf = Callable[[str], Iterable[Requirement]]


@dataclass(frozen=True)
class Line:
    """One distribution that is locked."""

    name: str
    version: Version
    extras: frozenset[str]
    marker: Marker | None

    def counts(self, environment: Environment) -> bool:
        """Whether it is installed there."""
        return self.marker is None or self.marker.evaluate(environment)


def locked(file: Path) -> tuple[Line, ...]:
    """The lines of a lock."""
    found = []
    for text in re.findall(r"^(\w[^\\\n]*)", file.read_text(encoding="utf-8"), re.MULTILINE):
        one = Requirement(text)
        (pin,) = one.specifier
        assert pin.operator == "==", text
        found.append(Line(canonicalize_name(one.name), Version(pin.version), frozenset(one.extras), one.marker))
    return tuple(found)


def environments() -> Iterator[Environment]:
    """Where the lock must hold, as markers see it: Linux, each Python and each machine that is promised."""
    for python, machine in product(PYTHONS, MACHINES):
        yield here() | {
            "implementation_name": "cpython",
            "implementation_version": f"{python}.0",
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        }


def here() -> Environment:
    """The Python that runs, as markers see it."""
    return {name: str(value) for name, value in default_environment().items()}


def gaps(
    lines: Iterable[Line], wanted: Iterable[Requirement], requirements_of: RequirementsOf, environment: Environment
) -> list[str]:
    """What is asked for there and not met by a locked line.

    Args:
        lines: The lock.
        wanted: What the project asks for itself.
        requirements_of: What a locked distribution asks for, by its name.
        environment: Where it is installed.
    """
    there = {line.name: line for line in lines if line.counts(environment)}
    missing = [gap for one in wanted if (gap := _gap(one, there, frozenset(), environment, "the project"))]
    for line in there.values():
        asked = requirements_of(line.name)
        missing += [gap for one in asked if (gap := _gap(one, there, line.extras, environment, line.name))]
    return missing


def _gap(one: Requirement, there: dict[str, Line], extras: frozenset[str], environment: Environment, who: str) -> str:
    asked = one.marker is None or any(one.marker.evaluate({**environment, "extra": extra}) for extra in {"", *extras})
    if not asked:
        return ""
    met = there.get(canonicalize_name(one.name))
    if met is None:
        return f"{who} asks for {one}: nothing is locked"
    if not one.specifier.contains(met.version, prereleases=True):
        return f"{who} asks for {one}: {met.version} is locked"
    if lacking := one.extras - met.extras:
        return f"{who} asks for {one}: locked without its extra {', '.join(sorted(lacking))}"
    return ""
