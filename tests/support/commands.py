"""alarmd's commands as a user runs them: in this process for speed, in one of its own for signals and pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from alarmd.cli import application
from alarmd.cli.errors import UserError

ROOT = Path(__file__).parents[2]
MAIN = "from alarmd.cli import main; main()"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


def alarmd(*words: str | Path, env: dict[str, str] | None = None) -> Outcome:
    """Run a command here; anything but a user's mistake is the test's failure."""
    result = CliRunner().invoke(application(), [str(word) for word in words], env=env)
    if isinstance(result.exception, UserError):
        return Outcome(code=result.exception.exit_code, out=result.stdout, err=result.stderr + str(result.exception))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)


def started(*words: str | Path) -> subprocess.Popen[str]:
    """Start a command as a process of its own, its output in pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *(str(word) for word in words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
