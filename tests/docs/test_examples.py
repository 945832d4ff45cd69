"""What the pages show is what alarmd does: settings load, plans are plans, commands print what is printed there."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from config.settings import Settings, load, plans
from tests.support.pages import Block, Page, pages

SECRET_FILE = re.compile(r"^(?P<key>\w+_file) *= *\"(?P<path>[^\"]+)\"", re.MULTILINE)
SOMETHING_TO_LISTEN_TO = '\n[mqtt]\nlisten = "127.0.0.1:1883"\n'
PATIENCE = 60
SYSTEM = "/var/lib/alarmd"  # the service's own folder: on a page it stands as it is, in a test for the test's own
SHOWN = [page for page in pages() if page.name.startswith("docs/") or "/" not in page.name]


def tables(kind: str) -> list[tuple[str, Block]]:
    """Page and block of every piece of TOML that holds settings, or plans."""
    found = []
    for page in SHOWN:
        for block in page.blocks():
            if block.language == "toml" and "fault" not in block.words:
                named = set(tomllib.loads(block.text))
                if (kind == "settings" and named & set(Settings.model_fields)) or (kind == "plans" and "plan" in named):
                    found.append((page.name, block))
    return found


@pytest.mark.parametrize(("page", "block"), tables("settings"))
def test_it_loads_the_settings_that_a_page_shows(page: str, block: Block, tmp_path: Path) -> None:
    for match in SECRET_FILE.finditer(block.text):
        if match["key"] != "users_file":
            secret = tmp_path / match["path"].lstrip("/")
            secret.parent.mkdir(parents=True, exist_ok=True)
            secret.write_text("a secret that is long enough\n", encoding="utf-8")
    text = SECRET_FILE.sub(lambda match: f'{match["key"]} = "{match["path"].lstrip("/")}"', block.text)
    if "mqtt" not in tomllib.loads(text):
        text += SOMETHING_TO_LISTEN_TO
    file = tmp_path / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    assert load(file, {}).path == file, page


@pytest.mark.parametrize(("page", "block"), tables("plans"))
def test_it_reads_the_plans_that_a_page_shows(page: str, block: Block, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "shown.toml").write_text(block.text, encoding="utf-8")
    shown = set(tomllib.loads(block.text)["plan"])
    assert shown <= set(plans(tmp_path / "alarmd.toml")), page


PLAYED = [page for page in SHOWN if any("run" in block.words for block in page.blocks())]


@pytest.mark.parametrize("page", PLAYED, ids=lambda page: page.name)
def test_it_prints_what_the_page_shows(page: Page, tmp_path: Path) -> None:
    commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {"PATH": commands, "HOME": str(tmp_path), "LANG": "en_US.UTF-8", "COLUMNS": "120", "NO_COLOR": "1"}
    for block in page.blocks():
        if block.file:
            text = with_nobody_outside(block.text.replace(SYSTEM, str(tmp_path)))
            (tmp_path / block.file).write_text(text, encoding="utf-8")
            (tmp_path / block.file).chmod(0o600)  # as the page says, where it holds a secret
        if "run" in block.words:
            for example in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, expected = example.replace("\\\n", " ").partition("\n")
                shown = expected.rstrip().replace(SYSTEM, str(tmp_path))
                play(command, shown.splitlines(), tmp_path, environment)


def with_nobody_outside(text: str) -> str:
    """The settings of a page, with its broker and its provider where nobody answers: a test asks nobody outside."""
    text = re.sub(r"(?<=127\.0\.0\.1:)1883\b", str(free_port()), text)
    return re.sub(r"^(auth_token_file = .*)$", r'\1\napi_base = "http://127.0.0.1:9"', text, flags=re.MULTILINE)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def play(command: str, expected: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run one line of the page; it must print what is shown, and end well unless it shows a complaint."""
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    printed = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    complains = any(line.startswith(("alarmd: ", "✗ ")) for line in expected)
    assert done.returncode == 0 or complains, f"{command}\n{done.stdout}"
    assert matches(expected, printed), f"$ {command}\n{done.stdout}"


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether that was printed; a line ``…`` stands for any lines, ``…`` in a line for anything there."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + "\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
