"""``devices.toml`` into the store: all or nothing; a device that the file does not name keeps what it has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec

from alarmd import journal
from alarmd.directory import lookup, paid
from alarmd.store import Transaction
from config import devicebook
from config.wording import said
from devices.setting import Setting

_IDS_IN_LOG = 200


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """One file, read; with a fault it holds nothing."""

    path: Path
    settings: dict[str, Setting] = msgspec.field(default_factory=dict)
    fault: str = ""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; with a fault, or a device that is not there, nothing of it was written."""

    path: Path
    changed: int = 0
    same: int = 0
    stranger: str = ""
    fault: str = ""


def read(file: Path) -> Book:
    """Read a ``devices.toml``, before the store is held."""
    try:
        return Book(path=file, settings=devicebook.read(file))
    except devicebook.DeviceBookError as error:
        return Book(path=file, fault=str(error))


def load(
    tx: Transaction, books: Sequence[Book], *, now: datetime, zone: tzinfo, actor: str, dry_run: bool = False
) -> list[Settled]:
    """Write each file's settings; each device is looked up by its id, for presses wait meanwhile.

    Args:
        tx: A transaction that may write; with ``dry_run`` one that reads will do.
        books: As `read`.
        now: The present, for the log.
        zone: The service's own time, in which days begin.
        actor: Who imports, for the log.
        dry_run: Check and count, but write nothing.
    """
    return [_one(tx, book, now=now, zone=zone, actor=actor, dry_run=dry_run) for book in books]


def with_hint(tx: Transaction, settled: Settled) -> Settled:
    """With a sentence about the device that is not there, and the one that is probably meant.

    Args:
        tx: A transaction that reads: every device is looked at.
        settled: By `load`.
    """
    if not settled.stranger:
        return settled
    near = difflib.get_close_matches(settled.stranger, [device.id for device in lookup.devices(tx)], 1, cutoff=0.5)
    hint = (
        said("did you mean {near}?", near=repr(near[0]))
        if near
        else said("import devices.csv first or together with this file")
    )
    sentence = said("there is no such device; {hint}", hint=hint)
    return msgspec.structs.replace(settled, fault=f"{settled.path}: device.{settled.stranger}: {sentence}")


def _one(tx: Transaction, book: Book, *, now: datetime, zone: tzinfo, actor: str, dry_run: bool) -> Settled:
    if book.fault:
        return Settled(path=book.path, fault=book.fault)
    for name in book.settings:
        if lookup.device(tx, name) is None:
            return Settled(path=book.path, stranger=name)
    changed = {name: setting for name, setting in book.settings.items() if _stored(tx, name) != setting}
    if changed and not dry_run:
        for name, setting in changed.items():
            paid.renewed(tx, name, _stored(tx, name), setting, now, zone)
            tx.run("device_setting_put", device=name, data=msgspec.json.encode(setting).decode())
        data = {"file": book.path.name, "kind": "settings", "changed_ids": list(changed)[:_IDS_IN_LOG]}
        seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor=actor, data=data))
        tx.run("note_set", name="directory", value=str(seq))
    return Settled(path=book.path, changed=len(changed), same=len(book.settings) - len(changed))


def _stored(tx: Transaction, device: str) -> Setting | None:
    row = tx.one("device_setting_of", device=device)
    return msgspec.json.decode(row["data"], type=Setting) if row else None
