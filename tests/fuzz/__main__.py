"""`python -m tests.fuzz [TARGET…] [--seconds N] [--seed N]`: with atheris by coverage, without it by seeded mutation.

What breaks a target is written below ``.fuzz/``. Put it into ``tests/fuzz/corpus/TARGET/`` with the mending, so that
CI tries it for ever.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

FOUND: Final = Path(__file__).resolve().parents[2] / ".fuzz"
ATHERIS: Final = "atheris"


def main() -> None:
    """Fuzz each target for a while; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="default: all")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target (default: 60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the mutations")
    parser.add_argument("--by-coverage", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    FOUND.mkdir(exist_ok=True)
    if asked.by_coverage:
        _by_coverage(asked.targets[0], asked.seconds)
        return
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - atheris loads it in its own way, above

    unknown = set(asked.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    there = importlib.util.find_spec(ATHERIS) is not None
    if not there:
        sys.stderr.write(
            "atheris is not installed, so nothing looks at the coverage: seeded mutations only. It needs Python 3.12 "
            "or newer on Linux x86-64: .venv/bin/python -m pip install atheris\n"
        )
    faults = [name for name in asked.targets or TARGETS if not _fuzz(name, asked.seconds, asked.seed, there=there)]
    sys.exit(1 if faults else 0)


def _fuzz(name: str, seconds: float, seed: int, *, there: bool) -> bool:
    """Whether a target stood."""
    if there:
        words = [sys.executable, "-m", "tests.fuzz", name, "--by-coverage", "--seconds", str(seconds)]
        return subprocess.run(words, check=False).returncode == 0
    return _by_mutation(name, seconds, seed)


def _by_mutation(name: str, seconds: float, seed: int) -> bool:
    from tests.fuzz.mutating import mutations  # noqa: PLC0415 - as above
    from tests.fuzz.targets import TARGETS, corpus  # noqa: PLC0415

    target, until, tried = TARGETS[name], time.monotonic() + seconds, 0
    for data in mutations(corpus(name), seed):
        tried += 1
        try:
            target(data)
        except Exception:  # noqa: BLE001 - that is what is looked for
            traceback.print_exc()
            file = FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            file.write_bytes(data)
            sys.stderr.write(f"{name}: found in {file} (seed {seed})\n")
            return False
        if time.monotonic() >= until:
            break
    sys.stderr.write(f"{name}: {tried:,} inputs, nothing found (seed {seed})\n")
    return True


def _by_coverage(name: str, seconds: float) -> None:
    atheris: Any = importlib.import_module(ATHERIS)
    with atheris.instrument_imports(include=["alarmd", "devices", "escalation", "config"]):
        from tests.fuzz.targets import TARGETS, corpus  # noqa: PLC0415 - instrumented as it is loaded
    begins = FOUND / "corpus" / name
    begins.mkdir(parents=True, exist_ok=True)
    for data in corpus(name):
        (begins / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    options = [f"-max_total_time={seconds:.0f}", "-max_len=8192", "-timeout=20", f"-artifact_prefix={FOUND}/{name}-"]
    atheris.Setup([sys.argv[0], *options, str(begins)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
