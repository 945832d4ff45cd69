"""The file a calendar stands in: a regular one of a bounded size, or a sentence that says why not."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from config.wording import for_later

LARGEST = 4_000_000  # bytes
_TEXTS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class CalendarFileError(Exception):
    """Such a file is not read; a sentence about ``{file}``."""

    def __init__(self, sentence: str, file: Path) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = {"file": str(file), "most": str(LARGEST // 1_000_000)}


def read(file: Path) -> str:
    """The text of a calendar file.

    A pipe or a device would be waited for, or never end: what it is is asked before it is opened, and once more of what
    was opened.

    Raises:
        CalendarFileError: There is no such file, or it is none that is read.
    """
    try:
        _judge(file, file.stat())
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb") as opened:
            _judge(file, os.fstat(descriptor))
            content = opened.read(LARGEST + 1)
    except (OSError, ValueError):  # a ValueError: a name with a null character
        raise CalendarFileError(for_later("the calendar {file} cannot be read"), file) from None
    if len(content) > LARGEST:
        raise CalendarFileError(_TOO_LARGE, file)
    encoding = next((name for mark, name in _TEXTS if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors="replace")  # what is not text can stand only in a title


def stamp(file: Path) -> str:
    """What changes when the file does; ``-`` where it is not there."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return "-"
    return f"{found.st_mtime_ns}/{found.st_size}/{found.st_ino}"


_TOO_LARGE = for_later("the calendar {file} is larger than {most} MB")


def _judge(file: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CalendarFileError(for_later("the calendar {file} is no ordinary file"), file)
    if found.st_size > LARGEST:
        raise CalendarFileError(_TOO_LARGE, file)
    if not found.st_size:  # so are those under /proc, whatever they hold
        raise CalendarFileError(for_later("the calendar {file} is empty"), file)
