"""The command line: one module for each group of commands, joined here.

Only the module of the command that is asked for is loaded: an operator who wants to see an incident waits for no other.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer

import alarmd
from alarmd.cli.errors import UserError

HELP = "The server that answers when an old person presses the red button by the bed."
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "alarmd.cli.demo:demo",
        "run": "alarmd.cli.run:run",
        "check": "alarmd.cli.check:check",
        "import": "alarmd.cli.importing:import_",
        "retire": "alarmd.cli.retire:retire",
        "decode": "alarmd.cli.decode:decode",
        "tail": "alarmd.cli.log:tail",
        "verify": "alarmd.cli.log:verify",
        "explain": "alarmd.cli.directory:explain",
        "coverage": "alarmd.cli.directory:coverage",
        "commission": "alarmd.cli.commission:commission",
        "devices": "alarmd.cli.health:devices",
        "exposure": "alarmd.cli.exposure:exposure",
        "incidents": "alarmd.cli.desk:incidents",
        "show": "alarmd.cli.desk:show",
        "people": "alarmd.cli.people:people",
        "accept": "alarmd.cli.desk:accept",
        "coming": "alarmd.cli.desk:coming",
        "arrived": "alarmd.cli.desk:arrived",
        "handed-over": "alarmd.cli.desk:handed_over",
        "note": "alarmd.cli.desk:note",
        "close": "alarmd.cli.desk:close",
        "report": "alarmd.cli.report:report",
        "backup": "alarmd.cli.storage:backup",
        "restore": "alarmd.cli.storage:restore",
        "door-user": "alarmd.cli.door:door_user",
    }
)
SIMULATE = "simulate"


def application(names: Iterable[str] = (*COMMANDS, SIMULATE)) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        name="alarmd",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name in names:
        if name == SIMULATE:
            _add_simulators(app)
            continue
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(import_module(module), function))
    return app


def main() -> None:
    """Run a command; a user's mistake is a sentence and an exit code, never a traceback."""
    asked = sys.argv[1:2]
    if asked == ["--version"]:
        typer.echo(f"alarmd {alarmd.__version__}")
        return
    gc.disable()  # loading modules makes no garbage, and looking for it takes a tenth of the time
    app = application(asked) if asked and asked[0] in (*COMMANDS, SIMULATE) else application()
    gc.enable()
    try:
        app()
    except UserError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


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
        typer.echo(f"alarmd {alarmd.__version__}")
        raise typer.Exit


def _add_simulators(app: typer.Typer) -> None:
    """The daemon never imports the simulated world; where it is installed, its commands are found here."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - no other command waits for it

    for simulators in entry_points(group="alarmd.simulators", name="cli"):
        outside: Any = simulators.load()
        app.add_typer(outside, name=SIMULATE, help="The outside world: buttons, fleets, phones, a dispatch line.")


def _say(sentence: str) -> None:
    typer.echo(f"alarmd: {sentence}", err=True)
