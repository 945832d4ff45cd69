"""Files as bytes, and no more of them than any such file has: one that never ends is not waited for."""

from __future__ import annotations

from pathlib import Path

SETTINGS = 1_000_000  # bytes
SECRET = 64_000  # bytes; a token, a password


class TooLargeError(Exception):
    """The file is larger than such a file can be."""


def read(path: Path, most: int) -> bytes:
    """What is in a file of at most so many bytes.

    Raises:
        OSError: It cannot be read.
        TooLargeError: It is larger.
    """
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLargeError
    return content
