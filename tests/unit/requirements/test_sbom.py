"""The list of what a service is made of, and the look-up of what is known of it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from requirements import sbom
from tests.support.commands import ROOT

SCRIPT = ROOT / "requirements" / "sbom.py"


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, *words], capture_output=True, text=True, check=False, timeout=60
    )


def copy_of(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as copy:
        for entry in entries:
            copy.writestr(f"{entry['id']}.json", json.dumps(entry))
    return path


def hole(name: str, *, versions: tuple[str, ...] = (), events: tuple[dict[str, str], ...] = (), **more: Any) -> Any:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "versions": list(versions), "ranges": ranges}
    return {"id": "GHSA-1", "summary": "it can be stopped", "affected": [affected]} | more


def test_it_lists_every_locked_package_with_its_hashes_always_the_same() -> None:
    first, second = run(), run()
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    listed = json.loads(first.stdout)
    assert listed["bomFormat"] == "CycloneDX"
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    names = {line.partition("==")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")}
    assert {one["name"] for one in listed["components"]} == names
    assert all(one["externalReferences"] for one in listed["components"])
    assert listed["metadata"]["component"]["name"] == "alarmd"


@pytest.mark.parametrize(
    ("version", "events", "affected"),
    [
        ("1.2.3", ({"introduced": "0"}, {"fixed": "1.2.4"}), True),
        ("1.2.4", ({"introduced": "0"}, {"fixed": "1.2.4"}), False),
        ("1.10.0", ({"introduced": "1.9"}, {"fixed": "1.11"}), True),
        ("1.2.0", ({"introduced": "1.2"}, {"last_affected": "1.2"}), True),
        ("1.2.1", ({"introduced": "1.2"}, {"last_affected": "1.2"}), False),
        ("2.0rc1", ({"introduced": "0"}, {"fixed": "2.0"}), True),
        ("2.0.post1", ({"introduced": "0"}, {"fixed": "2.0"}), False),
        ("3.0", ({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.9"}), True),
    ],
)
def test_it_knows_which_versions_a_range_means(version: str, events: Any, *, affected: bool) -> None:
    assert sbom._in_range(version, events) is affected


def test_it_names_a_known_hole_with_what_mends_it(tmp_path: Path) -> None:
    uvicorn = next(one for one in sbom.locked(sbom.LOCK.read_text(encoding="utf-8")) if one.name == "uvicorn")
    known = copy_of(
        tmp_path,
        hole("Uvicorn", versions=(uvicorn.version,), events=({"introduced": "0"}, {"fixed": "99"})),
        hole("uvicorn", versions=("0.0.1",), id="GHSA-2"),
        hole("uvicorn", versions=(uvicorn.version,), id="GHSA-3", withdrawn="2026-01-01"),
        hole("something-else", versions=("1",), id="GHSA-4"),
    )
    found = run("--known", known)
    assert found.returncode == 1
    assert f"uvicorn {uvicorn.version}: GHSA-1: it can be stopped; fixed in 99\n" in found.stdout
    assert "GHSA-2" not in found.stdout
    assert "GHSA-3" not in found.stdout
    assert found.stdout.endswith("1 known holes\n")


def test_nothing_known_is_a_success_and_what_is_no_copy_a_sentence(tmp_path: Path) -> None:
    assert run("--known", copy_of(tmp_path)).returncode == 0
    (tmp_path / "odd.zip").write_text("no zip", encoding="utf-8")
    odd = run("--known", tmp_path / "odd.zip")
    assert (odd.returncode, odd.stderr.startswith("alarmd: ")) == (2, True)
