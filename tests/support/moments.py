"""Every time that is kept in memory, found by walking through what a daemon is made of: also what nobody thought of."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

LEAST, MOST = 1.5e9, 2.5e9  # seconds since 1970 that are a time of these years, and no number
_PLAIN = (str, bytes, int, type(None), Enum, type)


def moments(root: object, name: str, *, without: tuple[str, ...] = ()) -> Iterator[tuple[str, datetime | float]]:
    """Each time below an object, with the way to it.

    Args:
        root: Where to begin.
        name: What it is called.
        without: Names of attributes that are not looked into: what is meant to lie ahead, or belongs to somebody else.
    """
    seen: set[int] = set()

    def walk(value: Any, path: str) -> Iterator[tuple[str, datetime | float]]:
        if isinstance(value, datetime):
            yield path, value
        elif isinstance(value, float):
            if LEAST < value < MOST:
                yield path, value
        elif isinstance(value, array):
            yield from ((path, one) for one in value if value.typecode == "d" and LEAST < one < MOST)
        elif isinstance(value, _PLAIN) or id(value) in seen:
            return
        else:
            seen.add(id(value))
            for key, inner in _parts(value):
                if key not in without:
                    yield from walk(inner, f"{path}.{key}")

    yield from walk(root, name)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((str(key), inner) for key, inner in value.items())
    elif isinstance(value, list | tuple | set | frozenset | deque):
        yield from (("[]", inner) for inner in value)
    elif isinstance(value, msgspec.Struct):
        yield from ((key, getattr(value, key)) for key in value.__struct_fields__)
    elif is_dataclass(value):
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    elif type(value).__module__.split(".")[0] in {"alarmd", "devices", "escalation"}:
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from ((name, getattr(value, name)) for name in slots if hasattr(value, name))
        yield from vars(value).items() if hasattr(value, "__dict__") else ()
