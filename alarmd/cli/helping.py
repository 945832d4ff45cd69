"""What ``-h`` prints, and how a command reads its words: in the reader's language, and without loading much."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from alarmd.cli import language, width
from alarmd.cli.examples import EXAMPLES
from alarmd.cli.values import plain
from config.wording import for_later, said

HELP_OPTIONS = ("-h", "--help")
_INDENT = "  "
_WIDEST_NAME = 28  # columns; a longer one has its explanation on the line below
_TYPES = {
    "str": for_later("TEXT"),
    "int": for_later("NUMBER"),
    "float": for_later("NUMBER"),
    "Path": for_later("PATH"),
}


class Command(TyperCommand):
    """A command whose help is in the reader's language."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        _prepare(self)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(told(self, ctx))

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments, ``-h`` among them."""
        return _read_by_hand(super().get_params(ctx))

    def get_usage(self, ctx: Any) -> str:
        """How it is called, on one line."""
        return usage(self, ctx)


class Group(TyperGroup):
    """Commands under one name, as `Command`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        _prepare(self)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(told(self, ctx))

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments, ``-h`` among them."""
        return _read_by_hand(super().get_params(ctx))

    def get_usage(self, ctx: Any) -> str:
        """How it is called, on one line."""
        return usage(self, ctx)


def told(command: Any, ctx: Any) -> str:
    """The help of a command or of a group of them."""
    wide = width.columns()
    paragraphs = [usage(command, ctx), *_described(command, wide)]
    arguments = [_argument(one) for one in command.get_params(ctx) if one.param_type_name == "argument"]
    options = [_option(one) for one in command.get_params(ctx) if one.param_type_name == "option" and not one.hidden]
    paragraphs += _list(said("Arguments:"), [row for row in arguments if row[1]], wide)
    paragraphs += _list(said("Options:"), options, wide)
    if isinstance(command, TyperGroup):
        found = [(name, command.get_command(ctx, name)) for name in command.list_commands(ctx)]
        paragraphs += _list(said("Commands:"), [(n, _summary(c)) for n, c in found if c and not c.hidden], wide)
    if lines := EXAMPLES.get(ctx.command_path.partition(" ")[2]):
        paragraphs.append("\n".join([said("Examples:"), *(f"{_INDENT}{line}" for line in lines)]))
    return "\n\n".join(paragraphs) + "\n"


def usage(command: Any, ctx: Any) -> str:
    """How it is called."""
    pieces = [said("[OPTIONS]")]
    for one in command.get_params(ctx):
        if one.param_type_name == "argument":
            name = said(one.metavar) if one.metavar else one.name.upper()
            name += "..." if one.nargs != 1 else ""
            pieces.append(name if one.required else f"[{name}]")
    if isinstance(command, TyperGroup):
        pieces.append(said("COMMAND ..."))
    return said("Usage: {command}", command=f"{ctx.command_path} {' '.join(pieces)}")


def summary(text: str) -> str:
    """The first line of a command's description, which the list of all commands shows."""
    return inspect.cleandoc(text).partition("\n")[0]


def _summary(command: Any) -> str:
    return said(summary(command.help or ""))


def _described(command: Any, wide: int) -> list[str]:
    if not command.help:
        return []
    text = said(inspect.cleandoc(command.help))
    return [
        "\n".join(_INDENT + line for line in width.wrapped(paragraph.replace("\n", " "), wide - len(_INDENT)))
        for paragraph in text.split("\n\n")
    ]


def _argument(one: Any) -> tuple[str, str]:
    name = said(one.metavar) if one.metavar else one.name.upper()
    return name + ("..." if one.nargs != 1 else ""), _explained(one)


def _option(one: Any) -> tuple[str, str]:
    names = ", ".join((*one.opts, *one.secondary_opts))
    return f"{names} {_value_of(one)}".strip(), _explained(one)


def _value_of(one: Any) -> str:
    if one.is_flag or one.count:
        return ""
    if one.metavar:
        return said(one.metavar)
    described = getattr(one, "type_descriptor", None)
    if described is not None and described.choices:
        return "|".join(str(getattr(choice, "value", choice)) for choice in described.choices)
    return said(_TYPES.get(getattr(plain(described), "__name__", ""), "TEXT"))


def _explained(one: Any) -> str:
    if HELP_OPTIONS[0] in getattr(one, "opts", ()):
        return said("Show this help.")
    return " ".join(filter(None, (said(one.help) if one.help else "", *_rules(one))))


def _rules(one: Any) -> Iterator[str]:
    default = one.default
    if one.required:
        yield said("[needed]")
    elif isinstance(one.show_default, str):
        yield said("[default: {default}]", default=one.show_default)
    elif one.show_default and default not in (None, False, True, "", ()) and not callable(default):
        yield said("[default: {default}]", default=_shown(default))
    least, most = getattr(one, "min", None), getattr(one, "max", None)
    if least is not None and most is not None:
        yield said("[{least} to {most}]", least=f"{least:g}", most=f"{most:g}")
    elif least is not None:
        yield said("[{least} or more]", least=f"{least:g}")


def _shown(default: Any) -> str:
    if isinstance(default, list | tuple):
        return ", ".join(map(str, default))
    return f"{default:g}" if isinstance(default, float) else str(getattr(default, "value", default))


def _list(title: str, rows: list[tuple[str, str]], wide: int) -> list[str]:
    if not rows:
        return []
    name_width = min(_WIDEST_NAME, max(width.wide(name) for name, _ in rows))
    lines = [title]
    for name, text in rows:
        told_in = width.wrapped(text, wide - name_width - 2 * len(_INDENT))
        if width.wide(name) > name_width:
            lines.append(_INDENT + name)
        before = ["" if width.wide(name) > name_width else name, *[""] * len(told_in)]
        for left, line in zip(before, told_in, strict=False):
            lines.append((_INDENT + width.padded(left, name_width) + _INDENT + line).rstrip())
    return ["\n".join(lines)]


def _prepare(command: Any) -> None:
    """``-h``, ``--language``, and values read without a library for it."""
    command.context_settings = {"help_option_names": list(HELP_OPTIONS), **(command.context_settings or {})}
    if not any(language.OPTION in one.opts for one in command.params):
        command.params.append(_language_option())


def _read_by_hand(params: list[Any]) -> list[Any]:
    for one in params:
        if (reader := plain(getattr(one, "type_descriptor", None))) is not None:
            one.get_runtime_param = reader
    return params


def _language_option() -> Any:
    """``--language`` of every command; `alarmd.cli.main` has looked at it already, a test's runner has not."""
    shape = typer.Typer(add_completion=False, rich_markup_mode=None)
    shape.command()(_shape)
    return typer.main.get_command(shape).params[0]


def _speak(ctx: typer.Context, value: str | None) -> str | None:
    if value and not ctx.resilient_parsing:
        ctx.find_root().with_resource(language.spoken_in(language.known(value)))
    return value


def _shape(
    language_: str = typer.Option(
        None,
        language.OPTION,
        metavar="LANGUAGE",
        help=language.HELP,
        show_default=False,
        expose_value=False,
        is_eager=True,
        callback=_speak,
    ),
) -> None:
    """The shape of an option."""
