"""`alarmd retire`: people, devices and circles that are no longer part of it; and back again."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypedDict

import typer

from alarmd.cli import persons
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, looked_at, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import retiring
from alarmd.directory.files.kinds import word
from alarmd.directory.retiring import What
from alarmd.store import StoreError, Transaction, writing
from config.settings import Settings
from config.visible import shows_nothing
from config.wording import said

_SHOWN = 12


class _Facts(TypedDict):
    """What goes on record with it."""

    by: str
    reason: str


def retire(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Which kind: resident, responder, device or circle.", show_default=False),
    ] = None,
    who: Annotated[str | None, typer.Argument(metavar="WHO", help="An id or a name.", show_default=False)] = None,
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
    if kind is None or who is None:
        raise UserError(
            said("say what to retire: alarmd retire resident|responder|device|circle ID --by NAME --reason WHY")
        )
    what = _what(kind)
    name = persons.named(by)
    if reason is None or shows_nothing(reason):
        raise UserError(said("say why: --reason WHY; it goes on record"))
    facts = _Facts(by=name, reason=reason.strip())
    try:
        id_, done = (
            _bring_back(settings, what, who, facts) if back else _retire(settings, what, who, facts, anyway=anyway)
        )
    except retiring.RetiringError as error:
        raise UserError(str(error), Exit.FOUND) from None
    _print(done, word(what), id_, back=back)


def _what(kind: str) -> What:
    """The kind in alarmd's own word or in the reader's, of one or of many."""
    for what in What:
        plural = f"{what.value}s"
        if kind.strip().casefold() in {what.value, plural, word(what).casefold(), word(plural).casefold()}:
            return what
    choices = ", ".join(f"{what.value} ({word(what)})" if word(what) != what.value else what.value for what in What)
    raise UserError(said("{value} is none of: {choices}", value=repr(kind), choices=choices))


def _retire(settings: Settings, what: What, who: str, facts: _Facts, *, anyway: bool) -> tuple[str, retiring.Done]:
    with looked_at(settings) as tx:  # nobody waits for the long part
        leaving = retiring.prepare(tx, what, retiring.find(tx, what, who))
    with _writing(settings) as tx:
        done = retiring.retire(tx, leaving, now=SystemClock().now(), anyway=anyway, **facts)
    return leaving.value.id, done


def _bring_back(settings: Settings, what: What, who: str, facts: _Facts) -> tuple[str, retiring.Done]:
    with looked_at(settings) as tx:
        id_ = retiring.find(tx, what, who, back=True)
    with _writing(settings) as tx:
        return id_, retiring.bring_back(tx, what, id_, now=SystemClock().now(), **facts)


def _print(done: retiring.Done, what: str, id_: str, *, back: bool) -> None:
    sentence = (
        said("{what} {id} ({name}) is back.", what=what, id=id_, name=done.name)
        if back
        else said("{what} {id} ({name}) is retired.", what=what, id=id_, name=done.name)
    )
    sys.stdout.write(f"{sentence}\n")
    if done.along:
        shown = said(", ").join(f"{word(kind)} {one}" for kind, one in done.along[:_SHOWN])
        shown += " …" if len(done.along) > _SHOWN else ""
        sys.stdout.write(said("With it: {names}", names=shown) + "\n")
    for left in done.left:
        sys.stderr.write(f"{left}\n")


def _list(settings: Settings) -> None:
    with looked_at(settings) as tx:
        found = retiring.retired(tx)
    if not found:
        sys.stdout.write(said("Nobody and nothing was retired.") + "\n")
    for one in found:
        when = one.at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
        name = f" {one.name}" if one.name else ""
        kind, _, id_ = one.because.partition("/")
        along = f" ({word(kind)} {id_})" if kind else ""
        sys.stdout.write(f"{when}  {word(one.kind)} {one.id}{name}{along}: {one.by}: {one.reason}\n")


@contextmanager
def _writing(settings: Settings) -> Iterator[Transaction]:
    try:
        with writing(settings.store.url) as tx:
            yield tx
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None
    except sqlite3.OperationalError as error:
        raise UserError(said("nothing was changed: {error}", error=error), Exit.FOUND) from None
