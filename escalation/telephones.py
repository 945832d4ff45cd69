"""One number, one conversation: of the people who share a telephone the one who goes is meant (promise 10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from escalation.draft import ACTIVE
from escalation.incident import Effect, Incident, Participant, Purpose, Send, Standing
from escalation.people import Candidate, Channel, Role, telephone_of

COMES = ACTIVE | {Standing.FOLLOWS}
_MEANT = (ACTIVE, frozenset({Standing.OVERDUE, Standing.FOLLOWS}))
_NOBODYS = frozenset({Role.DISPATCH, Role.RESIDENT})  # they speak for themselves, whoever has their telephone too
_AT_DESK = frozenset({Role.DESK, Role.DISPATCH})
_FIRST = (Purpose.HANDOFF, Purpose.HANDOFF_CANCEL, Purpose.VERIFY, Purpose.DESK, Purpose.RAISED)
_STAYS = frozenset({Purpose.ASK, Purpose.TAKEN})  # what is never said to a telephone that goes


def of_one_telephone(incident: Incident, who: Candidate) -> list[Participant]:
    """The other people of that telephone who were asked, at the desk or at a door as they are."""
    at_desk = who.role in _AT_DESK
    return [
        one
        for one in incident.participants
        if one.who.id != who.id
        and telephone_of(one.who) == telephone_of(who)
        and (one.who.role in _AT_DESK) is at_desk
        and Role.RESIDENT not in {one.who.role, who.role}
    ]


def meant(incident: Incident, person: str, known: Candidate | None = None) -> str:
    """Who speaks when something is said by telephone in the name of ``person``: of that telephone the one who goes.

    Args:
        incident: As it stands.
        person: In whose name they were rung or texted.
        known: The same, where they are no participant yet.
    """
    asked = next((one for one in incident.participants if one.who.id == person), None)
    who = asked.who if asked else known
    if who is None or who.role in _NOBODYS or (asked and asked.standing in ACTIVE):
        return person
    same = [
        one
        for one in incident.participants
        if telephone_of(one.who) == telephone_of(who) and one.who.role not in _NOBODYS
    ]
    for standings in _MEANT:
        for one in same:
            alike = (one.who.role in _AT_DESK) is (who.role in _AT_DESK)
            if one.standing in standings and (alike or standings is ACTIVE):
                return one.who.id
    return person


def others(candidates: Iterable[Candidate], incident: Incident, ids: Sequence[str]) -> list[Candidate]:
    """Those who are none of these people, and whose telephone is none of theirs."""
    taken = {telephone_of(one.who) for one in incident.participants if one.who.id in ids}
    return [one for one in candidates if one.id not in ids and telephone_of(one) not in taken]


def one_each(effects: Iterable[Effect], incident: Incident) -> list[Effect]:
    """What is sent, without what one telephone would hear twice: one call, and each text once.

    The hand-off's words come before all others, and who is not called for that is texted. A telephone that goes is
    neither asked nor told to stay, whoever else has it.
    """
    effects = list(effects)
    sends = [one for one in effects if isinstance(one, Send)]
    goes = {telephone_of(one.who): one.who.id for one in incident.participants if one.standing in ACTIVE}
    called: dict[str, Send] = {}
    for send in sorted((one for one in sends if one.channel is Channel.VOICE), key=_rank):
        called.setdefault(telephone_of(send.to), send)
    kept: list[Effect] = []
    said: set[tuple[str, Purpose, str]] = set()
    for effect in effects:
        if not isinstance(effect, Send):
            kept.append(effect)
            continue
        telephone = telephone_of(effect.to)
        if effect.purpose in _STAYS and goes.get(telephone, effect.to.id) != effect.to.id:
            continue
        send = effect
        if effect.channel is Channel.VOICE:
            if called[telephone] is effect:
                kept.append(effect)
                continue
            if _is_told(effect, sends) or called[telephone].purpose is effect.purpose or effect.to.role in _NOBODYS:
                continue
            send = Send(to=effect.to, channel=Channel.SMS, purpose=effect.purpose, words=effect.words, by=effect.by)
        key = (telephone, send.purpose, send.words)
        if key not in said:
            said.add(key)
            kept.append(send)
    return kept


def _rank(send: Send) -> int:
    return _FIRST.index(send.purpose) if send.purpose in _FIRST else len(_FIRST)


def _is_told(call: Send, sends: Iterable[Send]) -> bool:
    """Whether the same person hears the same by text too."""
    return any(one.channel is Channel.SMS and one.to.id == call.to.id and one.purpose is call.purpose for one in sends)
