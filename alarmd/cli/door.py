"""`alarmd door-user`: who may come through alarmd's own MQTT door."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.door.users import Users, UsersFileError, hash_password
from config import ownership
from config.wording import said
from devices import registry


def door_user(
    name: Annotated[
        str, typer.Argument(help="The user; a device that publishes alarmd/v1/NAME/signal needs no topics.")
    ],
    topics: Annotated[
        str | None,
        typer.Option(
            help='Topic filters, with commas; "r " or "w " before one allows only reading or writing. '
            "[default: those it has, else alarmd/v1/NAME/signal to write and alarmd/v1/NAME/reply to read]",
            show_default=False,
        ),
    ] = None,
    families: Annotated[
        str | None,
        typer.Option(
            help="Device families, with commas, that read what this user publishes; no other does. Without --topics "
            "it gets the topics of those families.",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the user out.")] = False,
    config: ConfigOption = None,
) -> None:
    """Set a user of alarmd's own MQTT door, or take one out; the running daemon sees it at the next login."""
    if not name.strip() or not name.isprintable() or ":" in name or name.startswith("#"):
        raise UserError(
            said(
                "{name} cannot be a user's name: it holds a colon, begins with '#', or cannot be shown", name=repr(name)
            )
        )
    settings = settings_from(config)
    if settings.mqtt.users_file is None:
        raise UserError(said('mqtt.users_file is not set; write for example users_file = "door.users" under [mqtt]'))
    file = settings.folder / settings.mqtt.users_file
    lines = _lines(file)
    number = next((i for i, line in enumerate(lines) if line.strip().partition(":")[0] == name), None)
    if remove:
        if number is None:
            raise UserError(said("{file}: there is no user {name}", file=file, name=repr(name)), exit_code=Exit.FOUND)
        del lines[number]
    else:
        line = _line(name, _wanted(topics, families), lines[number] if number is not None else "")
        lines[slice(number, number + 1) if number is not None else slice(len(lines), None)] = [line]
    _replace(file, lines)
    done = (
        said("{file}: {name} taken out.", file=file, name=name)
        if remove
        else said("{file}: {name} set.", file=file, name=name)
    )
    sys.stdout.write(done + "\n")


def _wanted(topics: str | None, families: str | None) -> str | None:
    """The third field that was asked for; None where nothing was."""
    if families is None:
        return topics
    try:
        known = [registry.named(name.strip()) for name in families.split(",")]
    except registry.UnknownFamilyError as error:
        raise UserError(str(error)) from None
    own = [pattern for family in known for pattern in family.subscriptions]
    heard = [f"r {pattern}" for family in known for pattern in family.replies]
    return ",".join(dict.fromkeys([topics or ",".join([*own, *heard]), *(f"f {family.name}" for family in known)]))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(said("{file}: cannot be read: {why}", file=file, why=error), exit_code=Exit.FOUND) from None


def _line(name: str, topics: str | None, before: str) -> str:
    kept = before.split(":", 2)[2] if before.count(":") > 1 else None
    field = topics if topics is not None else kept
    return f"{name}:{hash_password(_password(name))}" + (f":{field}" if field else "")


def _password(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(said("Password of {name}", name=name), hide_input=True, confirmation_prompt=True))
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise UserError(said("no password came: type it at the prompt, or send it as one line on standard input"))
    return given


def _replace(file: Path, lines: list[str]) -> None:
    """Whole or not at all, its owner's and with its rights as before, and never a file the door could not read."""
    place = file.resolve()  # a link stays one
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as draft:
            draft.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise _unwritten(file, error) from None
    try:
        Users(Path(draft.name))
        ownership.keep(Path(draft.name), place)
        Path(draft.name).replace(place)
    except UsersFileError as error:
        raise UserError(str(error).replace(draft.name, str(file)), exit_code=Exit.USAGE) from None
    except OSError as error:
        raise _unwritten(file, error) from None
    finally:
        Path(draft.name).unlink(missing_ok=True)


def _unwritten(file: Path, error: OSError) -> UserError:
    return UserError(said("{file}: cannot be written: {why}", file=file, why=error.strerror), exit_code=Exit.FOUND)
