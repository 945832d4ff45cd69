"""`alarmd door-user`: who may come through alarmd's own MQTT door."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.door.users import Users, UsersFileError, hash_password, still_good
from config import ownership
from config.visible import shows_nothing
from config.wording import said
from devices import registry
from devices.family import Family


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
            "it gets their usual base topic; with others it speaks for devices behind those only: home2//ADDRESS.",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the user out.")] = False,
    config: ConfigOption = None,
) -> None:
    """Set a user of alarmd's own MQTT door, or take one out; the running daemon sees it at the next login."""
    if shows_nothing(name) or not name.isprintable() or ":" in name or name.startswith("#"):
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
        line = _line(name, _wanted(name, topics, families, file), lines[number].strip() if number is not None else "")
        lines[slice(number, number + 1) if number is not None else slice(len(lines), None)] = [line]
    _replace(file, lines)
    done = (
        said("{file}: {name} taken out.", file=file, name=name)
        if remove
        else said("{file}: {name} set.", file=file, name=name)
    )
    sys.stdout.write(done + "\n")


def _wanted(name: str, topics: str | None, families: str | None, file: Path) -> str | None:
    """The third field that was asked for; None where nothing was."""
    if families is None:
        return topics
    try:
        known = [registry.named(one.strip()) for one in families.split(",")]
    except registry.UnknownFamilyError as error:
        raise UserError(str(error)) from None
    tied = [f"f {family.name}" for family in known]
    if topics:
        return ",".join(dict.fromkeys([topics, *tied]))
    own = [pattern for family in known for pattern in _usual(family)]
    _refuse_what_another_has(name, own, known, file)
    heard = [f"r {pattern}" for family in known for pattern in family.replies]
    return ",".join(dict.fromkeys([*own, *heard, *tied]))


def _usual(family: Family) -> list[str]:
    """The topics of that family's usual base topic, and no other: two gateways of it must not have each other's."""
    if family.bases is not None:
        return [f"{base}/#" for base in family.bases]
    found = [pattern for pattern in family.subscriptions if not pattern.startswith("+")]
    if not found:
        raise UserError(
            said(
                "devices of {family} have no usual base topic; give this user its own with --topics, for example "
                '--topics "home2/#"',
                family=family.name,
            )
        )
    return found


def _refuse_what_another_has(name: str, own: list[str], known: list[Family], file: Path) -> None:
    """Two gateways under one base topic could each speak for the other's devices."""
    try:
        users = Users(file).grants if file.exists() else {}
    except UsersFileError:  # said where it is written
        return
    for other, grants in users.items():
        shared = next((pattern for pattern in own if pattern in grants.publish), None)
        if other != name and shared and any(family.name in (grants.families or ()) for family in known):
            raise UserError(
                said(
                    "{other} publishes {pattern} already, and under one base topic each gateway could speak for the "
                    "devices of the other. Set another one in the new gateway and give it here, for example "
                    '--topics "{name}/{pattern}"; where both hear the same devices, --topics "{pattern}"',
                    other=other,
                    name=name,
                    pattern=shared,
                )
            )


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(said("{file}: cannot be read: {why}", file=file, why=error), exit_code=Exit.FOUND) from None


def _line(name: str, topics: str | None, before: str) -> str:
    kept = before.split(":", 2)[2] if before.count(":") > 1 else None
    field = topics if topics is not None else kept
    password = _password(name)
    hashed = before.partition(":")[2].partition(":")[0]
    if not still_good(hashed, password):  # else the line stays as it is, and nobody is hung up on
        hashed = hash_password(password)
    return f"{name}:{hashed}" + (f":{field}" if field else "")


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
