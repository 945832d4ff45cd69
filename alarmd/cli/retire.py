"""`alarmd retire`: people, devices and circles that are no longer part of it; and back again."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import retiring
from alarmd.directory.files.kinds import word
from alarmd.store import StoreError, Transaction, path_of, reading, schema, writing
from config.settings import Settings
from config.wording import said

_SHOWN = 12


def retire(
    what: Annotated[
        retiring.What | None,
        typer.Argument(help="Which kind: resident, responder, device or circle.", show_default=False),
    ] = None,
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="Its id.", show_default=False)] = None,
    by: Annotated[
        str | None, typer.Option("--by", "--who", help="Who does this: your name. Needed.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", "--why", help="Why. Needed.", show_default=False)] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also who takes part in an open incident, or a circle with members.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="Take in again who was retired, as they were.")] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="List who and what was retired, when, by whom and why.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Retire a resident, responder, device or circle: never asked, listed or supervised again, and still in the log."""
    settings = settings_from(config)
    if list_:
        _list(settings)
        return
    if what is None or id_ is None:
        raise UserError(
            said("say what to retire: alarmd retire resident|responder|device|circle ID --by NAME --reason WHY")
        )
    if not (by or "").strip():
        raise UserError(said("say who you are: --by NAME; it goes on record"))
    if not (reason or "").strip():
        raise UserError(said("say why: --reason WHY; it goes on record"))
    assert by is not None
    assert reason is not None
    now = SystemClock().now()
    with _writing(settings) as tx:
        try:
            if back:
                done = retiring.bring_back(tx, what, id_, by=by.strip(), reason=reason.strip(), now=now)
            else:
                done = retiring.retire(tx, what, id_, by=by.strip(), reason=reason.strip(), now=now, anyway=anyway)
        except retiring.RetiringError as error:
            raise UserError(str(error), Exit.FOUND) from None
    _print(done, word(what), id_, back=back)


def _print(done: retiring.Done, what: str, id_: str, *, back: bool) -> None:
    sentence = (
        said("{what} {id} ({name}) is back.", what=what, id=id_, name=done.name)
        if back
        else said("{what} {id} ({name}) is retired.", what=what, id=id_, name=done.name)
    )
    sys.stdout.write(f"{sentence}\n")
    if done.along:
        shown = ", ".join(done.along[:_SHOWN]) + (" …" if len(done.along) > _SHOWN else "")
        sys.stdout.write(said("With it: {names}", names=shown) + "\n")
    for left in done.left:
        sys.stderr.write(f"{left}\n")


def _list(settings: Settings) -> None:
    try:
        with reading(settings.store.url) as tx:
            found = retiring.retired(tx)
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None
    if not found:
        sys.stdout.write(said("Nobody and nothing was retired.") + "\n")
    for one in found:
        when = one.at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
        name = f" {one.name}" if one.name else ""
        along = f" ({one.because})" if one.because else ""
        sys.stdout.write(f"{when}  {word(one.kind)} {one.id}{name}{along}: {one.by}: {one.reason}\n")


@contextmanager
def _writing(settings: Settings) -> Iterator[Transaction]:
    try:
        schema.require_current(path_of(settings.store.url))
        with writing(settings.store.url) as tx:
            yield tx
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None
    except sqlite3.OperationalError as error:
        raise UserError(said("nothing was changed: {error}", error=error), Exit.FOUND) from None
