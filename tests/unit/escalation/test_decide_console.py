"""The same stories, with an operator at the console, a second desk and people who write: what is said, is so."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from escalation.incident import Answer, Answered, Event, HandedOver, Log, Purpose, Said, Send
from escalation.people import Role
from tests.support.circles import DESK
from tests.unit.escalation.test_decide_properties import _TAKEN, NAMES, Emergency

SECOND_DESK = replace(DESK, id="desk:1")
OPERATOR = "operator:Zhang"
HELPERS = [name for name in NAMES if ":" not in name and name not in {"line", "stranger"}]
_CAN_GO = st.sampled_from([Answer.GO, Answer.CANNOT, Answer.THERE])
_SAYS_SO = {"handoff.updated": Purpose.HANDOFF_UPDATE, "handoff.cancelled": Purpose.HANDOFF_CANCEL}


class Console(Emergency):
    """One incident, and everybody who can do something about it."""

    def happens(self, event: Event) -> None:
        super().happens(event)
        sent = [effect for effect in self.effects if isinstance(effect, Send)]
        logged = {effect.event for effect in self.effects if isinstance(effect, Log)}
        self._nobody_is_told_wrongly(sent)
        self._what_it_says_is_so(sent, logged)

    def _nobody_is_told_wrongly(self, sent: list[Send]) -> None:
        goes = {p.who.id for p in self.incident.participants if p.standing in _TAKEN}
        for effect in sent:
            assert effect.purpose is not Purpose.TAKEN or effect.to.id not in goes, "who goes is told to stay"
            if effect.to.role is Role.RESIDENT:
                assert effect.purpose is Purpose.VERIFY, "the resident is asked as her own responder"
        if self.incident.plan.keep_asking and any(effect.purpose is Purpose.TAKEN for effect in sent):
            assert goes - {"ambulance"}, "in a fire the ambulance stands nobody down"

    def _what_it_says_is_so(self, sent: list[Send], logged: set[str]) -> None:
        purposes, handoff = {effect.purpose for effect in sent}, self.incident.handoff
        if "handoff.queued" in logged and handoff is not None and set(handoff.asked) - set(handoff.refused):
            assert Purpose.HANDOFF in purposes, "the log says that the hand-off was queued"
        for event in logged & set(_SAYS_SO) if not self.shared else ():
            assert _SAYS_SO[event] in purposes, f"the log says {event}, and nobody is told"

    @rule()
    def somebody_sits_down_at_a_second_desk(self) -> None:
        if self.people.at_desk and SECOND_DESK not in self.people.at_desk:
            self.people.at_desk.append(SECOND_DESK)

    @rule(answer=st.sampled_from([Answer.GO, Answer.THERE]))
    def an_operator_takes_it(self, answer: Answer) -> None:
        self.said_go.add(OPERATOR)
        self.happens(Answered(person=OPERATOR, answer=answer, via="desk", by="Zhang"))

    @rule(who=st.sampled_from(HELPERS), answer=_CAN_GO)
    def an_operator_enters_a_responder(self, who: str, answer: Answer) -> None:
        """Asked before or not, engaged or not: the operator has spoken with them."""
        if answer is not Answer.CANNOT:
            self.said_go.add(who)
        self.happens(Answered(person=who, answer=answer, via="desk", by="Zhang"))

    @rule(accepted=st.booleans())
    def an_operator_hands_over(self, *, accepted: bool) -> None:
        self.confirmed |= accepted
        self.happens(HandedOver(by="Zhang", via="desk", accepted=accepted, reason="" if accepted else "no car is free"))

    @rule(who=st.sampled_from(NAMES), ambulance=st.booleans())
    def somebody_writes(self, *, who: str, ambulance: bool) -> None:
        self.happens(Said(person=who, name=who, words="she is not breathing", ambulance=ambulance))


TestConsole = Console.TestCase
TestConsole.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
