"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path


def describe(folder: Path) -> list[str]:
    """One line each: processor, system, disk, versions."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.exists() else None
    filesystem = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=False
    ).stdout.strip()
    said = subprocess.run(["mosquitto", "-h"], capture_output=True, text=True, check=False).stdout
    mosquitto = re.search(r"mosquitto version (\S+)", said)
    versions = {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "paho-mqtt": version("paho-mqtt"),
        "mosquitto": mosquitto[1] if mosquitto else "unknown",
    }
    return [
        f"{os.cpu_count()} cores, {model[1] if model else platform.machine()}",
        f"{platform.system()} {platform.release().split('-')[0]}, file system: {filesystem or 'unknown'}",
        ", ".join(f"{name} {number}" for name, number in versions.items()),
    ]


def load() -> float:
    """How busy the machine was already, in processes that want to run."""
    return os.getloadavg()[0]
