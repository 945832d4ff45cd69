"""Telephones that take nothing, and people who share them: while one telephone is alive, help is asked for on it.

Hypothesis draws who has which telephone and what each of them takes, presses keys at random, and lets time pass. What
is sent to a dead telephone comes back refused, as a provider says it, at once or later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from msgspec.structs import replace

from escalation import decide as story
from escalation.incident import (
    Answer,
    Answered,
    CalledAway,
    Due,
    Effect,
    Elsewhere,
    Event,
    HandedOver,
    HandoffState,
    Incident,
    People,
    Pressed,
    Refused,
    Said,
    Send,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Choice, Role, telephone_of
from escalation.plan import Plan, Step, Who
from escalation.rooms.asking import Asking
from escalation.rooms.room import Room
from tests.support.circles import BOTH, DESK, LINE, START, WANG, neighbour

HELPERS = ("li", "chen", "zhou", "daughter")
OFF_DUTY = "sun"
TELEPHONES = ("a", "b", "c", "desk", "line", "home")
_NO = {Standing.DECLINED, Standing.UNREACHABLE}
_GOES = {Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED}
_AT_DESK = {Role.DESK, Role.DISPATCH}
_A_WHILE = timedelta(hours=2)
_SOON = timedelta(minutes=15)


class State(StrEnum):
    """What becomes of what is sent to a telephone."""

    ALIVE = "alive"
    NO_TEXTS = "no texts"
    NO_CALLS = "no calls"
    CLOSED = "closed"  # each channel by itself
    NO_NUMBER = "no number"
    OFF = "off"  # for now, and for the whole evening


_TAKES = {
    State.ALIVE: frozenset(Channel),
    State.NO_TEXTS: frozenset({Channel.VOICE}),
    State.NO_CALLS: frozenset({Channel.SMS}),
}


class Telephones(People):
    """Offers, as the directory does, whom nobody has asked whose telephone is nobody's who was asked or said no.

    Args:
        steps: Whom each step means.
        desk: Who sits at the desk.
        reserve: Who is off duty, for the last resort.
    """

    def __init__(self, steps: list[list[Candidate]], desk: list[Candidate], reserve: list[Candidate]) -> None:
        self.steps = steps
        self.at_desk = desk
        self.reserve = reserve

    def choose(self, incident: Incident, step: int) -> Choice:
        if incident.plan.steps[step].contact in {Who.AMBULANCE, Who.DESK}:
            return Choice(chosen=tuple(_one_each(self.steps[step])))
        return Choice(chosen=tuple(self._fresh(incident, self.steps[step])[: incident.plan.steps[step].count]))

    def desk(self, incident: Incident) -> Choice:
        return Choice(chosen=tuple(_one_each(self.at_desk)))

    def anybody(self, incident: Incident) -> Choice:
        everybody = [one for step in self.steps for one in step if one.role not in {*_AT_DESK, Role.RESIDENT}]
        return Choice(chosen=tuple(self._fresh(incident, everybody) or self._fresh(incident, self.reserve)))

    def gone(self, incident: Incident) -> tuple[str, ...]:
        return ()

    def person(self, incident: Incident, who: str) -> Candidate | None:
        everybody = (one for step in (*self.steps, self.at_desk, self.reserve) for one in step)
        return next((one for one in everybody if one.id == who), None)

    def _fresh(self, incident: Incident, wanted: list[Candidate]) -> list[Candidate]:
        ids = {one.who.id for one in incident.participants}
        numbers = {
            telephone_of(one.who)
            for one in incident.participants
            if one.who.role is not Role.RESIDENT and (one.standing not in _NO or one.who.role not in _AT_DESK)
        }
        free = (one for one in wanted if one.id not in ids and telephone_of(one) not in numbers)
        return _one_each([one for one in free if telephone_of(one) != telephone_of(WANG)])


def _one_each(people: list[Candidate]) -> list[Candidate]:
    return list({telephone_of(one): one for one in reversed(people)}.values())[::-1]


@st.composite
def _plans(draw: st.DrawFn) -> Plan:
    contacts = [Who.NEAREST, Who.CONTACTS, Who.EVERYONE, Who.AMBULANCE, Who.DESK, Who.RESIDENT]
    waits = st.sampled_from([60.0, 120.0, 300.0])
    by = st.sampled_from([BOTH, (Channel.SMS,), (Channel.VOICE,)])
    steps = st.lists(
        st.builds(
            Step,
            contact=st.sampled_from(contacts),
            count=st.integers(1, 3),
            wait=waits,
            repeat=st.one_of(st.none(), waits),
            by=by,
            together=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
    return Plan(name="drawn", signals=("sos",), steps=tuple(draw(steps)), keep_asking=draw(st.booleans()))


class Evening(RuleBasedStateMachine):
    """One alarm among people whose telephones take this or that, or nothing."""

    @initialize(
        plan=_plans(),
        steps=st.lists(st.lists(st.sampled_from(HELPERS), max_size=3, unique=True), min_size=4, max_size=4),
        numbers=st.fixed_dictionaries({one: st.sampled_from(TELEPHONES[:5]) for one in (*HELPERS, OFF_DUTY)}),
        states=st.fixed_dictionaries({one: st.sampled_from(State) for one in TELEPHONES}),
        desk=st.sampled_from(["", "desk", "line", "a"]),
        line=st.booleans(),
        reserve=st.booleans(),
        kind=st.sampled_from(["sos", "fall"]),
        at_once=st.booleans(),
    )
    def a_press(
        self,
        *,
        plan: Plan,
        steps: list[list[str]],
        numbers: Mapping[str, str],
        states: Mapping[str, State],
        desk: str,
        line: bool,
        reserve: bool,
        kind: str,
        at_once: bool,
    ) -> None:
        self.states, self.at_once = states, at_once
        self.numbers = {**numbers, DESK.id: desk, LINE.id: "line", WANG.id: "home"}
        at_desk = [self._of(DESK)] if desk else []
        chosen: list[list[Candidate]] = []
        for step, names in zip(plan.steps, steps, strict=False):
            whom = {
                Who.AMBULANCE: [self._of(LINE)] if line else at_desk,
                Who.DESK: at_desk,
                Who.RESIDENT: [self._of(WANG)],
            }
            people = whom.get(step.contact, [self._of(neighbour(name)) for name in names])
            by = (Channel.VOICE,) if step.contact is Who.RESIDENT else step.by
            chosen.append([replace(one, channels=by) for one in people])
        self.people = Telephones(chosen, at_desk, [self._of(neighbour(OFF_DUTY))] if reserve else [])
        self.now = START
        self.waiting: list[Send] = []
        self.reached: list[Send] = []
        self.presses = 1
        self.incident = story.opening(
            id="i", code="4821", subject="wang", resident="wang", device="b", kind=kind, plan=plan, now=self.now
        )
        self._press()

    def _of(self, who: Candidate) -> Candidate:
        return replace(who, telephone=self.numbers[who.id])

    # ------------------------------------------------------------ what happens

    def happens(self, event: Event) -> None:
        self.incident, effects = story.decide(self.incident, event, self.now, self.people)
        for effect in effects:
            self._follows(effect)
        if self.at_once:
            self.what_was_sent_comes_back()

    def _follows(self, effect: Effect) -> None:
        if isinstance(effect, Send):
            state = self.states[self.numbers[effect.to.id]]
            if effect.channel in _TAKES.get(state, ()):
                self.reached.append(effect)
            else:
                self.waiting.append(effect)
        elif isinstance(effect, Unsend):
            purpose = effect.purpose
            self.waiting = [one for one in self.waiting if purpose is not None and one.purpose is not purpose]

    @rule()
    def what_was_sent_comes_back(self) -> None:
        """Refused, for good or for now, as the telephone is."""
        for _ in range(200):
            if not self.waiting:
                return
            send = self.waiting.pop(0)
            state = self.states[self.numbers[send.to.id]]
            self.incident, effects = story.decide(
                self.incident,
                Refused(
                    person=send.to.id,
                    channel=send.channel,
                    code="30003",
                    dead_number=state is State.NO_NUMBER,
                    for_now=state is State.OFF,
                    purpose=send.purpose,
                ),
                self.now,
                self.people,
            )
            for effect in effects:
                self._follows(effect)
        raise AssertionError("what is refused is sent again without end")

    @rule(minutes=st.sampled_from([0.5, 1, 3, 10, 40]))
    def time_passes(self, minutes: float) -> None:
        until = self.now + timedelta(minutes=minutes)
        while (due := min(self.incident.deadlines, key=lambda d: d.due_at, default=None)) and due.due_at <= until:
            self.now = max(self.now, due.due_at)
            self.happens(Due(kind=due.kind, due_at=due.due_at, person=due.person))
            self.what_was_sent_comes_back()
        self.now = until

    @rule(
        who=st.sampled_from([*HELPERS, DESK.id, LINE.id, WANG.id]),
        answer=st.sampled_from(list(Answer)),
        via=st.sampled_from(["voice", "sms", "link"]),
        engaged=st.booleans(),
    )
    def somebody_answers(self, *, who: str, answer: Answer, via: str, engaged: bool) -> None:
        if any(one.who.id == who for one in self.incident.participants):
            self.happens(Answered(person=who, answer=answer, via=via, engaged=engaged))

    @rule(who=st.sampled_from(HELPERS), answer=st.sampled_from([Answer.GO, Answer.CANNOT, Answer.THERE]))
    def an_operator_answers_for_somebody(self, *, who: str, answer: Answer) -> None:
        self.happens(Answered(person=who, answer=answer, via="desk", by="Zhang"))

    @rule(accepted=st.booleans(), by=st.sampled_from([DESK.id, LINE.id]), via=st.sampled_from(["voice", "desk"]))
    def somebody_answers_the_hand_off(self, *, accepted: bool, by: str, via: str) -> None:
        if self.incident.handoff is not None and self.incident.handoff.state is HandoffState.QUEUED:
            self.happens(HandedOver(by=by, via=via, accepted=accepted))

    @rule(who=st.sampled_from(HELPERS), why=st.sampled_from(Elsewhere))
    def somebody_is_needed_elsewhere(self, *, who: str, why: Elsewhere) -> None:
        self.happens(CalledAway(person=who, why=why, incident="other"))

    @rule(who=st.sampled_from([*HELPERS, DESK.id]), ambulance=st.booleans())
    def somebody_writes(self, *, who: str, ambulance: bool) -> None:
        self.happens(Said(person=who, name=who, words="hurry", ambulance=ambulance))

    # ------------------------------------------------------------ what must be so

    def alive(self) -> list[Candidate]:
        """Who can be told: somebody of the case, of the desk, or of those off duty, by any channel."""
        known = [one.who for one in self.incident.participants]
        there = [one for one in (*known, *self.people.at_desk, *self._last_resort()) if one.channels]
        return [
            one
            for one in there
            if one.role not in {Role.DISPATCH, Role.RESIDENT} and self.states[self.numbers[one.id]] in _TAKES
        ]

    def _last_resort(self) -> tuple[Candidate, ...]:
        return self.people.anybody(self.incident).chosen

    @rule()
    def she_presses_again(self) -> None:
        self._press()

    def _press(self) -> None:
        self.what_was_sent_comes_back()
        self.presses += 1
        before = len(self.reached)
        self.happens(Pressed(signal=self.presses, device="b", type=self.incident.kind))
        self.what_was_sent_comes_back()
        if not self._verifies() and self.alive():
            told = [one for one in self.reached[before:] if one.to.role is not Role.RESIDENT]
            assert told, "she pressed, and nobody was told"

    def _verifies(self) -> bool:
        steps, step = self.incident.plan.steps, self.incident.step
        return 0 <= step < len(steps) and steps[step].contact is Who.RESIDENT

    def teardown(self) -> None:
        """Two hours later somebody goes, or somebody who can be reached is rung within a quarter of an hour."""
        if not hasattr(self, "incident"):
            return
        self.time_passes(_A_WHILE / timedelta(minutes=1))
        goes = [one for one in self.incident.participants if one.standing in _GOES]
        if goes or self.incident.status is Status.CLOSED:
            return
        before = len(self.reached)
        self.time_passes(_SOON / timedelta(minutes=1))
        if self.alive():
            told = [one for one in self.reached[before:] if one.to.role is not Role.RESIDENT]
            assert told, "nobody has it, and nobody who can be reached is asked"


TestEvening = Evening.TestCase
TestEvening.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)


def _nobody_is_rung_at_once(patch: pytest.MonkeyPatch) -> None:
    """That nobody hears it is found out, and left to the desk's next ring."""
    patch.setattr(Asking, "_unless_somebody_hears", lambda _: None)


def _dead_desk_is_a_desk(patch: pytest.MonkeyPatch) -> None:
    """Who cannot be rung counts as somebody who is asked."""
    patch.setattr(Room, "may_hear", lambda *_: True)


@pytest.mark.parametrize("plant", [_nobody_is_rung_at_once, _dead_desk_is_a_desk])
def test_it_finds_a_planted_defect(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    quick = settings(TestEvening.settings, max_examples=1000, phases=[Phase.generate], database=None, derandomize=True)
    with pytest.raises(AssertionError, match="nobody"):
        run_state_machine_as_test(Evening, settings=quick)
