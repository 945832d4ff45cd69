"""`alarmd import`: people and devices from files."""

from __future__ import annotations

import getpass
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import around, importing, setting_book
from alarmd.directory.importing import Prepared, Report
from alarmd.directory.reading import Table, UnreadableFileError, read
from alarmd.directory.rows import Context
from alarmd.store import StoreError, Transaction, path_of, reading, writing
from config.settings import Settings, SettingsError, plans
from escalation.plan import Plan


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="residents.csv, devices.csv, responders.csv, contacts.csv, circles.csv, devices.toml."),
    ],
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, but write nothing.")] = False,
) -> None:
    """Import people and devices from CSV: all or nothing for each file, every faulty row named by line and column."""
    settings = settings_from(config)
    for file in files:
        if not file.is_file():
            raise UserError(f"{file}: there is no such file")
    books = [file for file in files if file.suffix == ".toml"]
    tables, unreadable = _read([file for file in files if file not in books])
    now = SystemClock().now()
    context = Context(
        settings.service.country,
        tuple(_plans(settings)),
        now.astimezone(settings.zone).date(),
        lambda on_call: around.calendar(on_call, settings.folder),
    )
    if not dry_run:
        with _store(settings, dry_run=False):  # begun, or brought to this version
            pass
    with _store(settings, dry_run=True) as tx:  # nobody waits for the long part
        prepared = importing.prepare(tx, tables, context)
    with _store(settings, dry_run=dry_run) as tx:
        if not dry_run:
            prepared = _write(tx, prepared, tables, context, now)
        settled = setting_book.load(tx, books, now=now, zone=settings.zone, actor=_user(), dry_run=dry_run)
    for report in prepared.reports:
        _print_report(report, dry_run=dry_run)
    unreadable += [one.fault for one in settled if one.fault]
    for one in settled:
        _print_settled(one, dry_run=dry_run)
    for sentence in unreadable:
        typer.echo(sentence, err=True)
    faults = sum(len(report.faults) for report in prepared.reports) + len(unreadable)
    if faults:
        refused = len(unreadable) + sum(1 for report in prepared.reports if report.faults)
        which = "1 file was" if refused == 1 else f"{refused} files were"
        raise UserError(
            f"{which} not imported ({_plural(faults, 'fault')}); mend it and import again", exit_code=Exit.FOUND
        )


def _write(tx: Transaction, prepared: Prepared, tables: Sequence[Table], context: Context, now: datetime) -> Prepared:
    try:
        importing.write(tx, prepared, now=now, actor=_user())
    except importing.ChangedMeanwhileError:  # seldom: then the store waits for the whole of it
        prepared = importing.prepare(tx, tables, context)
        importing.write(tx, prepared, now=now, actor=_user())
    return prepared


def _read(files: Sequence[Path]) -> tuple[list[Table], list[str]]:
    tables: list[Table] = []
    unreadable: list[str] = []
    for file in files:
        try:
            tables.append(read(file))
        except UnreadableFileError as error:
            unreadable.append(str(error))
    return tables, unreadable


@contextmanager
def _store(settings: Settings, *, dry_run: bool) -> Iterator[Transaction]:
    """The store to write to; for a dry run one that is only read, or an empty one where none is yet."""
    url = settings.store.url
    with tempfile.TemporaryDirectory() as folder:
        try:
            missing = not path_of(url).exists()
            if missing and not dry_run:
                typer.echo(f"there was no store at {path_of(url)}: a new one is begun (store.url)", err=True)
            if dry_run and not missing:
                opened = reading(url)
            else:
                opened = writing(f"sqlite:///{folder}/empty.db" if dry_run else url)
            with opened as tx:
                yield tx
        except StoreError as error:
            raise UserError(str(error), Exit.FOUND) from None
        except sqlite3.OperationalError as error:  # a full disk, or a writer that holds it for longer than we wait
            raise UserError(f"{path_of(url)}: nothing was imported: {error}", exit_code=Exit.FOUND) from None


def _plans(settings: Settings) -> dict[str, Plan]:
    try:
        return plans(settings.path)
    except SettingsError as error:
        raise UserError(str(error)) from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user id without a name
        return "import"


# ---------------------------------------------------------------- for eyes


def _print_report(report: Report, *, dry_run: bool) -> None:
    for warning in report.warnings:
        typer.echo(f"{report.path}: {warning} (imported all the same)", err=True)
    for fault in report.faults:
        typer.echo(f"{report.path}: {fault}", err=True)
    if report.faults:
        return
    verb = "would be imported" if dry_run else "imported"
    counts = f"{len(report.new)} new, {len(report.changed)} changed, {report.same} the same"
    typer.echo(f"{report.path}: {report.kind} {verb}: {counts}")


def _print_settled(one: setting_book.Settled, *, dry_run: bool) -> None:
    if not one.fault:
        verb = "would be set" if dry_run else "set"
        typer.echo(f"{one.path}: devices {verb}: {one.changed} changed, {one.same} the same")


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
