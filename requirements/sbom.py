"""What a service is made of, for those who must keep a list, and which of it has known holes, without the internet.

    python3 requirements/sbom.py                      prints the list, CycloneDX 1.6 as JSON, from requirements/run.txt
    python3 requirements/sbom.py --known all.zip      looks each package up in a copy of OSV's data base

The copy is fetched by who has the internet, and carried to who has not:
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "run.txt"
LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)[^\S\n]*(?:;(?P<only>[^\\\n]*))?", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:(?P<hash>[0-9a-f]{64})")


class Package(NamedTuple):
    """One locked package."""

    name: str
    version: str
    only: str
    hashes: tuple[str, ...]

    @property
    def url(self) -> str:
        """Its package URL: https://github.com/package-url/purl-spec."""
        return f"pkg:pypi/{self.name}@{self.version}"


class Hole(NamedTuple):
    """One known hole of a package in the version that is locked."""

    package: Package
    id: str
    summary: str
    fixed: tuple[str, ...]


def main() -> int:
    """Do what the command line says.

    Returns:
        0: done, and nothing is known. 1: a hole is known. 2: the copy cannot be read.
    """
    parser = argparse.ArgumentParser(description="List what a service is made of, and what is known of it.")
    parser.add_argument("--lock", type=Path, default=LOCK, help="which lock; that of a service unless named")
    parser.add_argument("--known", type=Path, metavar="ZIP", help="look up known holes in this copy of OSV's data base")
    asked = parser.parse_args()
    packages = locked(asked.lock.read_text(encoding="utf-8"))
    if asked.known is None:
        sys.stdout.write(json.dumps(listed(packages), indent=2) + "\n")
        return 0
    try:
        with zipfile.ZipFile(asked.known) as copy:
            found = sorted(holes(packages, copy))
    except (OSError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"alarmd: {asked.known}: cannot be read as a copy of OSV's data base: {error}\n")
        return 2
    for hole in found:
        fixed = f"; fixed in {', '.join(hole.fixed)}" if hole.fixed else ""
        sys.stdout.write(f"{hole.package.name} {hole.package.version}: {hole.id}: {hole.summary}{fixed}\n")
    sys.stdout.write(f"{len(packages)} packages looked up, {len(found)} known holes\n")
    return 1 if found else 0


def locked(text: str) -> list[Package]:
    """The packages of a lock, in its order."""
    found = list(LINE.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    return [
        Package(
            name=re.sub(r"[-_.]+", "-", one["name"]).lower(),
            version=one["version"],
            only=(one["only"] or "").strip(),
            hashes=tuple(HASH.findall(text[one.start() : end])),
        )
        for one, end in zip(found, ends, strict=True)
    ]


def listed(packages: list[Package]) -> dict[str, Any]:
    """The list as CycloneDX has it (https://cyclonedx.org/docs/1.6/json/); the same lock gives the same list."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [_component(one) for one in packages],
        "dependencies": [{"ref": own, "dependsOn": [one.url for one in packages]}],
    }


def _component(one: Package) -> dict[str, Any]:
    files = [
        {"type": "distribution", "url": "https://pypi.org/simple/" + one.name, "hashes": [_hash(h)]} for h in one.hashes
    ]
    only = {"properties": [{"name": "python:marker", "value": one.only}]} if one.only else {}
    return {
        "type": "library",
        "bom-ref": one.url,
        "name": one.name,
        "version": one.version,
        "purl": one.url,
        "externalReferences": files,
        **only,
    }


def _hash(text: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": text}


def holes(packages: list[Package], copy: zipfile.ZipFile) -> Iterator[Hole]:
    """What a copy of OSV's data base knows of these versions."""
    by_name = {one.name: one for one in packages}
    for name in copy.namelist():
        if not name.endswith(".json"):
            continue
        entry = json.loads(copy.read(name))
        if entry.get("withdrawn"):
            continue
        for affected in entry.get("affected", ()):
            named = affected.get("package", {})
            one = by_name.get(re.sub(r"[-_.]+", "-", str(named.get("name", ""))).lower())
            if one is not None and named.get("ecosystem") == "PyPI" and _is_affected(one.version, affected):
                summary = str(entry.get("summary") or entry.get("details") or "").strip().splitlines()
                yield Hole(one, str(entry["id"]), summary[0][:120] if summary else "", tuple(_fixed(affected)))


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(_in_range(version, one.get("events", ())) for one in affected.get("ranges", ()) if _counts(one))


def _counts(one: Mapping[str, Any]) -> bool:
    return one.get("type") in {"ECOSYSTEM", "SEMVER"}


def _in_range(version: str, events: Any) -> bool:
    """Whether the last event before this version, or at it, opened the hole (https://ossf.github.io/osv-schema/)."""
    mine, inside = _order(version), False
    for event in events:
        kind, at = next(iter(event.items()))
        reached = mine > _order(at) if kind == "last_affected" else mine >= _order(at)
        if reached and kind in {"introduced", "fixed", "last_affected"}:
            inside = kind == "introduced"
    return inside


def _order(version: str) -> tuple[tuple[int, ...], int, str]:
    """Numbers first; what comes before a release sorts before it."""
    found = re.match(r"v?(?:\d+!)?(?P<numbers>\d+(?:\.\d+)*)(?P<rest>.*)", version)
    if found is None:
        return ((), 0, version)
    numbers = [int(part) for part in found["numbers"].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    before = re.match(r"[-_.]?(?:a|b|rc|c|alpha|beta|pre|preview|dev)", found["rest"])
    return (tuple(numbers), -1 if before else int(bool(found["rest"])), found["rest"])


def _fixed(affected: Mapping[str, Any]) -> Iterator[str]:
    for one in affected.get("ranges", ()):
        if _counts(one):
            yield from (event["fixed"] for event in one.get("events", ()) if "fixed" in event)


if __name__ == "__main__":
    sys.exit(main())
