"""`alarmd import`: people and devices from files."""

from __future__ import annotations

import getpass
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import importing, rotas, setting_book
from alarmd.directory.files.kinds import Fault, word
from alarmd.directory.importing import Prepared, Report
from alarmd.directory.reading import Table, UnreadableFileError, tables
from alarmd.directory.rows import Context
from alarmd.directory.unfolding import Unfolder
from alarmd.store import StoreError, Transaction, path_of, place, reading, writing
from config.settings import Settings, SettingsError, plans
from config.wording import said, said_of
from escalation.plan import Plan

_MENDED_SHOWN = 200  # of each column: a number or an address read wrongly rings somebody else
_MISSING_SHOWN = 40
_FAULTS_SHOWN = 1_000  # of a file; more is another kind of file, or one column of it
_TRIES = 5
_PAUSE_S = 0.1  # in which whatever waits is committed: SQLite's waiting looks that often

Seen = Callable[[int], None]


def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="People and devices: .csv or .xlsx, one kind a file or sheet; devices.toml.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, but write nothing.")] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="List who is in the store and not in the files: who may have left.")
    ] = False,
    bring_back: Annotated[
        bool, typer.Option("--bring-back", help="Take retired people and devices in again whom the files name.")
    ] = False,
    empty: Annotated[
        Path | None,
        typer.Option(
            "--template",
            metavar="FILE.xlsx",
            help="Write an empty workbook with headings and lists to choose from, and import nothing.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Import people and devices from files: all or nothing for each, every faulty cell named by line and column."""
    if empty is not None:
        _write_template(empty, config, files or ())
        return
    if not files:
        raise UserError(said("name the files to import, or write an empty workbook with --template FILE.xlsx"))
    settings = settings_from(config)
    for file in files:
        if not file.exists():
            raise UserError(said("{file}: there is no such file", file=file))
    books = [file for file in files if file.suffix == ".toml"]
    now = SystemClock().now()
    with _progress() as (total, seen):
        read, unreadable = _read([file for file in files if file not in books])
        total(sum(len(table.rows) for table in read))
        prepared, settled = _import(
            settings,
            lambda tx, context: importing.prepare(tx, read, context, bring_back=bring_back, seen=seen),
            [setting_book.read(file) for file in books],
            now,
            dry_run=dry_run,
        )
    for report in prepared.reports:
        _print_report(report, dry_run=dry_run, missing=missing)
    unreadable += [one.fault for one in settled if one.fault]
    for one in settled:
        _print_settled(one, dry_run=dry_run)
    for sentence in unreadable:
        typer.echo(sentence, err=True)
    _end(prepared, unreadable)


@contextmanager
def _context(settings: Settings, now: datetime) -> Iterator[Context]:
    """What rows are checked against; on-call texts are unfolded while it is open."""
    today = now.astimezone(settings.zone).date()
    try:
        with Unfolder(settings) as unfolder:
            duty = rotas.Book(settings, unfolder.rota, now)
            yield Context(settings.service.country, tuple(_plans(settings)), today, duty)
    except SettingsError as error:
        raise UserError(str(error)) from None


def _import(
    settings: Settings,
    prepare: Callable[[Transaction, Context], Prepared],
    books: Sequence[setting_book.Book],
    now: datetime,
    *,
    dry_run: bool,
) -> tuple[Prepared, list[setting_book.Settled]]:
    if not dry_run:
        with _store(settings, dry_run=False):  # begun, or brought to this version
            pass
    with _context(settings, now) as context:
        prepared = _prepared(settings, prepare, context)
        if not dry_run:
            prepared = _write(settings, prepared, lambda: _prepared(settings, prepare, context), context, now)
    with _store(settings, dry_run=dry_run) as tx:
        settled = setting_book.load(tx, books, now=now, zone=settings.zone, actor=_user(), dry_run=dry_run)
    if any(one.stranger for one in settled):
        with _store(settings, dry_run=True) as tx:
            settled = [setting_book.with_hint(tx, one) for one in settled]
    return prepared, settled


def _end(prepared: Prepared, unreadable: Sequence[str]) -> None:
    faults = sum(len(report.faults) for report in prepared.reports) + len(unreadable)
    if not faults:
        return
    refused = len(unreadable) + len({report.path for report in prepared.reports if report.faults})
    which = said_of("{number} file was", "{number} files were", refused)
    how_many = said_of("{number} fault", "{number} faults", faults)
    raise UserError(
        said("{which} not imported ({faults}); mend it and import again", which=which, faults=how_many),
        exit_code=Exit.FOUND,
    )


def _write_template(target: Path, config: Path | None, files: Sequence[Path]) -> None:
    if files:
        raise UserError(said("--template writes an empty workbook and imports nothing; leave the files out"))
    if target.suffix.casefold() != ".xlsx":
        raise UserError(said("{file}: a workbook's name ends in .xlsx", file=target))
    from alarmd.directory.files import template  # noqa: PLC0415 - no other import waits for the library

    known = _plans_of(config)
    try:
        with target.open("xb") as stream:
            template.write(stream, plans=known)
    except FileExistsError:
        raise UserError(
            said("{file} is there already and is never overwritten", file=target), exit_code=Exit.FOUND
        ) from None
    except OSError as error:
        raise UserError(f"{target}: {error.strerror or error}", exit_code=Exit.FOUND) from None
    typer.echo(said("{file}: written; fill it in and import it", file=target))


def _plans_of(config: Path | None) -> Sequence[str]:
    """The plans to choose from; those that alarmd ships where there are no settings yet."""
    try:
        return sorted(_plans(settings_from(config)))
    except UserError:
        if config is not None:
            raise
        return sorted(plans(None))


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Seen]]:
    """A bar on the terminal while rows are read; nothing where nobody looks."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda _: None, lambda _: None
        return
    # Only where somebody looks, for it takes long to load.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(said("reading"), total=None)
        yield (
            lambda total: bar.update(task, total=total, description=said("checking")),
            lambda more: bar.update(task, advance=more),
        )


def _prepared(settings: Settings, prepare: Callable[[Transaction, Context], Prepared], context: Context) -> Prepared:
    with _store(settings, dry_run=True) as tx:
        return prepare(tx, context)  # nobody waits for the long part


def _write(
    settings: Settings, prepared: Prepared, again: Callable[[], Prepared], context: Context, now: datetime
) -> Prepared:
    """Write it part by part; where somebody else changes the directory meanwhile, it is looked at anew."""
    first = prepared
    for _ in range(_TRIES):
        try:
            _write_parts(settings, prepared, context, now)
        except importing.ChangedMeanwhileError:
            prepared = again()
            continue
        faulty = any(report.faults for report in prepared.reports)
        return prepared if faulty or prepared is first else _with_all_that_was_written(first, prepared)
    raise UserError(
        said("others change the directory at the same time; what was written stays, import again later"), Exit.FOUND
    )


def _write_parts(settings: Settings, prepared: Prepared, context: Context, now: datetime) -> None:
    with _store(settings, dry_run=False) as tx:
        expected = importing.take_back(tx, prepared, now=now, actor=_user())
        context.duty.keep(tx)
    for part in importing.parts(prepared):
        with _store(settings, dry_run=False, begun=expected != prepared.directory) as tx:
            expected = importing.write_part(tx, part, expected, now=now, actor=_user())
        if len(part.rows) >= importing.ROWS_AT_ONCE:
            time.sleep(_PAUSE_S)


def _with_all_that_was_written(first: Prepared, last: Prepared) -> Prepared:
    """The last look, with the counts of the first: what was written in between is not the same as before."""
    counted = [
        msgspec.structs.replace(after, new=before.new, changed=before.changed, same=before.same)
        for before, after in zip(first.reports, last.reports, strict=True)
    ]
    return msgspec.structs.replace(last, reports=tuple(counted))


def _read(files: Sequence[Path]) -> tuple[list[Table], list[str]]:
    read: list[Table] = []
    unreadable: list[str] = []
    for file in files:
        try:
            read += tables(file)
        except UnreadableFileError as error:
            unreadable.append(str(error))
    return read, unreadable


@contextmanager
def _store(settings: Settings, *, dry_run: bool, begun: bool = False) -> Iterator[Transaction]:
    """The store to write to; for a dry run one that is only read, or an empty one where none is yet."""
    url = settings.store.url
    with tempfile.TemporaryDirectory() as folder:
        try:
            missing = not path_of(url).exists()
            if (fault := place.fault(path_of(url))) is not None:
                raise UserError(fault, Exit.FOUND)
            if missing and not dry_run:
                typer.echo(
                    said("there was no store at {file}: a new one is begun (store.url)", file=path_of(url)), err=True
                )
                for other in place.others(path_of(url), settings.folder):
                    typer.echo(said("residents are in another store: {other}; was it meant?", other=other), err=True)
            if dry_run and not missing:
                opened = reading(url)
            else:
                opened = writing(f"sqlite:///{folder}/empty.db" if dry_run else url)
            with opened as tx:
                yield tx
        except StoreError as error:
            raise UserError(str(error), Exit.FOUND) from None
        except sqlite3.OperationalError as error:  # a full disk, or a writer that holds it for longer than we wait
            sentence = (
                said("{file}: not all was imported: {error}; import again", file=path_of(url), error=error)
                if begun
                else said("{file}: nothing was imported: {error}", file=path_of(url), error=error)
            )
            raise UserError(sentence, exit_code=Exit.FOUND) from None


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


def _print_report(report: Report, *, dry_run: bool, missing: bool) -> None:
    for note in report.notes:
        typer.echo(f"{report.name}: {note}", err=True)
    _print_mended(report)
    for warning in report.warnings:
        kept = not report.faults and not dry_run
        sentence = said("{fault} (imported all the same)", fault=warning) if kept else str(warning)
        typer.echo(f"{report.name}: {sentence}", err=True)
    for fault in report.faults[:_FAULTS_SHOWN]:
        typer.echo(f"{report.name}: {fault}", err=True)
    if (more := len(report.faults) - _FAULTS_SHOWN) > 0:
        typer.echo(f"{report.name}: " + said_of("and {number} more fault", "and {number} more faults", more), err=True)
    if report.faults:
        return
    verb = said("would be imported") if dry_run else said("imported")
    counts = said(
        "{new} new, {changed} changed, {same} the same",
        new=len(report.new),
        changed=len(report.changed),
        same=report.same,
    )
    typer.echo(f"{report.name}: " + said("{kind} {verb}: {counts}", kind=word(report.kind), verb=verb, counts=counts))
    if missing and report.missing:
        shown = ", ".join(report.missing[:_MISSING_SHOWN])
        more = len(report.missing) - _MISSING_SHOWN
        shown += said_of(" and {number} more", " and {number} more", more) if more > 0 else ""
        typer.echo(f"{report.name}: " + said("in the store and not in the file: {ids}", ids=shown))


def _print_mended(report: Report) -> None:
    """What was understood: the first few of each column, and how many more; a whole column is often spoilt alike."""
    by_column: dict[str, list[Fault]] = {}
    for mended in report.mended:
        by_column.setdefault(mended.column, []).append(mended)
    for column, cells in by_column.items():
        for mended in cells[:_MENDED_SHOWN]:
            typer.echo(f"{report.name}: {mended}", err=True)
        if (more := len(cells) - _MENDED_SHOWN) > 0:
            rest = said_of("{number} more cell mended alike", "{number} more cells mended alike", more)
            typer.echo(f"{report.name}: {column}: {rest}", err=True)


def _print_settled(one: setting_book.Settled, *, dry_run: bool) -> None:
    if not one.fault:
        verb = said("would be set") if dry_run else said("set")
        counts = said("{changed} changed, {same} the same", changed=one.changed, same=one.same)
        typer.echo(said("{file}: devices {verb}: {counts}", file=one.path, verb=verb, counts=counts))
