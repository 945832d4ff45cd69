"""Whatever happens, in whatever order: the promises hold. Hypothesis looks for a story that breaks one."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from escalation import decide as story
from escalation.incident import (
    Answer,
    Answered,
    CalledAway,
    Closed,
    Deadline,
    DeadlineKind,
    DeviceReset,
    Due,
    Elsewhere,
    Event,
    HandedOver,
    Handoff,
    HandoffState,
    Incident,
    Log,
    Noted,
    Pressed,
    Purpose,
    Recovered,
    Refused,
    Repaired,
    Said,
    Send,
    Standing,
    Status,
)
from escalation.people import Candidate, Channel, Role, telephone_of
from escalation.plan import Plan, Step, Who
from escalation.replay import Cause, Recorder, replay
from tests.support.circles import DESK, LINE, START, WANG, Circle, neighbour

NAMES = ["li", "chen", "zhou", "wu", "daughter", "desk:0", "line", "stranger", "resident:wang"]
_PEOPLE = st.lists(
    st.sampled_from([neighbour(n, 10 * i + 1) for i, n in enumerate(NAMES[:5])]), max_size=4, unique=True
)
_ASKING = st.sampled_from([Who.NEAREST, Who.CONTACTS, Who.CIRCLE, Who.EVERYONE])
_WAITS = st.floats(min_value=1, max_value=600, allow_nan=False)
_TELLS = {
    "handoff.queued": Purpose.HANDOFF,
    "handoff.updated": Purpose.HANDOFF_UPDATE,
    "handoff.cancelled": Purpose.HANDOFF_CANCEL,
}
_SHARED = st.sampled_from(
    [
        (),
        ("li", "chen"),
        ("daughter", "desk:0"),
        ("daughter", "line"),
        ("zhou", "resident:wang"),
        ("line", "desk:0"),
        ("li", "chen", "zhou", "daughter", "desk:0", "line"),
    ]
)
"""Who has one telephone."""
_TAKEN = {Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED}


def on_one_telephone(who: Candidate, shared: tuple[str, ...]) -> Candidate:
    """As the directory offers them, who knows whose telephone it is too."""
    return replace(who, telephone=shared[0]) if who.id in shared else who


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans of every shape, also those without any step, without ambulance, or with the desk in the middle."""
    steps = draw(
        st.lists(
            st.builds(
                Step,
                contact=st.one_of(_ASKING, st.just(Who.AMBULANCE), st.just(Who.DESK), st.just(Who.RESIDENT)),
                count=st.integers(1, 4),
                wait=_WAITS,
                repeat=st.one_of(st.none(), _WAITS),
                together=st.booleans(),
            ),
            max_size=4,
        )
    )
    remind = draw(st.one_of(st.none(), st.none(), _WAITS))
    keep_asking = draw(st.booleans())
    return Plan(name="drawn", signals=("sos",), steps=tuple(steps), remind=remind, keep_asking=keep_asking)


class Emergency(RuleBasedStateMachine):
    """One incident from press to close, with everything that can come in between, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = START
        self.incident: Incident
        self.causes: list[tuple[datetime, Cause]] = []
        self.said_go: set[str] = set()
        self.confirmed = False

    @initialize(
        plan=plans(),
        steps=st.lists(_PEOPLE, min_size=4, max_size=4),
        desk=st.booleans(),
        line=st.booleans(),
        kind=st.sampled_from(["sos", "fall"]),
        shared=_SHARED,
    )
    def a_press(
        self,
        *,
        plan: Plan,
        steps: list[list[Candidate]],
        desk: bool,
        line: bool,
        kind: str,
        shared: tuple[str, ...],
    ) -> None:
        for step, people in zip(plan.steps, steps, strict=False):
            if step.contact is Who.AMBULANCE:
                people[:] = [LINE] if line else [DESK] if desk else []
            elif step.contact is Who.DESK:
                people[:] = [DESK] if desk else []
            elif step.contact is Who.RESIDENT:
                people[:] = [WANG]
            people[:] = [on_one_telephone(one, shared) for one in people]
        self.shared = shared
        self.people = Circle(*steps, desk=[on_one_telephone(DESK, shared)] if desk else [])
        self.incident = story.opening(
            id="i", code="4821", subject="wang", resident="wang", device="b", kind=kind, plan=plan, now=self.now
        )
        self.happens(Pressed(signal=1, device="b", type="sos"))

    def happens(self, event: Event) -> None:
        recorder = Recorder(self.people)
        opened = None if self.causes else self.incident
        before = self.incident
        self.incident, self.effects = story.decide(before, event, self.now, recorder)
        self.causes.append((self.now, Cause(event=event, choices=tuple(recorder.choices), opened=opened)))
        self.an_entry_that_says_told_has_its_message()
        if before.status is Status.CLOSED:
            assert self.incident == before
            sends = [effect for effect in self.effects if isinstance(effect, Send)]
            assert all(send.purpose is Purpose.SAID for send in sends), "only what was said"
            assert all(send.to.id != send.whose for send in sends), "nobody is told their own words"
            told = isinstance(event, Answered | HandedOver | Said) and self.people.at_desk
            if told and not (isinstance(event, HandedOver) and event.via == "desk") and not self._is_home(event):
                assert sends, "it was said after the close, and nobody was told"
        self.one_number_is_one_conversation()

    def an_entry_that_says_told_has_its_message(self) -> None:
        """Whoever an entry of this decision calls told, rung or asked is sent something by the same decision.

        Who shares a telephone is told by what that telephone hears: it is called once, and about one thing.
        """
        sends = [e for e in self.effects if isinstance(e, Send)]
        sent = {(e.purpose, e.to.id) for e in sends}
        reached = {telephone_of(e.to) for e in sends}
        for entry in (e for e in self.effects if isinstance(e, Log)):
            if entry.event in _TELLS:
                to = [one["id"] if isinstance(one, dict) else one for one in entry.data["to"]]
                assert to, f"{entry.event} tells nobody"
                assert all((_TELLS[entry.event], who) in sent or self.shares(who, reached) for who in to), entry
            if entry.event == "incident.step" and entry.data["contact"] != "ambulance":
                assert all(self.telephone(one["id"]) in reached for one in entry.data["chosen"]), entry
            if "told" in entry.data:
                told = [one["id"] for one in entry.data["told"]]
                assert all((Purpose.AFTERCARE, who) in sent or self.shares(who, reached) for who in told), entry

    def telephone(self, who: str) -> str:
        """Whose telephone somebody has."""
        return self.shared[0] if who in self.shared else who

    def shares(self, who: str, reached: set[str]) -> bool:
        return who in self.shared and self.shared[0] in reached

    def one_number_is_one_conversation(self) -> None:
        """A number is rung once a round, hears each thing once, and one that goes is neither asked nor told to stay."""
        sends = [effect for effect in self.effects if isinstance(effect, Send)]
        calls = [telephone_of(send.to) for send in sends if send.channel is Channel.VOICE]
        assert len(calls) == len(set(calls)), "one telephone is rung twice at once"
        texts = [(telephone_of(s.to), s.purpose, s.words) for s in sends if s.channel is Channel.SMS]
        assert len(texts) == len(set(texts)), "one telephone reads the same twice"
        goes = {telephone_of(p.who) for p in self.incident.participants if p.standing in _TAKEN}
        told = {telephone_of(send.to) for send in sends if send.purpose in {Purpose.ASK, Purpose.TAKEN}}
        assert not told & goes, "a telephone that goes is asked, or told to stay"

    def _is_home(self, event: Event) -> bool:
        """Whether it is the resident's own answer, or the desk's, which need not be told of it."""
        if isinstance(event, Answered) and event.by:
            return True  # an operator at the console
        person = event.by if isinstance(event, HandedOver) else getattr(event, "person", "")
        return self.telephone(person) == self.telephone(DESK.id) or person.startswith("resident:")

    @rule(seconds=st.floats(min_value=0, max_value=1800, allow_nan=False))
    def time_passes(self, seconds: float) -> None:
        """Deadlines fire as they come due, or late, when the machine stood still."""
        self.now += timedelta(seconds=seconds)
        for deadline in self.due():
            self.happens(Due(kind=deadline.kind, due_at=deadline.due_at, person=deadline.person))

    def due(self) -> list[Deadline]:
        return sorted((d for d in self.incident.deadlines if d.due_at <= self.now), key=lambda d: d.due_at)

    @rule(
        who=st.sampled_from(NAMES),
        answer=st.sampled_from(list(Answer)),
        via=st.sampled_from(["voice", "sms", "desk"]),
        engaged=st.booleans(),
    )
    def somebody_answers(self, *, who: str, answer: Answer, via: str, engaged: bool) -> None:
        if answer is not Answer.CANNOT:
            self.said_go.add(who)
        self.happens(Answered(person=who, answer=answer, via=via, engaged=engaged))

    @rule(who=st.sampled_from(NAMES), why=st.sampled_from(Elsewhere))
    def somebody_is_needed_elsewhere(self, *, who: str, why: Elsewhere) -> None:
        """An alarm of their own, or another home's door: nobody waits for them here."""
        self.happens(CalledAway(person=who, why=why, incident="other"))
        if self.incident.status is Status.CLOSED:
            return
        for p in self.incident.participants:
            if p.who.id == who and p.who.role not in {Role.DESK, Role.DISPATCH}:
                assert p.standing not in {Standing.ACCEPTED, Standing.COMING}, "somebody else's emergency is waited for"

    @rule(who=st.sampled_from(NAMES), channel=st.sampled_from(Channel), dead=st.booleans())
    def a_message_is_refused(self, *, who: str, channel: Channel, dead: bool) -> None:
        self.happens(Refused(person=who, channel=channel, code="21211" if dead else "30006", dead_number=dead))

    @rule(who=st.sampled_from(NAMES), channel=st.sampled_from(Channel))
    def a_message_is_refused_for_now(self, *, who: str, channel: Channel) -> None:
        """A handset that is off, a queue that is full, a call that failed: nothing is closed by it."""
        before = {p.who.id: (p.failed, p.standing) for p in self.incident.participants if p.who.id == who}
        self.happens(Refused(person=who, channel=channel, code="30003", for_now=True))
        for participant in self.incident.participants:
            if participant.who.id in before and participant.who.role is not Role.RESIDENT:
                assert (participant.failed, participant.standing) == before[who]

    @rule(signal=st.integers(2, 100))
    def pressed_again(self, signal: int) -> None:
        """Whoever "has it": a press while nobody is known to be on the way reaches somebody."""
        before = self.incident
        self.happens(Pressed(signal=signal, device="b", type="sos"))
        if before.status is Status.CLOSED or before.plan.remind or self._is_verified(before):
            return
        reachable = [
            p for p in self.incident.participants if p.who.channels and p.who.role not in {Role.DISPATCH, Role.RESIDENT}
        ]
        if reachable or self.people.at_desk:
            assert any(isinstance(effect, Send) for effect in self.effects), "she pressed, and nobody was told"

    def _is_verified(self, incident: Incident) -> bool:
        return all(p.who.role is Role.RESIDENT for p in incident.participants) and bool(incident.participants)

    @rule()
    def the_device_is_reset(self) -> None:
        self.happens(DeviceReset(signal=5, device="b"))

    @precondition(lambda self: self.incident.handoff is not None)
    @rule(accepted=st.booleans(), by=st.sampled_from(NAMES), via=st.sampled_from(["voice", "sms", "desk"]))
    def somebody_answers_the_hand_off(self, *, accepted: bool, by: str, via: str) -> None:
        """Only whom it was queued to can confirm it, or an operator."""
        handoff = self.incident.handoff
        assert handoff is not None
        may = via == "desk" or by in handoff.asked
        self.confirmed |= accepted and may
        self.happens(HandedOver(by=by, via=via, accepted=accepted))
        after = self.incident.handoff
        assert after is not None
        if not may:
            assert after == handoff
        elif (
            not accepted
            and via != "desk"
            and set(handoff.asked) - {by, *handoff.refused}
            and not self._is_gone(handoff)
        ):
            assert after.state is handoff.state, "one no ended it for the others"

    def _is_gone(self, handoff: Handoff) -> bool:
        """Whether it was taken back, or waits only for people whose numbers are dead."""
        dead = {p.who.id for p in self.incident.participants if p.standing is Standing.UNREACHABLE}
        return handoff.state is not HandoffState.QUEUED or not set(handoff.asked) - dead - set(handoff.refused)

    @precondition(lambda self: self.hand_off_is(HandoffState.QUEUED))
    @rule()
    def the_first_whom_it_was_queued_to_confirms_it(self) -> None:
        assert self.incident.handoff is not None
        self.confirmed = True
        self.happens(HandedOver(by=self.incident.handoff.asked[0], via="voice"))

    @precondition(lambda self: self.hand_off_is(HandoffState.ACCEPTED))
    @rule(who=st.sampled_from(NAMES[:5]), answers=st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=2))
    def somebody_answers_after_the_hand_off(self, *, who: str, answers: list[Answer]) -> None:
        for answer in answers:
            self.somebody_answers(who=who, answer=answer, via="voice", engaged=False)

    def hand_off_is(self, state: HandoffState) -> bool:
        """Whether the hand-off stands so."""
        return self.incident.handoff is not None and self.incident.handoff.state is state

    @rule()
    def what_was_silent_is_heard_again(self) -> None:
        self.happens(Recovered(what="b"))

    @rule()
    def an_operator_notes(self) -> None:
        self.happens(Noted(by="Zhang", text="rang back, no answer"))

    @rule()
    def the_auditor_repairs(self) -> None:
        self.happens(Repaired(found="none"))

    @rule(cancel=st.booleans())
    @precondition(lambda self: len(self.causes) > 5)
    def an_operator_closes(self, *, cancel: bool) -> None:
        self.happens(Closed(by="Zhang", reason="she is well", cancel_ambulance=cancel))

    @invariant()
    def no_incident_is_without_a_clock(self) -> None:
        assert (self.incident.status is Status.CLOSED) == (not self.incident.deadlines)

    @invariant()
    def no_deadline_is_set_in_the_past(self) -> None:
        assert all(d.due_at > self.now for d in self.incident.deadlines) or self.due()

    @invariant()
    def only_a_person_is_an_answer(self) -> None:
        taken = {p.who.id for p in self.incident.participants if p.standing in _TAKEN}
        assert taken <= self.said_go | ({"ambulance"} if self.confirmed else set())
        if self.incident.status in {Status.ACCEPTED, Status.COMING, Status.ARRIVED}:
            assert taken

    @invariant()
    def whoever_accepted_has_a_time_to_arrive(self) -> None:
        waited_for = {d.person for d in self.incident.deadlines}
        if self.incident.status in {Status.ACCEPTED, Status.COMING}:
            for p in self.incident.participants:
                if p.standing in {Standing.ACCEPTED, Standing.COMING}:
                    assert p.who.id in waited_for

    @invariant()
    def the_hand_off_is_only_accepted_by_a_person(self) -> None:
        handoff = self.incident.handoff
        if handoff is not None and handoff.state is HandoffState.ACCEPTED:
            assert self.confirmed

    @invariant()
    def it_is_closed_by_a_person_who_says_why(self) -> None:
        closed = self.incident.status is Status.CLOSED
        assert closed == bool(self.incident.closed_by and self.incident.close_reason and self.incident.closed_at)

    @invariant()
    def a_press_is_never_verified_and_a_resident_is_never_waited_for(self) -> None:
        for p in self.incident.participants:
            if p.who.role is Role.RESIDENT:
                assert self.incident.kind != "sos"
                assert p.standing in {Standing.ASKED, Standing.DECLINED, Standing.UNREACHABLE}

    @invariant()
    def the_log_explains_the_incident(self) -> None:
        """Through JSON and back, as the log keeps it."""
        kept = [(at, msgspec.json.decode(msgspec.json.encode(cause), type=Cause)) for at, cause in self.causes]
        assert replay(kept) == self.incident

    @invariant()
    def somebody_is_rung_while_nobody_has_taken_it(self) -> None:
        """Never silent: an incident nobody has taken rings, or waits for the next ring of somebody who was asked."""
        if self.incident.status is Status.NOTIFYING:
            asked = [p for p in self.incident.participants if p.standing in {Standing.ASKED, Standing.OVERDUE}]
            again = [d for d in self.incident.deadlines if d.kind in {DeadlineKind.REPEAT, DeadlineKind.HANDOFF}]
            comes = [
                p for p in self.incident.participants if p.standing in _TAKEN
            ]  # the brigade, while neighbours are asked
            assert asked or again or comes

    def teardown(self) -> None:
        """Whatever happened, time alone brings an open incident to the desk or keeps it in somebody's hands."""
        if not hasattr(self, "incident") or self.incident.status is Status.CLOSED:
            return
        rung = 0
        for _ in range(200):  # a plan may ring again each second
            if rung:
                break
            soonest = min(d.due_at for d in self.incident.deadlines)
            self.now = max(self.now, soonest)
            for deadline in self.due():
                self.happens(Due(kind=deadline.kind, due_at=deadline.due_at, person=deadline.person))
                rung += sum(1 for e in self.effects if isinstance(e, Send) and e.purpose is not Purpose.CLOSED)
        someone = [p for p in self.incident.participants if p.standing not in {Standing.DECLINED, Standing.UNREACHABLE}]
        if self.people.at_desk or any(p.who.channels and p.who.role is not Role.DISPATCH for p in someone):
            assert rung > 0, "an open incident fell silent"


TestEmergency = Emergency.TestCase
TestEmergency.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
