"""The only writer of incidents: load, decide, commit.

Everything here that takes a `Transaction` runs inside one store transaction: the incident, its next deadline, the
messages to be sent and the log entries are on disk together, or not at all (promise 1).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from alarmd import called_away, fairness, journal, messages, times
from alarmd.circle import EnginePeople, OnlyDesk, phone_of
from alarmd.clock import Clock
from alarmd.directory.around import choose_for
from alarmd.ids import Ids
from alarmd.joining import Writer
from alarmd.right_of_way import RightOfWay
from alarmd.store import Row, Store, Transaction
from config.settings import Settings, plan_for
from config.wording import for_later
from escalation import decide as story
from escalation import incident as incidents
from escalation import wording
from escalation.draft import ACTIVE
from escalation.incident import (
    Answer,
    Answered,
    CalledAway,
    Closed,
    Event,
    Incident,
    Log,
    Noted,
    Pressed,
    Reply,
    Send,
    Status,
    Unsend,
)
from escalation.people import Candidate, Role
from escalation.plan import TECHNICAL, Plan, Step, Who
from escalation.replay import Cause, Recorder
from escalation.texts.facts import Texts

log = structlog.get_logger()

ENGAGED_AFTER_ARRIVAL = timedelta(hours=1)
_SERVES_MANY = frozenset({Role.DESK, Role.DISPATCH, Role.RESIDENT})
DESK_ONLY = Plan(name="desk", signals=(), steps=())


class EngineError(Exception):
    """The engine refuses; its text is a sentence for the person who asked."""


class UnknownIncidentError(EngineError):
    """There is no such incident."""


class NotAllowedError(EngineError):
    """This cannot be done to the incident as it stands."""


_CLOSED = for_later("incident {incident} is closed already")
_CLOSING_NEEDS = for_later("closing needs a person and a reason: say who closes it and why")
_NOTE_NEEDS = for_later("a note needs a person and a text: say who notes what")
NOT_ALLOWED = (_CLOSED, _CLOSING_NEEDS, _NOTE_NEEDS)
"""Every sentence that `NotAllowedError` may hold, before its facts are put in."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is opened with; ``sender`` is who is behind it, where that is known (`alarmd.fairness`)."""

    subject: str
    resident: str | None
    plan_name: str
    device: str
    kind: str
    pressed: Pressed
    sender: str = ""


class Engine:
    """Loads, decides and stores; knows the settings and plans, and wakes whoever must act on what was committed.

    Args:
        store: Where incidents are.
        settings: The operator's.
        plans: By name, as shipped and as the operator wrote them.
        clock: Read once for each decision.
        ids: Where references and codes come from.
        messages_: Turns a `Send` into a row of the outbox.
    """

    def __init__(
        self,
        *,
        store: Store,
        settings: Settings,
        plans: Mapping[str, Plan],
        clock: Clock,
        ids: Ids,
        messages_: messages.Messages,
    ) -> None:
        self.store = store
        self.clock = clock
        self._settings = settings
        self._plans = plans
        self._ids = ids
        self._messages = messages_
        self._listeners: list[Callable[[], None]] = []
        self.way = RightOfWay()
        """Claimed while an alarm is on its way; asked by whoever reads in bulk."""
        self._withdrawn: list[Callable[[str], None]] = []
        self._answered: list[Callable[[str, str, datetime], None]] = []

    @property
    def zone(self) -> tzinfo:
        """The service's own time."""
        return self._settings.zone

    @property
    def settings(self) -> Settings:
        """The operator's."""
        return self._settings

    @property
    def messages(self) -> messages.Messages:
        """Writes the words of what is sent."""
        return self._messages

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each commit that may have queued a message or moved a deadline."""
        self._listeners.append(listener)

    def on_withdrawn(self, listener: Callable[[str], None]) -> None:
        """Call ``listener``, once it is committed, with an incident whose messages need not go out any more."""
        self._withdrawn.append(listener)

    def on_answered(self, listener: Callable[[str, str, datetime], None]) -> None:
        """Call ``listener``, once it is committed, with an incident, who answered it, by whatever way, and when."""
        self._answered.append(listener)

    def committed(self) -> None:
        """Wake the outbox and the timers; they look for themselves what there is."""
        for listener in self._listeners:
            listener()

    # ------------------------------------------------------------ from outside

    async def apply(self, incident_id: str, event: Event, *, login: str = "", then: Event | None = None) -> Incident:
        """Let something happen to an incident, and return it as stored.

        Args:
            incident_id: Which.
            event: What happened; on whose word, it says itself.
            login: By whose login that was entered (``token:night desk``), for the log.
            then: What happened with it, in the same commit: both, or neither.

        Raises:
            UnknownIncidentError: There is none of that id.
            NotAllowedError: Closed already, or who or why is missing.
        """
        _check(event)

        def work(tx: Transaction) -> Incident:
            tx.login = login
            row = tx.one("incident_get", id=incident_id)
            if row is None:
                raise UnknownIncidentError(f"there is no incident {incident_id}")
            if isinstance(event, Closed) and decode_state(row).status is Status.CLOSED:
                raise NotAllowedError(_CLOSED.format(incident=incident_id))
            now = self.clock.now()
            incident = self.happen(tx, row, event, now)
            again = tx.one("incident_get", id=incident_id) if then is not None else None
            return incident if then is None or again is None else self.happen(tx, again, then, now)

        self.way.claim()
        incident = await self.store.write(work)
        self.way.claim()
        self.committed()
        return incident

    # ------------------------------------------------------------ inside a transaction

    def press(self, tx: Transaction, opening: Opening, now: datetime, *, bare: bool = False) -> Incident:
        """A press of a subject: raises the open incident of its kind, or opens one.

        ``bare`` opens it for the desk only, without plan and directory: the way out when a defect of ours bars the
        usual one. Where the stored incident itself cannot be read, another is opened beside it.
        """
        row = tx.one("incident_open_of", subject=opening.subject, kind=opening.kind)
        if row is not None and bare and not is_readable(row):
            log.error("incident cannot be read, another is opened beside it", incident=row["id"])
            return self.press(tx, replace(opening, subject=f"beside:{row['id']}"), now, bare=True)
        if row is not None:
            raised = self.happen(tx, row, opening.pressed, now, bare=bare)
            return raised if bare else self._call_away_who_pressed(tx, raised, now)
        incident = story.opening(
            id=self._ids.incident(
                now.astimezone(self._settings.zone), lambda i: bool(tx.one("incident_id_in_use", id=i))
            ),
            code=self._ids.code(
                lambda c: bool(tx.one("incident_code_in_use", code=c)),
                lambda digits: sum(row["codes"] for row in tx.all("codes_in_use", digits=digits)),
            ),
            subject=opening.subject,
            resident=opening.resident,
            device=opening.device,
            kind=opening.kind,
            plan=DESK_ONLY if bare else self._freeze(opening),
            now=now,
            suspect=opening.pressed.suspect,
            pressed_at=opening.pressed.pressed_at,
        )
        if opening.sender and not bare:
            self._bound(tx, incident.id, opening.sender, now)
        opened = self._decide(tx, incident, opening.pressed, now, revision=0, bare=bare)
        return opened if bare else self._call_away_who_pressed(tx, opened, now)

    def _call_away_who_pressed(self, tx: Transaction, incident: Incident, now: datetime) -> Incident:
        self._call_away(tx, called_away.by_their_own_alarm(tx, self._settings, incident, now), now)
        return incident

    def _call_away(self, tx: Transaction, counted_on: Iterable[tuple[str, CalledAway]], now: datetime) -> None:
        """Where somebody is counted on who is needed elsewhere, it goes on at once, in the same commit."""
        for other, event in list(counted_on):
            row = tx.one("incident_get", id=other)
            if row is not None:
                self.happen(tx, row, event, now)

    def _bound(self, tx: Transaction, incident: str, sender: str, now: datetime) -> None:
        """Who opens incidents faster than any ward: the further ones stand behind those of others, the desk is told."""
        until, tell = fairness.opens(tx, sender, now)
        if until > now:
            fairness.stand_behind(tx, incident, until)
        if tell:
            name = sender.rpartition(":")[2]
            self.tell_desk(tx, partial(wording.crowding, name, fairness.AT_ONCE), now)

    def tell_desk(
        self, tx: Transaction, write: Callable[[Texts], str], now: datetime, *, of: Writer | None = None
    ) -> None:
        """Have the desk's people on duty read a text that belongs to no incident; nobody there is a gap."""
        if not self._messages.tell_desk(tx, self.at_desk(tx, now), write, now, of=of):
            data = {"why": "nobody at the desk to read it", "contact": "desk"}
            journal.append(tx, now, journal.Entry(event="incident.gap", data=data))

    def at_desk(self, tx: Transaction, now: datetime) -> tuple[Candidate, ...]:
        """Who sits at the desk now."""
        return choose_for(tx, Step(contact=Who.DESK), None, settings=self._settings, now=now).chosen

    def happen(self, tx: Transaction, row: Row, event: Event, now: datetime, *, bare: bool = False) -> Incident:
        """Let something happen to a stored incident; ``bare``: without the directory, as in `press`."""
        return self._decide(tx, decode_state(row), event, now, revision=row["revision"], bare=bare)

    def unanswered(self, tx: Transaction) -> list[str]:
        """The open incidents that nobody has taken yet."""
        return [row["id"] for row in tx.all("incidents_unanswered")]

    def reply(
        self, tx: Transaction, incident_id: str, status: str, now: datetime, *, only_latest: bool = False
    ) -> None:
        """Tell the devices of an incident that nobody has taken yet; where somebody has, they know better already."""
        row = tx.one("incident_get", id=incident_id)
        if row is None or not is_readable(row):
            return
        incident = decode_state(row)
        if incident.status in {Status.OPENED, Status.NOTIFYING}:
            self._messages.reply(tx, incident, status, now, only_latest=only_latest)

    def _decide(
        self, tx: Transaction, before: Incident, event: Event, now: datetime, *, revision: int, bare: bool
    ) -> Incident:
        directory = OnlyDesk(self._settings) if bare else EnginePeople(tx, settings=self._settings, now=now)
        people = Recorder(directory)
        if (
            isinstance(event, Answered) and not event.by and not bare
        ):  # an operator who answers for somebody has asked them
            known = EnginePeople(tx, settings=self._settings, now=now)
            event = replace(event, engaged=known.is_engaged(before, event.person))
        after, effects = story.decide(before, event, now, people)
        if after == before and not effects:
            return after
        self._save(tx, after, revision=revision)
        opened = before if revision == 0 else None
        cause = Cause(event=event, choices=tuple(people.choices), opened=opened)
        self._log(tx, after, effects, cause, now)
        for effect in effects:
            self._carry_out(tx, after, effect, now)
        if isinstance(event, Answered):
            for listener in self._answered:
                tx.once_committed(partial(listener, after.id, event.person, now))
            if event.answer is Answer.THERE and not bare:
                self._call_away(tx, called_away.by_arriving(tx, self._settings, before, after, now), now)
            elif event.answer is Answer.GO and not bare:
                self._call_away(tx, called_away.by_going(tx, self._settings, before, after, now), now)
        return after

    def _save(self, tx: Transaction, incident: Incident, *, revision: int) -> None:
        due = min((d.due_at for d in incident.deadlines), default=None)
        values: dict[str, Any] = {
            "id": incident.id,
            "status": incident.status.value,
            "due_at": due and times.to_text(due),
            "step": incident.step,
            "closed_at": incident.closed_at and times.to_text(incident.closed_at),
            "closed_by": incident.closed_by,
            "close_reason": incident.close_reason,
            "state": msgspec.json.encode(incident).decode(),
        }
        if revision == 0:
            tx.run(
                "incident_insert",
                **values,
                code=incident.code,
                subject=incident.subject,
                resident=incident.resident,
                device=incident.device,
                kind=incident.kind,
                opened_at=times.to_text(incident.opened_at),
            )
        elif tx.run("incident_update", **values, revision=revision) != 1:
            raise EngineError(f"incident {incident.id} was changed by somebody else in the meantime")
        self._engage(tx, incident)

    def _engage(self, tx: Transaction, incident: Incident) -> None:
        """Keep who is busy where, and until when at the latest; see `alarmd.circle`.

        A device's trouble busies nobody, and at the desk many are served at once.
        """
        tx.run("engagement_clear", incident=incident.id)
        if incident.status is Status.CLOSED or incident.plan.remind:
            return
        for participant in incident.participants:
            if participant.standing in ACTIVE and participant.who.role not in _SERVES_MANY:
                free = None
                if participant.standing is incidents.Standing.ARRIVED:
                    free = times.to_text((participant.arrived_at or incident.opened_at) + ENGAGED_AFTER_ARRIVAL)
                tx.run(
                    "engagement_add",
                    person=participant.who.id,
                    incident=incident.id,
                    home=incident.subject,
                    phone=phone_of(tx, self._settings, participant.who.id),
                    until=free,
                )

    def _log(self, tx: Transaction, incident: Incident, effects: tuple[Any, ...], cause: Cause, now: datetime) -> None:
        logs = [e for e in effects if isinstance(e, Log)] or [Log(event="incident.changed")]
        for i, entry in enumerate(logs):
            data = entry.data | ({"cause": msgspec.to_builtins(cause)} if i == 0 else {})
            journal.append(
                tx,
                now,
                journal.Entry(
                    event=entry.event,
                    incident=incident.id,
                    resident=incident.resident,
                    device=incident.device,
                    actor=entry.actor,
                    data=data,
                ),
            )

    def _carry_out(self, tx: Transaction, incident: Incident, effect: Any, now: datetime) -> None:
        match effect:
            case Send():
                self._queue(tx, incident, effect, now)
            case Unsend():
                self._messages.withdraw(tx, incident, effect, now)
                for listener in self._withdrawn:
                    tx.once_committed(partial(listener, incident.id))
            case Reply():
                self._messages.reply(tx, incident, effect.status, now)
            case _:
                pass

    def _queue(self, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        try:
            self._messages.queue(tx, incident, send, now)
        except sqlite3.OperationalError:  # a full disk undoes all that came before: nothing more may be written here
            raise
        except Exception as error:
            log.exception("message not queued", incident=incident.id, person=send.to.id)
            data = {"why": "defect", "person": send.to.id, "channel": send.channel.value, "error": repr(error)}
            entry = journal.Entry(event="incident.gap", incident=incident.id, resident=incident.resident, data=data)
            journal.append(tx, now, entry)

    def _freeze(self, opening: Opening) -> Plan:
        """The plan as it is now, with the service's limits; a plan edited later changes no open incident."""
        if opening.plan_name == TECHNICAL and TECHNICAL in self._plans:
            return self._plans[TECHNICAL]
        if opening.resident is None:
            return DESK_ONLY
        plan = plan_for(opening.kind, opening.plan_name, self._settings.service.plan, self._plans)
        confirm_within = self._settings.ambulance.confirm_within
        steps = tuple(replace(s, wait=confirm_within) if s.contact is Who.AMBULANCE else s for s in plan.steps)
        return replace(plan, steps=steps, reach_within=self._settings.service.reach_within)


def decode_state(row: Row) -> Incident:
    """The incident of a row."""
    return msgspec.json.decode(row["state"], type=Incident)


def is_readable(row: Row) -> bool:
    """Whether the incident of a row can be read at all."""
    try:
        decode_state(row)
    except msgspec.MsgspecError:
        return False
    return True


def _check(event: Event) -> None:
    if isinstance(event, Closed) and not (event.by.strip() and event.reason.strip()):
        raise NotAllowedError(_CLOSING_NEEDS)
    if isinstance(event, Noted) and not (event.by.strip() and event.text.strip()):
        raise NotAllowedError(_NOTE_NEEDS)
