"""The values on the command line, read by hand: the library that typer loads for it takes longer than a command."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from config.wording import said


class Reader:
    """Reads the value of one option or argument; what typer calls a runtime parameter."""

    def __init__(self, kind: Any, least: float | None, most: float | None) -> None:
        self._kind = kind
        self._least = least
        self._most = most
        self.__name__ = kind.__name__

    def __call__(self) -> Reader:
        """Itself: typer asks for it where it would build its own."""
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as the command's function wants it.

        Raises:
            typer.BadParameter: It is none.
        """
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if many:
            return [self._one(one, param, ctx) for one in value]
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if self._kind is bool:
            return self._switch(str(value), param, ctx)
        if issubclass(self._kind, Enum):
            return self._word(str(value), param, ctx)
        try:
            found = self._kind(value)
        except (TypeError, ValueError):
            sentence = said("{value} is not a whole number") if self._kind is int else said("{value} is not a number")
            raise typer.BadParameter(sentence.format(value=repr(value)), ctx=ctx, param=param) from None
        if isinstance(found, int | float) and not self._fits(found):
            raise typer.BadParameter(self._allowed(found), ctx=ctx, param=param)
        return found

    def _fits(self, number: float) -> bool:
        return (self._least is None or number >= self._least) and (self._most is None or number <= self._most)

    def _allowed(self, number: float) -> str:
        if self._most is None:
            return said("{number} is too small: {least} or more", number=f"{number:g}", least=f"{self._least:g}")
        if self._least is None:
            return said("{number} is too large: at most {most}", number=f"{number:g}", most=f"{self._most:g}")
        return said(
            "{number} is not between {least} and {most}",
            number=f"{number:g}",
            least=f"{self._least:g}",
            most=f"{self._most:g}",
        )

    def _word(self, value: str, param: Any, ctx: Any) -> Any:
        choices = {str(one.value): one for one in self._kind}
        if value in choices:
            return choices[value]
        sentence = said("{value} is none of: {choices}", value=repr(value), choices=", ".join(choices))
        raise typer.BadParameter(sentence, ctx=ctx, param=param)

    @staticmethod
    def _switch(value: str, param: Any, ctx: Any) -> bool:
        word = value.strip().lower()
        if word in {"1", "true", "yes", "on", "y", "t"}:
            return True
        if word in {"0", "false", "no", "off", "n", "f", ""}:
            return False
        raise typer.BadParameter(said("{value} is neither yes nor no", value=repr(value)), ctx=ctx, param=param)


_KINDS: tuple[type, ...] = (str, int, float, bool, Path)
_SPECIAL = ("exists", "writable", "resolve_path", "allow_dash", "clamp", "parser", "click_type", "formats")


def plain(described: Any) -> Callable[[], Any] | None:
    """A reader for a parameter of the plain kinds; None where typer has to do it."""
    if described is None:
        return None
    rules = described.parameter_info
    if any(getattr(rules, name, None) for name in _SPECIAL):
        return None
    kind = _kind(described.annotation)
    if not isinstance(kind, type) or not (kind in _KINDS or issubclass(kind, Enum)):
        return None
    return Reader(kind, getattr(rules, "min", None), getattr(rules, "max", None))


def _kind(annotation: Any) -> Any:
    """``str`` of ``str``, ``str | None`` and ``list[str]``."""
    origin = typing.get_origin(annotation)
    inner = [one for one in typing.get_args(annotation) if one is not type(None)]
    if origin in {list, typing.Union, types.UnionType} and len(inner) == 1:
        return _kind(inner[0])
    return annotation if origin is None else None
