"""What is wrong with a command line, said in the reader's language: typer's own sentences are English."""

from __future__ import annotations

import difflib
import re
from typing import Any

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.helping import HELP_OPTIONS
from config.wording import for_later, said

_NO_COMMAND = re.compile(r"No such command '(?P<name>.*?)'")
_SENTENCES = (
    (
        re.compile(r"Got unexpected extra argument\S* \((?P<words>.*)\)"),
        for_later("nothing more was expected behind it: {words}"),
    ),
    (re.compile(r"Option '(?P<option>.*?)' requires "), for_later("{option} needs a value behind it")),
    (re.compile(r"Option '(?P<option>.*?)' does not take a value"), for_later("{option} takes no value")),
    (re.compile(r"^Missing command"), for_later("a command is missing")),
)


def as_user_error(error: typer.TyperException) -> UserError:
    """The mistake as a sentence, how the command is called, and where its help is."""
    context: Any = getattr(error, "ctx", None)
    lines = [_sentence(error, context)]
    if context is not None:
        lines.append(context.get_usage())
        lines.append(said("Help: {command}", command=f"{context.command_path} {HELP_OPTIONS[0]}"))
    return UserError("\n".join(lines), Exit(error.exit_code) if error.exit_code in set(Exit) else Exit.USAGE)


def _sentence(error: Any, context: Any) -> str:
    """What is wrong. Some of typer's mistakes have a class of their own, the others only their English sentence."""
    name = type(error).__name__
    if name == "NoSuchOption":
        return _no_option(error)
    if name == "MissingParameter":
        return _missing(error.param)
    if isinstance(error, typer.BadParameter):
        return _bad(error)
    if found := _NO_COMMAND.search(error.message):
        return _no_command(found["name"], context)
    for pattern, sentence in _SENTENCES:
        if found := pattern.search(error.message):
            return said(sentence, **found.groupdict())
    return str(error.format_message())


def _no_option(error: Any) -> str:
    sentence = said("there is no option {option}", option=error.option_name)
    return _with_near(sentence, sorted(error.possibilities or ()))


def _no_command(name: str, context: Any) -> str:
    sentence = said("there is no command {command}", command=repr(name))
    near = difflib.get_close_matches(name, list(getattr(context.command, "commands", ())))
    return _with_near(sentence, near)


def _with_near(sentence: str, near: list[str]) -> str:
    return said("{sentence}; did you mean {words}?", sentence=sentence, words=", ".join(near)) if near else sentence


def _missing(param: Any) -> str:
    if param.param_type_name == "option":
        return said("{option} is missing", option=param.opts[0])
    return said("{argument} is missing", argument=said(param.metavar) if param.metavar else param.name.upper())


def _bad(error: Any) -> str:
    param = error.param
    if param is None:
        return str(error.message)
    name = param.opts[0] if param.param_type_name == "option" else said(param.metavar or param.name.upper())
    return f"{name}: {error.message}"
