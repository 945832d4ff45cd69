"""Where a store or a backup lies: on the disk that was meant, and not beside another one.

alarmd makes no folders for them. A folder that is not there is mostly a disk that is not mounted, or a misspelt name,
and what is written into a new one is on the wrong disk.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from alarmd.store.queries import QUERIES
from config.wording import said

SYSTEM_FOLDER = Path("/var/lib/alarmd")  # as the systemd unit has it
_FSTAB, _MOUNTS = Path("/etc/fstab"), Path("/proc/self/mounts")
_IN_MEMORY = {"tmpfs", "ramfs"}
_FIELDS = 3


def fault(path: Path, *, fstab: Path = _FSTAB) -> str | None:
    """Why no file may be begun or kept there, and what to do; None where all is well.

    Args:
        path: The file.
        fstab: The machine's table of disks.
    """
    folder = path.absolute().parent
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return said(
            "{folder}: there is no such folder, and none is made: is a disk not mounted, or the name misspelt? "
            "Else make it with `mkdir -p {folder}`",
            folder=folder,
        )
    except OSError as error:  # a loop of links, a file on the way, no right to look
        return said("{folder}: cannot be looked into: {reason}", folder=folder, reason=error.strerror)
    if not stat.S_ISDIR(mode):
        return said("{folder}: is no folder; give a folder that alarmd may write to", folder=folder)
    if path.exists() and not path.is_file():
        return said("{file}: is no file; give the name of a file in a folder of alarmd's own", file=path)
    if (point := _not_mounted(folder, fstab)) is not None:
        return said("{point} is in /etc/fstab and not mounted: mount it first (`mount {point}`)", point=point)
    return None


def is_in_memory(path: Path, *, mounts: Path = _MOUNTS) -> bool:
    """Whether it would be gone with the next start of the machine."""
    folder = str(path.absolute().parent.resolve())
    best = ""
    kind = ""
    for _, point, type_ in _table(mounts):
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, type_
    return kind in _IN_MEMORY


def same_disk(one: Path, other: Path) -> bool:
    """Whether both are lost with the same disk."""
    return one.absolute().parent.stat().st_dev == other.absolute().parent.stat().st_dev


def others(path: Path, settings_folder: Path) -> list[Path]:
    """Stores at the other places where one is likely: beside it, beside the settings, here, and the service's own."""
    folders = [path.absolute().parent, settings_folder, Path.cwd(), SYSTEM_FOLDER]
    if state := os.environ.get("STATE_DIRECTORY"):
        folders.append(Path(state.partition(":")[0]))
    found: dict[Path, None] = {}
    for folder in folders:
        try:
            files = sorted(folder.glob("*.db"))
        except OSError:
            continue
        found |= dict.fromkeys(file.resolve() for file in files if file.resolve() != path.resolve() and _is_store(file))
    return list(found)


def _is_store(file: Path) -> bool:
    for how in ("mode=ro", "mode=ro&immutable=1"):  # the second where this user may not write beside it
        with (
            contextlib.suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as connection,
        ):
            return bool(connection.execute(QUERIES["directory_counts"]).fetchone()[0])
    return False


def _not_mounted(folder: Path, fstab: Path) -> str | None:
    """The mount point above this folder where nothing is mounted though the machine's table wants it."""
    above = {str(one) for one in (folder, *folder.parents)}
    points = [point for _, point, _ in _table(fstab) if point != "/" and point in above]
    return next((point for point in points if not os.path.ismount(point)), None)


def _table(file: Path) -> list[tuple[str, str, str]]:
    """Device, mount point and type of each line."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    fields = (line.split() for line in lines if not line.lstrip().startswith("#"))
    return [(one[0], one[1].replace("\\040", " "), one[2]) for one in fields if len(one) >= _FIELDS]
