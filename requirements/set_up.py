"""Make an environment that holds exactly what is locked: `make` runs this, and `docs/guide.md` for a service.

    python3 requirements/set_up.py .venv                            to develop: dev.txt, and alarmd from this tree
    python3 requirements/set_up.py --service /opt/alarmd            to run: run.txt, and alarmd as it is now

Nothing is resolved at installation (docs/adr/0016): pip takes the locked lines one by one, wheels only, each by its
hash, and what was published since is not looked at. It needs Python and its pip, nothing else.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
# Of a stranger's pip settings (mirrors are common) only the way to the packages counts: `user`, `target`, `pre`,
# `no-binary`, `require-virtualenv` and their like would install something else, or somewhere else.
WAY = (
    "cache-dir|cert|client-cert|extra-index-url|find-links|index-url|keyring-provider|no-index|proxy|retries|timeout|"
    "trusted-host"
)
SETTING = re.compile(rf"^(?:global|install|:env:)\.(?P<key>{WAY})=(?P<value>.+)$", re.MULTILINE)


class CannotError(Exception):
    """It cannot be done; the sentence says why and what to do."""


def main() -> int:
    """Do what the command line says.

    Returns:
        0: done. 1: it could not be, and why stands on standard error.
    """
    parser = argparse.ArgumentParser(description="Make an environment that holds exactly what is locked.")
    parser.add_argument("folder", type=Path, help="where the environment is made; what stands there is made anew")
    parser.add_argument("--service", action="store_true", help="what a service needs, and alarmd itself copied into it")
    asked = parser.parse_args()
    try:
        make(asked.folder, service=asked.service)
    except CannotError as error:
        sys.stderr.write(f"alarmd: {error}\n")
        return 1
    return 0


def make(folder: Path, *, service: bool) -> None:
    """Make the environment, and show that nothing is missing in it.

    Raises:
        CannotError: One of the steps failed.
    """
    if sys.version_info < OLDEST:
        raise CannotError(f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}")
    environ = clean(os.environ)
    begin(folder, environ)
    python = folder / "bin" / "python"
    environ |= way_to_packages(python)
    locked = [REQUIREMENTS / "run.txt", REQUIREMENTS / "build.txt"] if service else [REQUIREMENTS / "dev.txt"]
    lines = [word for file in locked for word in ("--requirement", str(file))]
    pip(python, environ, "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", *lines)
    source = [str(ROOT)] if service else ["--editable", str(ROOT)]
    pip(python, environ, "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", *source)
    pip(python, environ, "check", remedy="The lock is not whole; make it again: make lock")


def begin(folder: Path, environ: dict[str, str]) -> None:
    """An empty environment, whatever an interrupted attempt has left there.

    Raises:
        CannotError: There is something else, or this Python cannot make one.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists() and folder.name != ".venv":
        raise CannotError(f"{folder} holds something else; name a folder that is empty or not there")
    made = run([interpreter(), "-I", "-m", "venv", "--clear", str(folder)], environ)
    if made.returncode or not (folder / "bin" / "python").exists():
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise CannotError(
            f"{made.stdout}{sys.executable} cannot make an environment (python3 -m venv); "
            f"on Debian and Ubuntu: sudo apt-get install python3-venv (or python{version}-venv)"
        )


def interpreter() -> str:
    """The Python that was asked for; behind an activated environment its own, for that environment may be made anew."""
    own = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return str(own) if sys.prefix != sys.base_prefix and own.exists() else sys.executable


def clean(environ: os._Environ[str]) -> dict[str, str]:
    """What programs run with here: nothing that sends Python or pip elsewhere."""
    return {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "__PYVENV"))}


def way_to_packages(python: Path) -> dict[str, str]:
    """Of pip's settings on this machine, files and variables, the mirror, the proxy and their like; as variables."""
    found = run([str(python), "-I", "-m", "pip", "config", "list"], clean(os.environ)).stdout
    kept = {match["key"]: match["value"] for match in SETTING.finditer(found)}  # the last one counts, as pip has it
    named = {f"PIP_{key.upper().replace('-', '_')}": _text(value) for key, value in kept.items()}
    return named | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _text(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (SyntaxError, ValueError):
        return value


def pip(python: Path, environ: dict[str, str], *words: str, remedy: str = "The same command begins anew") -> None:
    """Run pip; what it prints is shown only where it fails.

    Raises:
        CannotError: It failed.
    """
    way = {name: value for name, value in environ.items() if not name.startswith("PIP_") or name in ALLOWED}
    done = run([str(python), "-I", "-m", "pip", *words], way)
    if done.returncode:
        raise CannotError(f"{done.stdout}pip {words[0]} failed, its words are above. {remedy}")


ALLOWED = {
    "PIP_CONFIG_FILE",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_INPUT",
    *(f"PIP_{key.upper().replace('-', '_')}" for key in WAY.split("|")),
}


def run(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program from the tree's root; its words, complaints among them, as text."""
    return subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
