"""The command line: one module for each group of commands, joined here.

Only the module of the command that is asked for is loaded: an operator who wants to see an incident waits for no other.
What the list of all commands says of each stands here, so that it loads none; a test holds it and the commands' own
descriptions together.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer

import alarmd
from alarmd.cli import completion, language, mistakes, streams
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.helping import Command, Group
from config.wording import for_later

HELP = for_later("The server that answers when an old person presses the red button by the bed.")
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
        "completion": "alarmd.cli.completion:completion",
    }
)
SIMULATE = "simulate"
SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "demo": for_later(
            "Watch one press bring a neighbour to the door: daemon, home, phones and ambulance in one process."
        ),
        "run": for_later("Run the daemon in the foreground, until SIGTERM."),
        "check": for_later(
            "Check the settings, then that store, broker, phone providers and dispatch can be "
            "reached; exit 1 on a fault."
        ),
        "import": for_later(
            "Import people and devices from files: all or nothing for each, every faulty cell named by line and column."
        ),
        "retire": for_later(
            "Retire a resident, responder, device or circle: never asked, listed or supervised "
            "again, and still in the log."
        ),
        "decode": for_later(
            "Print the signals a message means, one JSON object a line; nothing where it means nothing."
        ),
        "tail": for_later("Show the event log, oldest first: for eyes in local time with names, or as JSON lines."),
        "verify": for_later(
            "Re-compute the log's hash chain, and look for what alarmd never made. Exit code 1 if anything is wrong."
        ),
        "explain": for_later(
            "Say who would be contacted, when, through what, and why; why not the others; and each gap."
        ),
        "coverage": for_later(
            "List the residents nobody on duty could reach in time (service.reach_within); exit 1 if there is one."
        ),
        "commission": for_later(
            "Walk through a home: wait for each trigger's real test, show what came, and say whether it is protected."
        ),
        "devices": for_later("List the devices: where, last seen, what they promised, battery, and how they stand."),
        "exposure": for_later(
            "List who was unprotected at any time since then, from when to when and why: a call list, home by home."
        ),
        "incidents": for_later("List the open incidents: who, since when, who goes, what happens next."),
        "show": for_later("Tell one incident from the press to now, what happens next, and whom to ring by hand."),
        "people": for_later(
            "List the desk's telephones and the responders with theirs, to be rung by hand. Works "
            "while the daemon is down."
        ),
        "accept": for_later('Take an incident: for the responder who told you "I go", or else yourself at the desk.'),
        "coming": for_later("Somebody is on the way: the named responder, or whoever accepted."),
        "arrived": for_later("Somebody is at the door: the named responder, or whoever accepted."),
        "handed-over": for_later("The ambulance has taken the case (or refused it): said to you, so say it here."),
        "note": for_later("Put something on record, also after the close."),
        "close": for_later("Close an incident: only a person does, and says why. It is never opened again."),
        "report": for_later(
            "The figures that centres are held to: contact, an operator's answer, acceptance, arrival, hand-over."
        ),
        "backup": for_later(
            "Copy the store to FILE while alarmd runs, and prove the copy: its pages, its log's "
            "chain, and what is on disk."
        ),
        "restore": for_later(
            "Put a backup in the place of a store that is gone. Never overwrites; move a broken store away first."
        ),
        "door-user": for_later(
            "Set a user of alarmd's own MQTT door, or take one out; the running daemon sees it at the next login."
        ),
        "completion": for_later("Print what makes your shell complete alarmd's commands and options with the Tab key."),
        SIMULATE: for_later("The outside world: buttons, fleets, phones, a dispatch line."),
    }
)


def application(names: Iterable[str] = (*COMMANDS, SIMULATE)) -> typer.Typer:
    """The command line with these commands."""
    app = _empty()
    for name in names:
        if name == SIMULATE:
            _add_simulators(app)
            continue
        module, _, function = COMMANDS[name].partition(":")
        app.command(name, cls=Command)(getattr(import_module(module), function))
    return app


def main() -> None:
    """Run a command; a user's mistake is a sentence and an exit code, never a traceback."""
    streams.forgive()
    words = sys.argv[1:]
    shell = os.environ.get(completion.VARIABLE)
    try:
        tag = language.tag(words if shell is None else (), os.environ)
    except UserError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    with language.spoken_in(tag):
        if shell is not None:
            sys.stdout.write(completion.answer(words, shell, dict(SUMMARIES), _command))
            return
        code: int = Exit.DONE
        with streams.ended_quietly():
            code = _run(words)
        sys.exit(code)


def _run(words: Sequence[str]) -> int:
    name = _asked(words)
    if name is None and "--version" in words:
        _say_version()
        return Exit.DONE
    gc.disable()  # loading modules makes no garbage, and looking for it takes a tenth of the time
    app = application([name]) if name is not None else _overview()
    gc.enable()
    try:
        return int(app(args=list(words), prog_name="alarmd", standalone_mode=False) or Exit.DONE)
    except UserError as error:
        _say(str(error))
        return error.exit_code
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error.format_message()).rstrip("\n"), err=True)
            return Exit.USAGE
        _say(str(mistakes.as_user_error(error)))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes a failure of it
            raise end.__context__ from None
        raise


def _asked(words: Sequence[str]) -> str | None:
    """The command that is meant, if there is one of that name: the first word that is no option."""
    for n, word in enumerate(words):
        if not word.startswith("-") and words[n - 1 : n] != [language.OPTION]:
            return word if word in COMMANDS or word == SIMULATE else None
        if word in {"-h", "--help", "--version"}:
            return None
    return None


def _empty() -> typer.Typer:
    app = typer.Typer(
        name="alarmd",
        help=HELP,
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    return app


def _overview() -> typer.Typer:
    """Every command by name, with what it does, and none of them loaded: for the list, and for a name that is none."""
    app = _empty()
    for name, about in SUMMARIES.items():
        app.command(name, cls=Command, help=about)(_never)
    return app


def _never() -> None:
    raise AssertionError  # a command that is known is loaded before it is called


def _command(name: str) -> Any:
    found: Any = typer.main.get_command(application([name]))
    return found.commands[name]


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
        _say_version()
        raise typer.Exit


def _say_version() -> None:
    sys.stdout.write(f"alarmd {alarmd.__version__}\n")


def _add_simulators(app: typer.Typer) -> None:
    """The daemon never imports the simulated world; where it is installed, its commands are found here."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - no other command waits for it

    for simulators in entry_points(group="alarmd.simulators", name="cli"):
        outside: Any = simulators.load()
        app.add_typer(outside, name=SIMULATE, cls=Group, help=SUMMARIES[SIMULATE])


def _say(sentence: str) -> None:
    typer.echo(f"alarmd: {sentence}", err=True)
