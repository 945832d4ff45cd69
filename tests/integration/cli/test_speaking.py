"""The command line as operators meet it: in Chinese, on a terminal that knows only GBK, with help and with Tab."""

from __future__ import annotations

import inspect
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from alarmd.cli import COMMANDS, SIMULATE, SUMMARIES, application, width
from alarmd.cli.examples import EXAMPLES
from tests.support.commands import MAIN

CHINESE = {"LANG": "zh_CN.UTF-8"}
EVERY = sorted({*COMMANDS, SIMULATE})
SIMULATED = tuple(name for name in EXAMPLES if name.startswith(f"{SIMULATE} "))


def alarmd(
    *words: str, folder: Path | None = None, env: Mapping[str, str] = CHINESE
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, with no language but the one given."""
    unset = ("LC_", "LANG", "ALARMD_", "PYTHONIO", "PYTHONUTF8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(unset)}
    return subprocess.run(
        [sys.executable, "-c", MAIN, *words], cwd=folder, env={**kept, **env}, capture_output=True, check=False
    )


@pytest.fixture
def service(tmp_path: Path) -> Path:
    (tmp_path / "alarmd.toml").write_text('[mqtt]\nlisten = "127.0.0.1:0"\n[web]\nlisten = "127.0.0.1:1"\n', "utf-8")
    return tmp_path


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command_and_speaks_chinese(option: str) -> None:
    told = alarmd(option).stdout.decode()
    assert "用法：alarmd [选项] 命令" in told
    assert all(f"\n  {name} " in told for name in EVERY)
    assert all(width.wide(line) <= 80 for line in told.splitlines())


@pytest.mark.parametrize("name", [*EVERY, *SIMULATED])
def test_each_command_has_help_with_examples(name: str) -> None:
    done = alarmd(*name.split(), "-h")
    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "选项：" in told
    assert "显示本帮助。" in told
    assert f"用法：alarmd {name}" in told
    assert name == SIMULATE or f"\n  {EXAMPLES[name][0]}" in told
    assert all(width.wide(line) <= 80 for line in told.splitlines() if not line.startswith("  alarmd "))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_are_understood(name: str) -> None:
    program: Any = typer.main.get_command(application())
    for line in EXAMPLES[name]:
        words = shlex.split(line.partition(" > ")[0])[1:]
        with program.make_context("alarmd", list(words), resilient_parsing=True) as ctx:
            _, command, rest = program.resolve_command(ctx, words)
            while hasattr(command, "commands"):
                _, command, rest = command.resolve_command(ctx, rest)
            known = {opt for one in command.get_params(ctx) for opt in one.opts}
            assert {word for word in rest if word.startswith("-")} <= known, line


def test_the_list_of_commands_says_what_the_commands_say() -> None:
    for name, reference in COMMANDS.items():
        module, _, function = reference.partition(":")
        described = inspect.getdoc(getattr(import_module(module), function)) or ""
        assert SUMMARIES[name] == described.partition("\n")[0], name
    assert set(SUMMARIES) == {*COMMANDS, SIMULATE}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("shw",), "没有命令 'shw'；是不是 show？"),
        (("show",), "缺少警情"),
        (("show", "a", "b"), "后面不该再有内容：b"),
        (("show", "--x"), "没有选项 --x"),
        (("devices", "--fault"), "没有选项 --fault；是不是 --faulty？"),
        (("tail", "-n", "x"), "-n: 'x' 不是整数"),
        (("tail", "-n", "-3"), "-n: -3 太小：不能小于 0"),
        (("tail", "--last"), "--last 后面要有一个值"),
        (("devices", "--faulty=1"), "--faulty 不带值"),
        (("exposure",), "缺少 --since"),
        (("simulate", "prss"), "没有命令 'prss'；是不是 press？"),
    ],
    ids=str,
)
def test_a_mistake_on_the_command_line_is_said_in_chinese(words: tuple[str, ...], sentence: str, service: Path) -> None:
    done = alarmd(*words, folder=service)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"alarmd: {sentence}\n")


def test_it_speaks_as_asked_before_or_behind_the_command(service: Path) -> None:
    for words in (("--language", "zh", "tail"), ("tail", "--language=zh_CN.UTF-8"), ("tail",)):
        assert "这里没有数据库" in alarmd(*words, folder=service, env={}).stderr.decode()
    assert "there is no store here" in alarmd("tail", folder=service, env={"LANG": "en_US.UTF-8"}).stderr.decode()


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1", "gb18030", "utf-8"])
@pytest.mark.parametrize(
    "words", [("-h",), ("tail",), ("incidents",), ("shw🚨",), ("show", "王🚨"), ("import", "🚨.csv")], ids=str
)
def test_no_terminal_ends_a_command_in_a_traceback(encoding: str, words: tuple[str, ...], service: Path) -> None:
    done = alarmd(*words, folder=service, env={**CHINESE, "PYTHONIOENCODING": encoding})
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 1, 2}
    assert done.stdout or done.stderr


def test_chinese_is_chinese_on_a_gbk_terminal() -> None:
    assert "用法：alarmd" in alarmd("-h", env={**CHINESE, "PYTHONIOENCODING": "gbk"}).stdout.decode("gbk")


@pytest.mark.parametrize("words", [("-h",), ("completion", "bash"), ("simulate", "-h")], ids=str)
def test_a_pipe_that_is_closed_is_an_ordinary_end(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *words],
            stdout=pipe,
            stderr=subprocess.PIPE,
            env={**os.environ, **CHINESE},
            check=False,
        )
    assert done.stderr == b""
    assert done.returncode == 0


def _completed(line: str, folder: Path) -> list[str]:
    """What bash offers behind a line, by the script that it would source."""
    program = folder / "alarmd"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{MAIN}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    words = line.split(" ")
    asked = f"""
source <(alarmd completion bash)
COMP_WORDS=({" ".join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}
_alarmd_completion alarmd
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("alarmd de", ["decode", "devices", "demo"]),
        ("alarmd incidents --r", ["--resident"]),
        ("alarmd --language zh inci", ["incidents"]),
        ("alarmd tail --language ", ["en", "zh-CN"]),
        ("alarmd completion f", ["fish"]),
        ("alarmd simulate ph", ["phones"]),
        ("alarmd simulate press --fam", ["--family"]),
        ("alarmd nothing --x", []),
    ],
)
def test_bash_completes_commands_and_options(line: str, offered: list[str], tmp_path: Path) -> None:
    assert sorted(_completed(line, tmp_path)) == sorted(offered)


@pytest.mark.parametrize(("shell", "said"), [("fish", "devices\t列出设备"), ("zsh", "devices:列出设备")])
def test_fish_and_zsh_are_told_what_each_is_for(shell: str, said: str) -> None:
    done = alarmd("devi", env={**CHINESE, "_ALARMD_COMPLETE": shell})
    assert done.stdout.decode().startswith(said)
    assert done.stderr == b""


def test_on_a_terminal_of_80_columns_no_line_is_broken_by_it(service: Path) -> None:
    """Through a real terminal: what asks for its width finds 80 there."""
    chunks: list[bytes] = []

    def read(fd: int) -> bytes:
        data = os.read(fd, 65536)
        chunks.append(data)
        return data

    before = dict(os.environ)
    os.environ.update({"COLUMNS": "80", "ALARMD_LANGUAGE": "zh"})
    try:
        status = pty.spawn([sys.executable, "-c", MAIN, "devices", "-h"], read)
    finally:
        os.environ.clear()
        os.environ.update(before)
    told = b"".join(chunks).decode()
    assert status == 0
    assert "选项：" in told
    assert all(width.wide(line.rstrip("\r")) <= 80 for line in told.split("\n"))
