"""What must not stand in a log: people's addresses and numbers that topics carry."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LONG_NUMBER = re.compile(r"\d{7,}(?=\d{4})")  # IMEI, citizen's number, telephone: the last four tell it from others


def masked(topic: str, *, length: int = 200) -> str:
    """A topic for the log: e-mail addresses out, of numbers of eleven digits and more only the last four.

    Args:
        topic: As it was published.
        length: At most so many characters of it.
    """
    return _LONG_NUMBER.sub("…", _EMAIL.sub("…@…", topic))[:length]
