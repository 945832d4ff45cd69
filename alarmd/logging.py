"""The daemon's own log on stderr: JSON for machines, colours for eyes. The event log is another thing, in the store.

Libraries speak through the standard library's logging. They are let through from warnings on only, and telephone
numbers and secrets are struck out of what they say: twilio prints every request with number and words at INFO, httpx
every address. What is left of people's numbers in any line, ours or theirs, `alarmd.privacy` shortens.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from alarmd.grouping import Grouping
from alarmd.privacy import mask_entry

TALKATIVE = (
    "twilio",
    "httpx",
    "httpcore",
    "uvicorn",
    "uvicorn.access",
    "alembic",
    "sqlalchemy",
    "asyncio",
    "paho",
    "mqtt",
    "aiosqlite",
    "urllib3",
)
_NUMBER = re.compile(r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)(?:\+|%2B|00)?\d[\d -]{5,15}\d(?![\w-])")
_SECRET = re.compile(
    r"(?i)(?P<name>"
    r"\b(?:auth[-_]?token|authorization|password|secret|token)['\"]?\s*[:=]\s*['\"]?(?:basic|bearer)?\s*"
    r"|\b(?:basic|bearer)\s+)"
    r"(?P<value>[^\s'\",&]+)"
)
STRUCK = "‹struck out›"
_OF_MANY_LINES = frozenset({"exception", "stack"})


def setup(format_: str, level: str, stream: TextIO | None = None) -> None:
    """Send everything to stderr.

    Args:
        format_: ``json`` or ``console``.
        level: ``debug``, ``info``, ``warning`` or ``error``: the least that alarmd itself says.
        stream: Instead of stderr.
    """
    stream = stream or sys.stderr
    least = logging.getLevelNamesMapping()[level.upper()]
    grouping = Grouping()
    ours: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[grouping, *ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(format_, stream)],
            foreign_pre_chain=[
                *ours,
                structlog.stdlib.add_logger_name,
                structlog.processors.format_exc_info,
                _strike_out,
            ],
        )
    )
    handler.addFilter(grouping.of_library)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(least)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    logging.captureWarnings(capture=True)


def _rendering(format_: str, stream: TextIO) -> list[Processor]:
    """Tracebacks are shown without the values of variables: among those are numbers and tokens."""
    if format_ == "console":
        return [
            structlog.processors.format_exc_info,  # first: an error's text has foreign signs, too
            mask_entry,
            _legible,
            structlog.dev.ConsoleRenderer(colors=stream.isatty()),
        ]
    without_values = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(without_values),
        mask_entry,
        _legible,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _legible(_: Any, __: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Nothing that a terminal would obey: who writes to a device's topic, or to a socket, says what they like."""
    return {name: _plain(value, lines=name in _OF_MANY_LINES) for name, value in entry.items()}


def _plain(value: Any, *, lines: bool = False) -> Any:
    if isinstance(value, str):
        return value if value.isprintable() else "".join(_sign(sign, lines=lines) for sign in value)
    if isinstance(value, bytes | bytearray):
        return repr(bytes(value))
    if isinstance(value, Mapping):
        return {_plain(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _plain(repr(value))


def _sign(sign: str, *, lines: bool) -> str:
    """The sign, or how a program would write it where it cannot be seen."""
    if sign.isprintable() or (lines and sign in "\n\t"):
        return sign
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")


def _strike_out(_: Any, __: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Strike numbers and secrets out of a library's sentence, and of the traceback that comes with it."""
    for key in ("event", "exception", "stack"):
        if isinstance(entry.get(key), str):
            entry[key] = struck(entry[key])
    return entry


def struck(text: str) -> str:
    """The text without telephone numbers and secrets."""
    text = _SECRET.sub(lambda found: f"{found['name']}{STRUCK}", text)
    return _NUMBER.sub(STRUCK, text)
