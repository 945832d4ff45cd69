"""Where a message goes, and what it says, at the moment it is sent and not when it was queued.

Between the two a provider may have been down for hours, and the directory corrected meanwhile: a number that changed
hands would ring a stranger with a resident's name and address, and a text tell the old code of the door.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec
import structlog

from alarmd.circle import phone_of
from alarmd.directory import lookup
from alarmd.engine import decode_state, is_readable
from alarmd.messages import Messages, log_message, reply_topic
from alarmd.store import Row, Transaction
from config.settings import Settings
from devices import answers
from devices.families.alarmd import NAME as NATIVE
from devices.setting import Setting
from escalation.incident import Incident, Purpose
from escalation.people import Channel, Device

log = structlog.get_logger()

ELSEWHERE = "its number was changed in the directory"
NO_NUMBER = "its number was taken out of the directory"
ANOTHERS = "the device was given to another home"
_DEVICE = "device"


class NowhereError(Exception):
    """A message has nobody to go to any more; the text says why."""


def current(tx: Transaction, row: Row, *, settings: Settings, messages: Messages, now: datetime) -> Row:
    """A row of the outbox that is about to be sent, as the directory stands now; what was otherwise is logged.

    Args:
        tx: A transaction that may write.
        row: The row, still queued.
        settings: Numbers of desk and line.
        messages: Writes the words anew.
        now: The present.

    Raises:
        NowhereError: There is no such number any more, or the device is another home's.
    """
    stored = tx.one("incident_get", id=row["incident"]) if row["incident"] else None
    incident = decode_state(stored) if stored is not None and is_readable(stored) else None
    to = _topic(tx, row, incident) if row["channel"] == _DEVICE else phone_of(tx, settings, row["person"])
    if not to:
        raise NowhereError(NO_NUMBER)
    changed = to != row["destination"]
    body = _words_or_as_written(tx, row, incident, messages, now)
    if not changed and body == row["body"]:
        return row
    tx.run("outbox_readdressed", attempt=row["attempt"], destination=to, body=body)
    if changed and row["channel"] != _DEVICE:
        log_message(tx, row, "message.queued", now, again=True, reason=ELSEWHERE)
    fresh = tx.one("outbox_get", attempt=row["attempt"])
    assert fresh is not None
    return fresh


def _words_or_as_written(
    tx: Transaction, row: Row, incident: Incident | None, messages: Messages, now: datetime
) -> str:
    """As `_words`; where a defect of ours bars the new words the old ones go, and no other message waits for it."""
    try:
        return _words(tx, row, incident, messages, now)
    except sqlite3.OperationalError:  # a full disk undoes all that came before: nothing more may be written here
        raise
    except Exception as error:
        log.exception("a message goes out as it was written", incident=row["incident"], person=row["person"])
        log_message(tx, row, "incident.gap", now, why="defect", person=row["person"], error=repr(error))
        return str(row["body"])


def _words(tx: Transaction, row: Row, incident: Incident | None, messages: Messages, now: datetime) -> str:
    """The text, written anew where the directory has changed since; what somebody said stays as it was said."""
    body = str(row["body"])
    if row["channel"] != Channel.SMS or row["purpose"] == Purpose.SAID or incident is None:
        return body
    if tx.one("directory_changed_since", at=row["queued_at"]) is None:
        return body
    who = next((p.who for p in incident.participants if p.who.id == row["person"]), None)
    return messages.words(tx, incident, Purpose(row["purpose"]), who, now) if who is not None else body


def _topic(tx: Transaction, row: Row, incident: Incident | None) -> str:
    """Where the device listens now."""
    device = lookup.device(tx, row["person"])
    if device is None:  # nobody registered it, or it was retired
        return str(row["destination"])
    if incident is not None and incident.resident and device.resident not in {incident.resident, *incident.also}:
        raise NowhereError(ANOTHERS)
    return _listens(tx, device, row["purpose"]) or str(row["destination"])


def _listens(tx: Transaction, device: Device, status: str) -> str:
    if device.family == NATIVE:
        return reply_topic(device.address)
    row = tx.one("device_setting_of", device=device.id)
    setting = msgspec.json.decode(row["data"], type=Setting) if row else Setting()
    told = answers.answer(
        device.family, device.address, status, topic=setting.answer_topic, payloads=setting.answer_payloads
    )
    return told.topic if told is not None else ""
