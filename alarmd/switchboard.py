"""What comes back from the phones: keys, replies and status callbacks, brought to the engine.

Only a person is an answer (promise 3): a key of the menu, or a reply that carries the code. That a call was answered,
that a text was delivered, what an answering-machine detector believes: facts for the log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from msgspec.structs import replace

from alarmd import callers, one_home, times
from alarmd.circle import EnginePeople, phone_of
from alarmd.clock import Clock
from alarmd.directory.proving import TEST_CALL
from alarmd.engine import Engine, decode_state
from alarmd.messages import Messages, log_message
from alarmd.outbox import Outbox
from alarmd.phone.callbacks import Scene, SendStatus, StatusUpdate
from alarmd.phone.codes import look_up
from alarmd.phone.provider import Rejected
from alarmd.phone.status import advance
from alarmd.replies import Replies
from alarmd.store import Row, StoreError, Transaction
from config.settings import Settings
from escalation import calls, menu, wording
from escalation.calls import standing_of
from escalation.incident import Answer, Answered, HandedOver, Incident, Purpose, Said, Status
from escalation.menu import Key
from escalation.people import Candidate, Role
from escalation.telephones import meant
from escalation.wording import Heard

log = structlog.get_logger()
T = TypeVar("T")

SEEN_FOR = timedelta(days=2)
_FINAL_STATES = {"refused", "failed", "delivered"}
_MOST_DIGITS = 16
_SAID_TO = {Key.CONFIRM: Heard.HANDED_OVER, Key.REJECT: Heard.REJECTED, Key.HEARD: Heard.NOTED}
_HANDS_OVER = frozenset({Key.CONFIRM, Key.REJECT})


class Switchboard:
    """The daemon's side of the provider's webhooks; see `alarmd.phone.callbacks.Callbacks`.

    Args:
        engine: Decides what an answer means.
        outbox: Remedies a send that failed after it was accepted.
        messages: Says what is said.
        settings: The operator's.
        clock: Read once for each callback.
    """

    def __init__(self, *, engine: Engine, outbox: Outbox, messages: Messages, settings: Settings, clock: Clock) -> None:
        self._engine = engine
        self._outbox = outbox
        self._messages = messages
        self._settings = settings
        self._clock = clock
        self._callers = callers.Callers(engine=engine, messages=messages, settings=settings)
        self._replies = Replies(engine=engine, messages=messages, settings=settings, callers=self._callers)

    async def status(self, update: StatusUpdate) -> None:
        """A status callback came."""
        await self._engine.store.write(partial(self._status, update=update))
        self._engine.committed()

    async def answered(self, attempt: str, sid: str, answered_by: str) -> Scene:
        """The call was taken: what is said."""
        return await self._engine.store.write(
            partial(self._answered, attempt=attempt, sid=sid, answered_by=answered_by)
        )

    async def key(self, attempt: str, sid: str, digits: str, token: str = "") -> Scene:
        """A key was pressed, or none came in time; that it came is kept in the commit of what it caused."""
        scene = await self._kept(partial(self._key, attempt=attempt, sid=sid, digits=digits, token=token))
        self._engine.committed()
        return scene

    async def text(self, sender: str, body: str, sid: str) -> str:
        """A text message came in; what to answer."""
        answer = await self._kept(partial(self._text, sender=sender, body=body, sid=sid))
        self._engine.committed()
        return answer

    async def _kept(self, take: Callable[..., T]) -> T:
        """A defect of ours must not lose a resident's cry for help: the desk gets it, without plan and directory."""
        try:
            return await self._engine.store.write(take)
        except StoreError:
            raise
        except Exception:  # whatever it is; the provider asks again where this does not help either
            log.exception("an answer could not be taken; once more, plainly")
            return await self._engine.store.write(partial(take, bare=True))

    # ------------------------------------------------------------ status

    def _status(self, tx: Transaction, *, update: StatusUpdate) -> None:
        row = tx.one("outbox_get", attempt=update.attempt)
        now = self._clock.now()
        if row is None:
            log.warning("status of an unknown attempt", raw=update.raw)
            return
        if _of_an_earlier_try(row, update.sid):
            return
        self._adopt(tx, row, update.sid, now)
        row = tx.one("outbox_get", attempt=update.attempt)
        assert row is not None
        before = SendStatus(row["status"]) if row["status"] else None
        after = advance(before, update.status)
        if after is before:
            return
        failed = after in {SendStatus.UNDELIVERED, SendStatus.FAILED}
        arrived = after is SendStatus.DELIVERED
        state = "delivered" if arrived else row["state"]
        tx.run(
            "outbox_status",
            attempt=row["attempt"],
            state=state,
            due_at=row["due_at"] if state == row["state"] else None,
            sid=update.sid,
            status=after.value,
            code=update.code,
            now=times.to_text(now),
        )
        if failed and row["state"] not in _FINAL_STATES:
            remedy = look_up(update.code).remedy
            refusal = Rejected(code=update.code or update.raw, reason=update.raw, remedy=remedy)
            self._outbox.rejected(tx, row, refusal, row["provider"], now)
        elif arrived or after is SendStatus.UNANSWERED:
            event = "message.delivered" if arrived else "message.unanswered"
            log_message(tx, row, event, now, raw=update.raw, answered_by=update.answered_by)

    def _adopt(self, tx: Transaction, row: Row, sid: str, now: datetime) -> None:
        """A callback names a send whose answer was lost: it was sent after all, so it is not sent again."""
        if _of_an_earlier_try(row, sid):
            return
        if row["state"] in {"unknown", "sending"} or (row["state"] == "queued" and row["tries"] > 0):
            tx.run(
                "outbox_settle",
                attempt=row["attempt"],
                state="sent",
                due_at=None,
                sid=sid,
                code="",
                now=times.to_text(now),
            )
            log_message(tx, row, "message.sent", now, sid=sid, adopted=True)

    # ------------------------------------------------------------ calls

    def _answered(self, tx: Transaction, *, attempt: str, sid: str, answered_by: str) -> Scene:
        now = self._clock.now()
        found = self._call(tx, attempt, sid, now)
        if found is None:
            return self._without_incident(tx, attempt, now, answered_by)
        row, incident, who = found
        log_message(tx, row, "message.answered", now, answered_by=answered_by)
        return self._opening(tx, row, incident, who, now)

    def _without_incident(self, tx: Transaction, attempt: str, now: datetime, answered_by: str) -> Scene:
        row = tx.one("outbox_get", attempt=attempt)
        texts = self._messages.service_texts()
        if row is None or row["purpose"] != TEST_CALL:
            return wording.unknown_call(texts)
        log_message(tx, row, "message.answered", now, answered_by=answered_by)
        return wording.test_call(texts)

    def _key(
        self, tx: Transaction, *, attempt: str, sid: str, digits: str, token: str = "", bare: bool = False
    ) -> Scene:
        now = self._clock.now()
        if token and not _first_time(tx, token, now):  # before a restart: it is heard how it was taken, and no more
            return self._heard_again(tx, attempt, sid, digits, now)
        found = self._call(tx, attempt, sid, now)
        if found is None:
            return wording.unknown_call(self._messages.service_texts())
        row, incident, who = found
        purpose = calls.menu_of(incident, Purpose(row["purpose"]), who)
        key = menu.meaning(purpose, digits)
        if incident.status is Status.CLOSED:
            return self._after_the_end(tx, key, digits, sid, row, incident, who, now, bare=bare)
        offered = calls.offered(purpose, who, standing_of(incident, who.id))
        if key in {Key.AGAIN, Key.NONE} or not offered:
            return self._opening(tx, row, incident, who, now)
        beside = one_home.others_they_go_to(tx, incident, who) if key is Key.THERE else []
        if key not in offered and not beside:  # what a menu does not offer is no answer
            taken = calls.about(incident, purpose, who) is Purpose.TAKEN
            return self._say(tx, Heard.TAKEN if taken else Heard.NOT_UNDERSTOOD, row, incident, who, now)
        for other in beside:  # who is at a home is there for each of its alarms
            self._happen(tx, other.incident.id, Answered(person=other.person, answer=Answer.THERE, via="voice"), now)
        return self._take(tx, key, row, incident, who, now)

    def _take(self, tx: Transaction, key: Key, row: Row, incident: Incident, who: Candidate, now: datetime) -> Scene:
        """A key of the menu that was heard."""
        if key in _HANDS_OVER:
            return self._hand_over(tx, row, incident, who, now, accepted=key is Key.CONFIRM)
        if key is Key.HEARD:
            log_message(tx, row, "message.answered", now, heard=True)
            return self._say(tx, Heard.NOTED, row, incident, who, now)
        answer = menu.answer(key)
        assert answer is not None
        event = Answered(person=who.id, answer=answer, via="voice")
        incident = self._happen(tx, incident.id, event, now)
        return self._say(tx, Heard(answer.value), row, incident, who, now)

    def _heard_again(self, tx: Transaction, attempt: str, sid: str, digits: str, now: datetime) -> Scene:
        """What was said to a key, said again: the answer of the first time was lost, its effect was not."""
        found = self._call(tx, attempt, sid, now)
        if found is None:
            return wording.unknown_call(self._messages.service_texts())
        row, incident, who = found
        key = menu.meaning(calls.menu_of(incident, Purpose(row["purpose"]), who), digits)
        answer = menu.answer(key)
        heard = Heard(answer.value) if answer is not None else _SAID_TO.get(key)
        if heard is None:
            return self._opening(tx, row, incident, who, now)
        if key in _HANDS_OVER:
            heard = calls.hand_off_heard(incident, who.id, accepted=key is Key.CONFIRM)
        if incident.status is Status.CLOSED and row["purpose"] != Purpose.VERIFY:
            heard = Heard.CLOSED
        return self._say(tx, heard, row, incident, who, now)

    def _after_the_end(
        self,
        tx: Transaction,
        key: Key,
        digits: str,
        sid: str,
        row: Row,
        incident: Incident,
        who: Candidate,
        now: datetime,
        *,
        bare: bool,
    ) -> Scene:
        """The alarm is closed, but a key still says something; above all of the resident who has not answered yet."""
        answer = menu.answer(key)
        if calls.about(incident, Purpose(row["purpose"]), who) is Purpose.HANDOFF_CANCEL:
            return self._called_off(tx, key, digits, row, incident, who, now)
        if row["purpose"] != Purpose.VERIFY or incident.resident is None:
            self._late_key(tx, row, digits, incident, who, now)
            return self._say(tx, Heard.CLOSED, row, incident, who, now)
        if answer is None:
            return self._opening(tx, row, incident, who, now)
        self._happen(tx, incident.id, Answered(person=row["person"], answer=answer, via="voice"), now)
        if answer is Answer.CANNOT:
            said = f"key 2, {incident.id}"
            self._callers.help(tx, incident.resident, callers.VOICE, now, said=said, ref=sid, bare=bare)
        return self._say(tx, Heard(answer.value), row, incident, who, now)

    def _called_off(
        self, tx: Transaction, key: Key, digits: str, row: Row, incident: Incident, who: Candidate, now: datetime
    ) -> Scene:
        """The hand-off is taken back; who was listening to it when that happened hears so, whatever they press.

        Who had heard it before and takes it, or refuses, is on record and read at the desk: an ambulance may be on its
        way that nobody needs.
        """
        meant = menu.meaning(Purpose.HANDOFF, digits)
        if meant in _HANDS_OVER and _was_to_take_it(row, incident) and _had_heard_it(row, incident):
            event = HandedOver(by=who.id, via="voice", accepted=meant is Key.CONFIRM)
            self._happen(tx, incident.id, event, now)
            return self._say(tx, Heard.CALLED_OFF, row, incident, who, now)
        if key is not Key.HEARD:
            if key is Key.NOT_UNDERSTOOD:
                self._happen(tx, incident.id, _not_understood(digits, who), now)
            again = key in {Key.AGAIN, Key.NONE} or row["purpose"] != Purpose.HANDOFF_CANCEL
            if again:
                return self._opening(tx, row, incident, who, now)
            return self._say(tx, Heard.NOT_UNDERSTOOD, row, incident, who, now)
        log_message(tx, row, "message.answered", now, heard=True)
        return self._say(tx, Heard.CALLED_OFF, row, incident, who, now)

    def _late_key(
        self,
        tx: Transaction,
        row: Row,
        digits: str,
        incident: Incident,
        who: Candidate,
        now: datetime,
    ) -> None:
        """It changes nothing any more, but is on record and reaches the desk; to hear it again says nothing.

        It is taken as the menu had it that was heard before the close, and not as that of the end.
        """
        event: Answered | HandedOver | Said
        key = menu.meaning(Purpose(row["purpose"]), digits)
        answer = menu.answer(key)
        if key is Key.HEARD:
            log_message(tx, row, "message.answered", now, heard=True)
            return
        if key in _HANDS_OVER:
            event = HandedOver(by=who.id, via="voice", accepted=key is Key.CONFIRM)
        elif answer is not None:
            event = Answered(person=who.id, answer=answer, via="voice")
        elif key is Key.NOT_UNDERSTOOD:
            event = _not_understood(digits, who)
        else:
            return
        self._happen(tx, incident.id, event, now)

    def _hand_over(
        self, tx: Transaction, row: Row, incident: Incident, who: Candidate, now: datetime, *, accepted: bool
    ) -> Scene:
        event = HandedOver(by=row["person"], via="voice", accepted=accepted, reason="" if accepted else "key 2")
        incident = self._happen(tx, incident.id, event, now)
        return self._say(tx, calls.hand_off_heard(incident, who.id, accepted=accepted), row, incident, who, now)

    def _call(self, tx: Transaction, attempt: str, sid: str, now: datetime) -> tuple[Row, Incident, Candidate] | None:
        row = tx.one("outbox_get", attempt=attempt)
        if row is None or row["incident"] is None:
            return None
        self._adopt(tx, row, sid, now)
        tx.run("call_picked_up", attempt=attempt, now=times.to_text(now))  # never hung up on
        if tx.one("retired_of", kind="responder", id=row["person"]) is not None:
            return None  # rung before they were retired: their keys are a stranger's
        if row["destination"] != phone_of(tx, self._settings, row["person"]):
            log_message(tx, row, "message.unread", now, why="number_changed")
            return None  # rung before their number was changed: the keys are those of another telephone now
        stored = tx.one("incident_get", id=row["incident"])
        assert stored is not None
        incident = decode_state(stored)
        purpose = Purpose(row["purpose"])
        person = row["person"] if purpose in menu.HANDOFF_PURPOSES else meant(incident, row["person"])
        return row, incident, self._who(tx, incident, person, now)

    def _who(self, tx: Transaction, incident: Incident, person: str, now: datetime) -> Candidate:
        asked = next((p.who for p in incident.participants if p.who.id == person), None)
        known = asked or EnginePeople(tx, settings=self._settings, now=now).person(incident, person)
        return known or Candidate(id=person, name=person, role=Role.DESK, language="", channels=())

    def _opening(self, tx: Transaction, row: Row, incident: Incident, who: Candidate, now: datetime) -> Scene:
        texts = self._messages.texts_for(who)
        purpose = calls.about(incident, Purpose(row["purpose"]), who)  # what it is about by now
        if purpose is None:
            return wording.unknown_call(texts)
        facts = self._messages.facts(tx, incident, purpose, now)
        facts = replace(facts, beside=bool(one_home.others_they_go_to(tx, incident, who)))
        if purpose is Purpose.SAID:
            by, _, words = row["body"].partition("\n")
            facts = replace(facts, by=by, words=words)
        return wording.opening(purpose, facts, who, texts, standing=standing_of(incident, who.id))

    def _say(self, tx: Transaction, heard: Heard, row: Row, incident: Incident, who: Candidate, now: datetime) -> Scene:
        purpose = calls.menu_of(incident, Purpose(row["purpose"]), who)
        facts = self._messages.facts(tx, incident, purpose, now)
        facts = replace(facts, beside=bool(one_home.others_they_go_to(tx, incident, who)))
        standing = standing_of(incident, who.id)
        return wording.answer(heard, purpose, facts, who, self._messages.texts_for(who), standing=standing)

    # ------------------------------------------------------------ texts

    def _text(self, tx: Transaction, *, sender: str, body: str, sid: str, bare: bool = False) -> str:
        now = self._clock.now()
        if sid and not _first_time(tx, f"text {sid}", now):
            return ""  # asked again after a restart: it was taken, and a second "1" would mean "on my way"
        return self._replies.take(tx, sender, body, sid, now, bare=bare)

    # ------------------------------------------------------------ small hands

    def _happen(self, tx: Transaction, incident: str, event: Answered | HandedOver | Said, now: datetime) -> Incident:
        row = tx.one("incident_get", id=incident)
        assert row is not None
        return self._engine.happen(tx, row, event, now)


def _was_to_take_it(row: Row, incident: Incident) -> bool:
    """Whether a call had the menu of the hand-off that was taken back; news of one that nobody has taken has it too."""
    never_taken = incident.handoff is not None and not incident.handoff.confirmed_by
    return row["purpose"] == Purpose.HANDOFF or (row["purpose"] == Purpose.HANDOFF_UPDATE and never_taken)


def _first_time(tx: Transaction, token: str, now: datetime) -> bool:
    """Whether it was never taken before; kept in the transaction of what it causes."""
    tx.run("callback_trim", before=times.to_text(now - SEEN_FOR))
    return tx.run("callback_first", token=token, at=times.to_text(now)) == 1


def _of_an_earlier_try(row: Row, sid: str) -> bool:
    """Whether a callback speaks of a try that is over: what is to be sent again was not sent by that.

    Callbacks come out of order, so the "sent" of a text may come after its "undelivered".
    """
    if not sid or not row["sid"]:
        return False
    if row["state"] in {"queued", "sending", "unknown"}:
        return bool(row["sid"] == sid)
    return bool(row["tries"] > 1 and row["sid"] != sid)


def _not_understood(digits: str, who: Candidate) -> Said:
    """A key after the close that no menu offers: a person has to make sense of it."""
    return Said(person=who.id, name=who.name, words=digits[:_MOST_DIGITS], via="voice", why="closed")


def _had_heard_it(row: Row, incident: Incident) -> bool:
    """Whether a call was taken before the alarm was closed; where nobody knows when, it was."""
    if row["status"] != "answered" or incident.closed_at is None:
        return True
    return times.from_text(row["changed_at"]) < incident.closed_at
