"""The environment is what the lock says, whatever was published since and whatever this machine's pip is told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lock import locked
from tests.support.pages import ROOT
from tests.support.shelf import Shelf

pytestmark = pytest.mark.timeout(400)

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "bell"
version = "1.0"
dependencies = ["gauge"]
[tool.hatch.build.targets.wheel]
packages = ["bell"]
"""


class Tree:
    """A small source tree that is set up as alarmd's is, beside an index on which everything is newer."""

    def __init__(self, folder: Path, index: str) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        self.index = index

    def set_up(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "requirements/set_up.py", *(words or (".venv",))]
        return self.run(command, PIP_INDEX_URL=self.index, **environ)

    def run(self, command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
        alone = {"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"], "PIP_CONFIG_FILE": ""}
        return subprocess.run(
            command, cwd=self.folder, env=alone | environ, capture_output=True, text=True, check=False
        )

    def installed(self, venv: Path | None = None) -> dict[str, str]:
        """What is installed there, but pip itself (and setuptools, which Python 3.11 puts beside it)."""
        python = str((venv or self.venv) / "bin" / "python")
        listed = self.run([python, "-I", "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]).stdout
        found = dict(re.findall(r"^([\w.-]+)==(\S+)$", listed, re.MULTILINE))
        return {name: version for name, version in found.items() if name not in {"pip", "setuptools"}}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    folder, shelf = tmp_path_factory.mktemp("tree"), Shelf(tmp_path_factory.mktemp("index"))
    for kept in ("requirements/set_up.py", "Makefile"):
        (folder / kept).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / kept, folder / kept)
    (folder / "bell").mkdir()
    (folder / "bell" / "__init__.py").write_text("")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "home").mkdir()
    build = [shelf.put_installed(line.name) for line in locked(ROOT / "requirements" / "build.txt")]
    run = [shelf.put("gauge", "1.0", asks_for=('needle>=1; extra == "toml"',), extra="toml")]
    run = [run[0].replace("gauge==", "gauge[toml]=="), shelf.put("needle", "1.0")]
    for line in locked(ROOT / "requirements" / "build.txt"):
        shelf.put(line.name, "999.0", broken=True)
    for name in ("gauge", "needle", "pip", "setuptools", "wheel"):
        shelf.put(name, "999.0", asks_for=("nothing-of-the-kind",), extra="toml", broken=True)
    for file, lines in (("run.txt", run), ("build.txt", build), ("dev.txt", run + build)):
        (folder / "requirements" / file).write_text("\n".join(lines) + "\n")
    with shelf.served() as index:
        yield Tree(folder, index)


def whole(tree: Tree, *files: str) -> dict[str, str]:
    lines = [line for file in files for line in locked(tree.folder / "requirements" / file)]
    return {"bell": "1.0"} | {line.name: str(line.version) for line in lines}


def normal(found: dict[str, str]) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found.items()}


def test_it_installs_what_is_locked_though_everything_is_newer_and_pip_is_sent_elsewhere(tree: Tree) -> None:
    elsewhere = tree.folder / "elsewhere"
    settings = tree.folder / "home" / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[global]\nindex-url = {tree.index}\n[install]\ntarget = {elsewhere}\nuser = true\n")
    (tree.venv / "lib").mkdir(parents=True)  # what an attempt has left that was interrupted
    (tree.venv / "pyvenv.cfg").write_text("home = /nowhere\n")
    try:
        environ = {"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_NO_BINARY": ":all:", "PIP_PRE": "1"}
        environ |= {"PIP_DRY_RUN": "1", "PYTHONPATH": str(elsewhere), "PIP_ROOT": str(elsewhere)}
        done = tree.run([sys.executable, "-I", "requirements/set_up.py", ".venv"], **environ)
    finally:
        settings.unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    assert normal(tree.installed()) == whole(tree, "dev.txt")
    assert not elsewhere.exists()


def test_it_sets_a_service_up_with_what_a_service_needs_and_a_copy_of_the_tree(tree: Tree, tmp_path: Path) -> None:
    done = tree.set_up("--service", str(tmp_path / "service"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert normal(tree.installed(tmp_path / "service")) == whole(tree, "run.txt", "build.txt")
    where = [str(tmp_path / "service" / "bin" / "python"), "-I", "-c", "import bell; print(bell.__file__)"]
    assert tree.run(where).stdout.startswith(str(tmp_path))


def test_it_leaves_alone_what_is_no_environment(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear Mother\n")
    done = tree.set_up("--service", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"alarmd: {tmp_path} holds something else; name a folder that is empty or not there\n"
    assert (tmp_path / "letters.txt").exists()


def test_it_says_that_the_lock_is_not_whole(tree: Tree) -> None:
    lock = tree.folder / "requirements" / "dev.txt"
    text = lock.read_text()
    lock.write_text(text[text.index("needle") :])
    try:
        done = tree.set_up()
    finally:
        lock.write_text(text)
    assert done.returncode == 1
    assert "bell 1.0 requires gauge, which is not installed" in done.stderr
    assert done.stderr.endswith("The lock is not whole; make it again: make lock\n")


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("", "There is no {python} here; alarmd needs Python 3.11 or newer"),
        ("case $1 in --version) echo Python 3.9.2;; *) exit 1;; esac", "newer, {python} is Python 3.9.2"),
        ('case "$*" in *set_up.py*) exec {real} -c "{without}";; *) exec {real} "$@";; esac', "python3-venv"),
    ],
    ids=["nothing has that name", "too old", "Debian's without venv"],
)
def test_make_says_which_python_is_needed(tree: Tree, tmp_path: Path, program: str, sentence: str) -> None:
    python = tmp_path / "python"
    if program:
        without = (
            "import runpy, subprocess, sys; sys.argv = ['set_up.py', '.venv']; sys.path.insert(0, 'requirements'); "
            "import set_up; set_up.interpreter = lambda: '/bin/false'; sys.exit(set_up.main())"
        )
        python.write_text(f"#!/bin/sh\n{program.replace('{real}', sys.executable).replace('{without}', without)}\n")
        python.chmod(0o755)
    done = tree.run(["make", f"PYTHON={python}", ".venv/.installed"])
    assert done.returncode != 0
    assert sentence.format(python=python) in done.stderr
    assert "Traceback" not in done.stderr
