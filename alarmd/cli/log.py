"""`alarmd tail` and `alarmd verify`: the event log, for eyes, for machines and for auditors."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from alarmd import journal, times
from alarmd.cli import lines
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.lines import Part
from alarmd.cli.options import ConfigOption, seen_from
from alarmd.cli.progress import Counted, counting
from alarmd.cli.telling import tell
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.following import Follower
from alarmd.journal import LogEntry
from alarmd.store import StoreError, Transaction, path_of, reading, shape
from config.glance import Seen
from config.wording import said, said_again
from escalation import plan

LAST_WHEN_FOLLOWING = 20
_DAYS = re.compile(r"(\d{1,4})\s*d")
_HEAD = re.compile(r"(?P<seq>[1-9]\d*):(?P<hash>[0-9a-f]{64})")


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; the last ``last`` of them, None = all."""

    incident: str | None
    resident: str | None
    since: datetime | None
    last: int | None


def tail(
    config: ConfigOption = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with what is written from now on.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line, exactly as it is kept.")] = False,
    incident: Annotated[
        str | None, typer.Option(help="Only this incident's; a unique beginning or end will do.")
    ] = None,
    resident: Annotated[str | None, typer.Option(help="Only this resident's (id or name).")] = None,
    since: Annotated[str | None, typer.Option(help="A time (2026-11-21T19:30) or an age (2h, 30d).")] = None,
    last: Annotated[
        int | None, typer.Option("-n", "--last", min=0, help="The last so many. [default: all; with -f for eyes, 20]")
    ] = None,
) -> None:
    """Show the event log, oldest first: for eyes in local time with names, or as JSON lines."""
    settings = seen_from(config)
    if last is None and follow and not json_:
        last = LAST_WHEN_FOLLOWING
    with quiet_end(), _until_the_key(follow=follow), Follower(settings.store.url) as log:
        wanted = _Wanted(
            incident=_incident(log.tx, incident) if incident else None,
            resident=resident_like(log.tx, resident, retired=True) if resident else None,
            since=since_from(since, settings.zone) if since else None,
            last=last,
        )
        show = _for_machines if json_ else _for_eyes(settings, log)
        for entry in _entries(log, wanted, follow=follow):
            show(entry)


def _entries(log: Follower, wanted: _Wanted, *, follow: bool) -> Iterator[LogEntry]:
    after = _start(log.tx, wanted)
    while True:
        for entry in log.read(after=after, incident=wanted.incident, resident=wanted.resident, since=wanted.since):
            after = entry.seq
            yield entry
        if not follow:
            return
        after = log.wait(after)


def _start(tx: Transaction, wanted: _Wanted) -> int:
    if wanted.last is None:
        return 0
    since = wanted.since and times.to_text(wanted.since)
    row = tx.one("journal_before", incident=wanted.incident, resident=wanted.resident, since=since, count=wanted.last)
    return row["seq"] if row else 0


def _for_machines(entry: LogEntry) -> None:
    sys.stdout.write(entry.as_json() + "\n")
    sys.stdout.flush()


def _for_eyes(settings: Seen, log: Follower) -> Callable[[LogEntry], None]:
    def show(entry: LogEntry) -> None:
        told = tell(entry, log.name, settings.zone)
        about = entry.resident and log.name(entry.resident)
        lines.write(
            Part(f"{entry.at.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}  ", "bright_black"),
            Part(f"{entry.incident}  " if entry.incident else "", "cyan"),
            Part(said("{resident}: ", resident=clean(about)) if about else "", "bold"),
            Part(told.text, told.style),
        )

    return show


def since_from(text: str, zone: ZoneInfo) -> datetime:
    """A moment as an operator writes it: a time, or an age."""
    if days := _DAYS.fullmatch(text.strip()):
        return SystemClock().now() - timedelta(days=int(days[1]))
    with contextlib.suppress(plan.PlanError, OverflowError):
        return SystemClock().now() - timedelta(seconds=plan.seconds(text, "--since"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            said("--since {text} is neither a time (2026-11-21T19:30) nor an age (2h, 90m, 30d)", text=repr(text))
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _incident(tx: Transaction, part: str) -> str:
    found = [str(row["id"]) for row in tx.all("desk_incident_like", part=part)]
    if part in found:
        return part
    if len(found) > 1:
        raise UserError(
            said(
                "--incident {part} could be {incidents}: write more of it", part=repr(part), incidents=", ".join(found)
            ),
            Exit.FOUND,
        )
    if not found and next(journal.read(tx, incident=part, limit=1), None) is None:
        raise UserError(said("there is no incident {incident}", incident=repr(part)), Exit.FOUND)
    return found[0] if found else part


def resident_like(tx: Transaction, who: str, *, retired: bool = False) -> str:
    """The id of a resident named by id or name; also of one who was retired, where the past is asked for."""
    found = [str(row["id"]) for row in tx.all("desk_residents_like", who=who, retired=retired)]
    if who in found:
        return who
    if len(found) > 1:
        raise UserError(
            said("--resident {who} could be {residents}: give the id", who=repr(who), residents=", ".join(found)),
            Exit.FOUND,
        )
    if not found:
        raise UserError(said("there is no resident {resident}", resident=repr(who)), Exit.FOUND)
    return found[0]


@contextlib.contextmanager
def quiet_end() -> Iterator[None]:
    """A closed pipe (`| head`) is an ordinary end; a store that cannot be read is a sentence.

    Ctrl-C is not: a copy that was broken off is none, and a chain that was read in part is not proved.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.DONE) from None
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None
    except sqlite3.DatabaseError as error:
        raise UserError(
            said("the store cannot be read: {why}; check its file, or restore a backup", why=error), Exit.FOUND
        ) from None


@contextlib.contextmanager
def _until_the_key(*, follow: bool) -> Iterator[None]:
    """Ctrl-C is how one stops following."""
    try:
        yield
    except KeyboardInterrupt:
        if not follow:
            raise
        raise typer.Exit(Exit.DONE) from None


def verify(
    config: ConfigOption = None,
    known: Annotated[
        str | None, typer.Option(metavar="SEQ:HASH", help="An entry noted earlier: it must still be there, unchanged.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="The verdict as JSON.")] = False,
) -> None:
    """Re-compute the log's hash chain, and look for what alarmd never made. Exit code 1 if anything is wrong."""
    settings = seen_from(config)
    if known and not _HEAD.fullmatch(known):
        raise UserError(said("--known wants SEQ:HASH as an earlier `alarmd verify` printed them"))
    with quiet_end(), reading(settings.store.url, older=True) as tx:
        with counting(said("verifying"), sys.stderr) as seen:
            verdict = journal.verify(Counted(tx, seen))
        if known and verdict.bad_seq is None:
            verdict = _still_there(tx, known, verdict)
        last = tx.one("journal_last")
        foreign = shape.fault(path_of(settings.store.url))
    if json_:
        head = {"seq": last["seq"], "hash": last["hash"]} if last else None
        found = msgspec.structs.asdict(verdict) | {"head": head, "foreign": foreign}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    elif verdict.bad_seq is not None:
        sentence = said(
            "BAD from seq {seq} on: {why}. The {number} before it are right.",
            seq=verdict.bad_seq,
            why=said_again(verdict.why, journal.FAULTS),
            number=verdict.count,
        )
        sys.stdout.write(f"{sentence}\n")
    else:
        whole = said("The log is whole: {number} entries.", number=verdict.count)
        newest = said(" Head: {head}", head=f"{last['seq']}:{last['hash']}") if last else ""
        sys.stdout.write(f"{whole}{newest}\n")
    if foreign is not None and not json_:
        sys.stdout.write(f"{foreign}\n")
    if verdict.bad_seq is not None or foreign is not None:
        raise typer.Exit(Exit.FOUND)


def _still_there(tx: Transaction, known: str, verdict: journal.Verdict) -> journal.Verdict:
    """A chain cannot show that its end was cut off, or that all of it was written anew; an entry noted earlier can."""
    head = _HEAD.fullmatch(known)
    assert head is not None
    seq = int(head["seq"])
    entry = next(journal.read(tx, after=seq - 1, limit=1), None)
    if entry is None:
        return journal.Verdict(
            count=verdict.count, bad_seq=verdict.count + 1, why=said("the log once had {number} entries", number=seq)
        )
    if entry.hash != head["hash"]:
        return journal.Verdict(
            count=verdict.count, bad_seq=seq, why=said("has another hash than was noted: the log was written anew")
        )
    return verdict
