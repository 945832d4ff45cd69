"""From what was decided to rows of the outbox: the number, the words, the lane."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alarmd import fairness, journal, presence, times
from alarmd.circle import phone_of
from alarmd.directory import lookup
from alarmd.directory.around import contacts_of
from alarmd.ids import Ids
from alarmd.joining import MOST_JOINED, Writer, joined, joins
from alarmd.phone.codes import look_up
from alarmd.phone.provider import Remedy
from alarmd.store import Row, Transaction
from config.settings import Settings
from devices import answers
from devices.families.alarmd import NAME as NATIVE
from devices.family import CLOSED, Message
from devices.setting import Setting
from escalation import handoff, whereabouts, wording
from escalation.calls import standing_of
from escalation.handoff import HandoffRecord
from escalation.homes import either
from escalation.incident import HandoffState, Incident, Purpose, Send, Unsend
from escalation.people import Candidate, Channel, Resident
from escalation.rooms.ambulance import CALLED_OFF, CONFIRMED, ORDERED, REJECTED
from escalation.telephones import COMES
from escalation.texts.facts import Facts, Texts

LATE = timedelta(seconds=60)
LATEST = timedelta(days=7)  # no session, and no gateway's memory, is kept for longer
RINGS_FOR = timedelta(seconds=50)  # a call whose end nobody reported; less than the desk's rings are apart
FIRST_WORD = timedelta(seconds=5)  # by then a provider that reports has said that it rings
MOST_SPLIT = 4  # texts of that length that wait for one person; beyond them what is said is shortened in the middle
SAME_ANSWER = timedelta(minutes=30)  # what one person answers twice is read once
NEWS_EVERY = timedelta(seconds=60)  # "asked for help again" to one person
_HANDOFF = {Purpose.HANDOFF, Purpose.HANDOFF_UPDATE, Purpose.HANDOFF_CANCEL}
_LANES = {
    Purpose.HANDOFF: 0,
    Purpose.HANDOFF_CANCEL: 0,
    Purpose.ASK: 1,
    Purpose.DESK: 1,
    Purpose.VERIFY: 1,
    Purpose.AGAIN: 1,
    Purpose.DETAILS: 1,
    Purpose.RAISED: 2,
    Purpose.HANDOFF_UPDATE: 2,
    Purpose.HANDOFF_REFUSED: 1,
    Purpose.TAKEN: 3,
    Purpose.SAID: 1,
    Purpose.MOVED: 2,
    Purpose.AFTERCARE: 4,
    Purpose.CLOSED: 5,
}
OF_THE_AMBULANCE = frozenset({CONFIRMED, ORDERED, CALLED_OFF, REJECTED})
_NEWS = frozenset({Purpose.HANDOFF_UPDATE, Purpose.HANDOFF_CANCEL})
DEVICE_LANE = 2
DEVICES_MOST = 20  # of one incident; a home has a handful


class Messages:
    """Writes rows of the outbox inside the engine's transaction.

    Args:
        settings: Numbers of desk and line, language, zone.
        texts: The words of a language (BCP 47 tag).
        ids: Where attempts come from.
    """

    def __init__(self, *, settings: Settings, texts: Callable[[str], Texts], ids: Ids) -> None:
        self._settings = settings
        self._texts = texts
        self._ids = ids

    def queue(self, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        """Queue one message to one person; somebody without a number is a gap in the log."""
        to = phone_of(tx, self._settings, send.to.id)
        if not to:
            _log(tx, incident, "incident.gap", send.to.id, now, why="no_phone", channel=send.channel.value)
            return
        if send.purpose is Purpose.TAKEN and to in self._numbers_that_go(tx, incident):
            return  # a couple with one telephone: who goes is never told to stay
        texts = self.texts_for(send.to)
        body = ""
        words = wording.answered(send.answer, texts) if send.answer else send.words
        back = phone_of(tx, self._settings, send.whose) if send.whose else ""
        by = f"{send.by} ({back})" if back else send.by
        if send.channel is Channel.SMS:
            what_they_said = {"words": words, "by": by, "by_key": bool(send.answer)}
            body = self.words(tx, incident, send.purpose, send.to, now, **what_they_said)
        if send.purpose is Purpose.SAID and send.channel is Channel.VOICE:
            body = f"{wording.aloud(by)}\n{words}"  # read out when the call is taken
        if _is_same_answer(tx, incident, send, to, body, now) or _is_there_already(tx, incident, send, to, body, now):
            return
        attempt = self._ids.attempt()
        tx.run(
            "outbox_insert",
            attempt=attempt,
            incident=incident.id,
            person=send.to.id,
            channel=send.channel.value,
            purpose=send.purpose.value,
            lane=_LANES[send.purpose],
            destination=to,
            body=body,
            language=texts.language,
            now=times.to_text(now),
        )
        fairness.give_turn(tx, attempt=attempt, incident=incident, channel=send.channel, destination=to, now=now)
        what = {"channel": send.channel.value, "purpose": send.purpose.value, "attempt": attempt}
        _log(tx, incident, "message.queued", send.to.id, now, name=send.to.name, **what)

    def words(
        self, tx: Transaction, incident: Incident, purpose: Purpose, to: Candidate, now: datetime, **heard: Any
    ) -> str:
        """The text of that purpose to somebody; ``heard``: facts of what somebody said (`Facts`)."""
        facts = msgspec.structs.replace(self.facts(tx, incident, purpose, now), **heard)
        return wording.sms(purpose, facts, to, self.texts_for(to), standing=standing_of(incident, to.id))

    def tell_desk(
        self,
        tx: Transaction,
        readers: Iterable[Candidate],
        write: Callable[[Texts], str],
        now: datetime,
        *,
        of: Writer | None = None,
    ) -> int:
        """Queue a text about no incident to people of the desk; returns to how many.

        Args:
            tx: The transaction.
            readers: Who.
            write: Makes the text in a reader's language.
            now: The present.
            of: Who wrote it, where somebody did: what waits of one telephone for one reader is one text.
        """
        told, pace = 0, None
        for reader in readers:
            if not (to := phone_of(tx, self._settings, reader.id)):
                continue
            told += 1
            texts = self.texts_for(reader)
            body = write(texts)
            if of is not None and joins(tx, of, to, body):
                continue
            if of is not None and pace is None:
                pace = fairness.writes(tx, of.number, now)
            if of is not None and pace is not None and pace.tell:
                body = f"{of.warn(texts)}\n{body}"
            attempt = self._ids.attempt()
            tx.run(
                "outbox_insert",
                attempt=attempt,
                incident=None,
                person=reader.id,
                channel=Channel.SMS.value,
                purpose=Purpose.SAID.value,
                lane=_LANES[Purpose.SAID],
                destination=to,
                body=body,
                language=texts.language,
                now=times.to_text(now),
            )
            if of is not None and pace is not None:
                tx.run("outbox_of_writer", attempt=attempt, sender=of.number)
                fairness.hold_back(tx, attempt, pace, now)
            fairness.give_turn(tx, attempt=attempt, incident=None, channel=Channel.SMS, destination=to, now=now)
            what = {"channel": "sms", "purpose": Purpose.SAID.value, "attempt": attempt, "name": reader.name}
            journal.append(tx, now, journal.Entry(event="message.queued", actor=reader.id, data=what))
        return told

    def _numbers_that_go(self, tx: Transaction, incident: Incident) -> frozenset[str]:
        going = (p.who.id for p in incident.participants if p.standing in COMES)
        return frozenset(filter(None, (phone_of(tx, self._settings, who) for who in going)))

    def withdraw(self, tx: Transaction, incident: Incident, unsend: Unsend, now: datetime) -> None:
        """What has not gone out yet need not go out any more."""
        purpose = unsend.purpose.value if unsend.purpose else None
        tx.run("outbox_withdraw", incident=incident.id, purpose=purpose, keep=unsend.keep, now=times.to_text(now))

    def reply(
        self, tx: Transaction, incident: Incident, status: str, now: datetime, *, only_latest: bool = False
    ) -> None:
        """Tell the devices that spoke in the incident, where they can be told; ``only_latest``: the last of them."""
        for row in tx.all("devices_of_incident", incident=incident.id, count=1 if only_latest else DEVICES_MOST):
            told = _native_reply(row, status, incident) if row["family"] == NATIVE else _lamp(row, status)
            if told is None:
                continue
            tx.run(
                "outbox_insert",
                attempt=self._ids.attempt(),
                incident=incident.id,
                person=row["id"] or incident.device,
                channel="device",
                purpose=status,
                lane=DEVICE_LANE,
                destination=told.topic,
                body=told.payload.decode(),
                language="",
                now=times.to_text(now),
            )

    def texts_for(self, who: Candidate) -> Texts:
        """The words in a person's language, else in the service's."""
        return self._texts(who.language or self._settings.service.language)

    def service_texts(self) -> Texts:
        """The words in the service's language, for somebody unknown."""
        return self._texts(self._settings.service.language)

    def facts(self, tx: Transaction, incident: Incident, purpose: Purpose, now: datetime) -> Facts:
        """What a text about this incident may say; who is at that home for another alarm is there for this one."""
        incident = presence.of_the_home(tx, incident, now)
        resident = _whose(tx, incident)
        # an unregistered device is known by its address, which may be the id of another home's
        device = tx.one("device_by_id", id=incident.device) if resident else None
        room = str(device["room"]) if device else ""
        record = self.record(tx, incident, now, room) if purpose in _HANDOFF else None
        pressed_at = incident.pressed_at if lateness(incident) is not None else None
        retired = None if resident else _retired(tx, incident)
        return wording.describe(
            incident,
            resident,
            now=now,
            zone=self._settings.zone,
            room=room,
            record=record,
            pressed_at=pressed_at,
            was=(retired.name, retired.home) if retired else ("", ""),
        )

    def record(self, tx: Transaction, incident: Incident, now: datetime, room: str = "") -> HandoffRecord:
        """The hand-off record as it stands now."""
        incident = presence.of_the_home(tx, incident, now)
        resident = _whose(tx, incident)
        named: list[tuple[Candidate, str]] = []
        for contact in contacts_of(tx, resident.id, incident.also) if resident else ():
            responder = lookup.responder(tx, contact.responder)
            if responder is not None:
                who = Candidate(
                    id=responder.id,
                    name=responder.name,
                    role=responder.role,
                    language=responder.language,
                    channels=(),
                    relationship=contact.relationship,
                )
                named.append((who, responder.phone))
        phones = {p.who.id: phone_of(tx, self._settings, p.who.id) for p in incident.participants}
        desk = self._settings.service.desk_phones
        return handoff.record(
            incident,
            resident,
            now=now,
            phones=phones,
            contacts=named,
            desk_phone=desk[0] if desk else "",
            room=room,
            pressed_at=incident.pressed_at if lateness(incident) is not None else None,
            reason=incident.close_reason if is_cancelled(incident) else "",
            position=_position(resident, incident),
            findings=handoff.Findings(text=incident.heard),
        )


def lateness(incident: Incident) -> timedelta | None:
    """How long the first signal was under way, where that is worth a word; None where it came at once or nobody knows.

    A device whose clock is wrong by more than a broker keeps anything is not believed.
    """
    if incident.pressed_at is None:
        return None
    late = incident.opened_at - incident.pressed_at
    return late if LATE < late <= LATEST else None


def is_cancelled(incident: Incident) -> bool:
    """Whether the hand-off was taken back."""
    return incident.handoff is not None and incident.handoff.state is HandoffState.CANCELLED


def _whose(tx: Transaction, incident: Incident) -> Resident | None:
    """Whose home it is; with those who have the same telephone, where it may be one of them who asked for help."""
    ids = (incident.resident, *incident.also) if incident.resident else ()
    known = [resident for one in ids if (resident := lookup.resident(tx, one)) is not None]
    if not known and incident.resident:  # it was closed, they were retired, and a text still waits
        return lookup.retired_resident(tx, incident.resident)
    return either(known) if known else None


def _retired(tx: Transaction, incident: Incident) -> lookup.RetiredDevice | None:
    """Whose device it was, of an incident of a device that was retired and speaks all the same."""
    if incident.resident is not None or not incident.subject.startswith(fairness.OF_DEVICE):
        return None
    family, _, address = incident.subject.removeprefix(fairness.OF_DEVICE).partition("/")
    return lookup.retired_device_at(tx, family, address)


def _position(resident: Resident | None, incident: Incident) -> tuple[float, float, float | None] | None:
    """Where the device is, if that is where the crew has to go; else the home's own position stands."""
    there = whereabouts.away(resident, incident.fix)
    if there is None or not there.fresh or incident.fix is None:
        return None
    return there.lat, there.lon, incident.fix.accuracy_m


def _is_there_already(tx: Transaction, incident: Incident, send: Send, to: str, body: str, now: datetime) -> bool:
    """Whether the same is on its way to that telephone: then the newest words take its place; no second one follows.

    A button that is pressed without end, or sticks, would else fill the provider's queue with one home's calls, and
    an outage end with everything said in it at once.
    """
    same = {
        "incident": incident.id,
        "destination": to,
        "channel": send.channel.value,
        "purpose": send.purpose.value,
    }
    waiting = tx.one("outbox_waiting", **same)
    if waiting is not None and send.purpose is Purpose.SAID:
        whole = f"{waiting['body']}\n{body}"
        count = tx.one("outbox_waiting_count", **same)
        if len(whole) > MOST_JOINED and send.channel is Channel.SMS and count is not None and count["n"] < MOST_SPLIT:
            return False  # the next text begins where this one is full
        tx.run("outbox_reworded", attempt=waiting["attempt"], body=joined(whole))
        return True
    if waiting is not None:
        tx.run("outbox_reworded", attempt=waiting["attempt"], body=body)
        if waiting["tries"] and look_up(waiting["code"]).remedy is Remedy.OTHER_CHANNEL_AND_RETRY:
            tx.run("outbox_now", attempt=waiting["attempt"], now=times.to_text(now))  # it waited for a better moment
        return True
    if send.purpose is Purpose.SAID:
        return False  # each text says something else
    pause = RINGS_FOR if send.channel is Channel.VOICE else NEWS_EVERY if send.purpose is Purpose.RAISED else None
    if pause is None:
        return False
    span = {"since": times.to_text(now - pause), "now": times.to_text(now), "moment": times.to_text(now - FIRST_WORD)}
    return tx.one("outbox_there_now", **same, **span, news=send.purpose in _NEWS) is not None


def _is_same_answer(tx: Transaction, incident: Incident, send: Send, to: str, body: str, now: datetime) -> bool:
    """Whether what they read last of that person was the same: a key pressed twice is one answer.

    Of the ambulance the last word of anybody counts: it was ordered, called off and ordered again.
    """
    if not send.answer:
        return False
    at = {"incident": incident.id, "destination": to, "channel": send.channel.value}
    by = "" if send.answer in OF_THE_AMBULANCE else send.by
    said = tx.one("outbox_said_by", **at, by=by, since=times.to_text(now - SAME_ANSWER))
    return said is not None and str(said["body"]).endswith(body)


def _native_reply(row: Row, status: str, incident: Incident) -> Message:
    payload = reply_payload(row["ref"], status, incident.id, row["report_every"])
    return Message(reply_topic(row["address"]), payload)


def _lamp(row: Row, status: str) -> Message | None:
    """A lamp, a relay or a buzzer, where devices.toml says so; what was ever on goes off at the end."""
    setting = msgspec.json.decode(row["setting"], type=Setting) if row["setting"] else Setting()
    shown = setting.answers if status != CLOSED else (setting.answers and (CLOSED,))
    if status not in shown:
        return None
    return answers.answer(
        row["family"], row["address"], status, topic=setting.answer_topic, payloads=setting.answer_payloads
    )


def reply_topic(address: str) -> str:
    """Where a device of alarmd's own family listens (CONTRACT.md, MQTT)."""
    return f"alarmd/v1/{address}/reply"


def reply_payload(ref: str | None, status: str, incident: str, report_every: int | None) -> bytes:
    """What such a device is told."""
    fields = {"ref": ref, "status": status, "incident": incident or None, "report_every": report_every}
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def log_message(tx: Transaction, row: Row, event: str, now: datetime, **data: Any) -> None:
    """An entry about one row of the outbox; empty facts are left out."""
    found = tx.one("incident_resident", id=row["incident"]) if row["incident"] else None
    known = {"attempt": row["attempt"], "channel": row["channel"], "purpose": row["purpose"]}
    entry = journal.Entry(
        event=event,
        incident=row["incident"],
        resident=found["resident"] if found else None,
        actor=row["person"],
        data=known | {name: value for name, value in data.items() if value not in {"", None}},
    )
    journal.append(tx, now, entry)


def _log(tx: Transaction, incident: Incident, event: str, actor: str, now: datetime, **data: object) -> None:
    entry = journal.Entry(
        event=event,
        incident=incident.id,
        resident=incident.resident,
        device=incident.device,
        actor=actor,
        data=dict(data),
    )
    journal.append(tx, now, entry)
