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


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; with a fault nothing of it was written."""

    path: Path
    changed: int = 0
    same: int = 0
    fault: str = ""


def load(
    tx: Transaction, files: Sequence[Path], *, now: datetime, zone: tzinfo, actor: str, dry_run: bool = False
) -> list[Settled]:
    """Write each file's settings.

    Args:
        tx: A transaction that may write; with ``dry_run`` one that reads will do.
        files: Each a ``devices.toml``.
        now: The present, for the log.
        zone: The service's own time, in which days begin.
        actor: Who imports, for the log.
        dry_run: Check and count, but write nothing.
    """
    return [_one(tx, file, now=now, zone=zone, actor=actor, dry_run=dry_run) for file in files]


def _one(tx: Transaction, file: Path, *, now: datetime, zone: tzinfo, actor: str, dry_run: bool) -> Settled:
    try:
        book = devicebook.read(file)
    except devicebook.DeviceBookError as error:
        return Settled(path=file, fault=str(error))
    known = [device.id for device in lookup.devices(tx)]
    if strangers := [name for name in book if name not in set(known)]:
        near = difflib.get_close_matches(strangers[0], known, 1, cutoff=0.5)
        hint = (
            said("did you mean {near}?", near=repr(near[0]))
            if near
            else said("import devices.csv first or together with this file")
        )
        fault = said("there is no such device; {hint}", hint=hint)
        return Settled(path=file, fault=f"{file}: device.{strangers[0]}: {fault}")
    changed = {name: setting for name, setting in book.items() if _stored(tx, name) != setting}
    if changed and not dry_run:
        for name, setting in changed.items():
            paid.renewed(tx, name, _stored(tx, name), setting, now, zone)
            tx.run("device_setting_put", device=name, data=msgspec.json.encode(setting).decode())
        data = {"file": file.name, "kind": "settings", "changed_ids": list(changed)[:_IDS_IN_LOG]}
        seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor=actor, data=data))
        tx.run("note_set", name="directory", value=str(seq))
    return Settled(path=file, changed=len(changed), same=len(book) - len(changed))


def _stored(tx: Transaction, device: str) -> Setting | None:
    row = tx.one("device_setting_of", device=device)
    return msgspec.json.decode(row["data"], type=Setting) if row else None
