"""What pydantic found, as sentences for whoever edits the file: where, which key, what is wrong, what is meant."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from config.wording import said

_NEAR = 0.75  # of two words' letters, so many in the same order: a slip of the hand, and not another word
Location = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(?P<open>\[\[?)(?P<name>[^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*(?P<key>[\w.\"'-]+)\s*=")


class SettingsError(Exception):
    """The settings cannot be used; the text names each file, key and what to do, one fault a line."""


def sentences(
    error: ValidationError, *, model: type[BaseModel], file: Path | None, text: str, environ: Mapping[str, str]
) -> list[str]:
    """One sentence for each fault pydantic found.

    Args:
        error: What pydantic raised.
        model: The model it was raised for.
        file: The file that was read, or None when all came from the environment.
        text: The file's text, to name the line.
        environ: The environment, to name the variable where it was at fault.
    """
    return [
        f"{where(fault['loc'], file, text, environ)}: {_what(fault['type'], fault['loc'], fault['msg'], model)}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def closest(text: str, choices: Iterable[str]) -> str:
    """The choice that was surely meant; empty where none is so near: a wrong guess is followed, a list is read."""
    by_folded = {choice.casefold().replace("-", "_"): choice for choice in choices}
    near = difflib.get_close_matches(text.casefold().strip().replace("-", "_"), by_folded, 1, cutoff=_NEAR)
    return by_folded[near[0]] if near else ""


def nearest(key: str, valid: Iterable[str]) -> str:
    """``did you mean "…"?``, or the list of what is allowed there."""
    choices = sorted(valid)
    if near := closest(key, choices):
        return said('did you mean "{near}"?', near=near)
    return said("allowed here: {choices}", choices=", ".join(choices))


def line_of(text: str, location: Location) -> int | None:
    """The line of a key in a TOML text, or of the table that ought to have it; None if neither is written there."""
    names = [part for part in location if isinstance(part, str)]
    table: list[str] = []
    seen, here, best = -1, True, None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = [part.strip(" \"'") for part in header["name"].split(".")]
            here = table == names[: len(table)]
            if here and header["open"] == "[[":
                seen += 1
                here = seen == _ordinal(location, len(table))
            best = number if here else best
        elif here and (key := _KEY.match(line)):
            path = table + [part.strip(" \"'") for part in key["key"].split(".")]
            if path == names[: len(path)]:
                return number
    return best


def name(location: Location) -> str:
    """``web.tokens[2].role`` for ``("web", "tokens", 1, "role")``."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _ordinal(location: Location, depth: int) -> int:
    """Which table of a list is meant, where the list's name ends after so many names."""
    names = 0
    for part in location:
        if isinstance(part, int) and names == depth:
            return part
        names += isinstance(part, str)
    return 0


def where(location: Location, file: Path | None, text: str, environ: Mapping[str, str]) -> str:
    """``alarmd.toml:12: mqtt.url``, or the environment's variable."""
    variable = "ALARMD_" + "__".join(str(part) for part in location if isinstance(part, str)).upper()
    if any(known.upper() == variable for known in environ):
        return said("{variable} (environment)", variable=variable)
    line = line_of(text, location)
    place = f"{file}:{line}" if line else str(file) if file else "settings"
    return f"{place}: {name(location)}" if location else place


def _what(kind: str, location: Location, message: str, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        holder = _model_at(model, location[:-1])
        hint = nearest(str(location[-1]), holder.model_fields) if holder else said("it has no keys")
        return (
            said("unknown section; {hint}", hint=hint) if len(location) == 1 else said("unknown key; {hint}", hint=hint)
        )
    if kind == "missing":
        return said("is missing")
    text = message.removeprefix("Value error, ").removeprefix("this: ")
    return text[:1].lower() + text[1:] if text.startswith(("Input ", "String ", "Value ")) else text


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int) or found is None:
            continue
        field = found.model_fields.get(part)
        found = _model_in(field.annotation) if field else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for inner in typing.get_args(annotation) if (found := _model_in(inner))), None)
