"""The command line: one module for each group of commands, joined here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer
from rich.console import Console

from alarmd import __version__
from alarmd.cli import check, decode, demo, desk, directory, door, log, report, run, storage
from alarmd.cli.errors import UserError
from alarmd.store import StoreError

app = typer.Typer(
    name="alarmd",
    help="The server that answers when an old person presses the red button by the bed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version.", callback=lambda asked: _show_version(asked=asked), is_eager=True
        ),
    ] = False,
) -> None:
    """The server that answers when an old person presses the red button by the bed."""


def _show_version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"alarmd {__version__}")
        raise typer.Exit


_COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo.demo,
    "run": run.run,
    "check": check.check,
    "import": directory.import_,
    "decode": decode.decode,
    "tail": log.tail,
    "verify": log.verify,
    "explain": directory.explain,
    "coverage": directory.coverage,
    "incidents": desk.incidents,
    "show": desk.show,
    "accept": desk.accept,
    "coming": desk.coming,
    "arrived": desk.arrived,
    "handed-over": desk.handed_over,
    "note": desk.note,
    "close": desk.close,
    "report": report.report,
    "backup": storage.backup,
    "restore": storage.restore,
    "door-user": door.door_user,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)


def main() -> None:
    """Run a command; a user's mistake is a sentence and an exit code, never a traceback."""
    if not _COMMANDS.keys() & set(sys.argv[1:2]):  # the daemon's own commands never need the simulated world
        for simulators in entry_points(group="alarmd.simulators", name="cli"):
            outside: Any = simulators.load()
            app.add_typer(outside, name="simulate", help="The outside world: buttons, fleets, phones, a dispatch line.")
    try:
        app()
    except UserError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except StoreError as error:
        _say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(f"alarmd: {sentence}")
