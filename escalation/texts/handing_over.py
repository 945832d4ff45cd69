"""The hand-off record in words: written for a text message, spoken for the telephone."""

from __future__ import annotations

from escalation.handoff import Certainty, HandoffKind, HandoffRecord, Patient
from escalation.texts import phrases
from escalation.texts.facts import Facts, Texts, clean
from escalation.texts.fitting import LONG_FACT, VITAL_FACT, limited
from escalation.texts.phrases import mark


def written(facts: Facts, texts: Texts) -> list[str]:
    """The lines of the record behind the core of a text message; without a record, what the facts hold."""
    record = facts.record
    if record is None:
        return phrases.position_line(facts, texts) + phrases.way_in(facts, texts) + phrases.health(facts, texts)
    return [
        *phrases.position_line(facts, texts),
        texts.gettext("Reference {reference}, version {version}.").format(
            reference=record.reference, version=record.version
        ),
        *_body(record, facts, texts, aloud=False),
    ]


def before_all(facts: Facts, texts: Texts) -> list[str]:
    """What stands before all else behind the core of a text: whom to ring back, whatever is too long behind it."""
    return [] if facts.record is None else _call_back(facts.record, texts, aloud=False)


def spoken(facts: Facts, texts: Texts, *, first: bool = False) -> list[str]:
    """The record to be read out: what it is, where, who, what is known and what is not, whom to ring back.

    ``first``: the hearer has yet to take it, so that it is no update to them however often it was changed before.
    """
    record = facts.record
    if record is None:
        place = _where(facts.address, facts.room, texts, home=_is_away(facts))
        there = phrases.position_line(facts, texts)
        return [_heading(HandoffKind.NEW, facts.incident, 1, texts), *there, place, *phrases.health(facts, texts)]
    kind = HandoffKind.NEW if first and record.kind is HandoffKind.UPDATE else record.kind
    said = [_heading(kind, record.reference, record.version, texts)]
    said += phrases.labelled([(mark("Reason"), clean(record.reason))], texts)
    said += phrases.position_line(facts, texts)
    said.append(_where(clean(record.place.address), clean(record.place.room), texts, home=_is_away(facts)))
    if record.kind is HandoffKind.CANCEL:
        return [*said, texts.gettext("No ambulance is needed any more.")]
    return said + _body(record, facts, texts, aloud=True)


def read_back(facts: Facts, texts: Texts) -> list[str]:
    """What must be right before all else: the reference, the address, the number to ring."""
    record = facts.record
    address = record.place.address if record else facts.address
    said = [texts.gettext("Reference: {reference}.").format(reference=phrases.spelled(facts.incident))]
    said += [*phrases.position_line(facts, texts), _where(clean(address), "", texts, home=_is_away(facts))]
    return said + (_call_back(record, texts, aloud=True) if record else [])


def _heading(kind: HandoffKind, reference: str, version: int, texts: Texts) -> str:
    sentences = {
        HandoffKind.NEW: texts.gettext("Emergency hand-off, reference {reference}."),
        HandoffKind.UPDATE: texts.gettext("Update number {version} of the hand-off with reference {reference}."),
        HandoffKind.CANCEL: texts.gettext("The hand-off with reference {reference} is cancelled."),
    }
    return sentences[kind].format(reference=phrases.spelled(reference), version=version)


def _is_away(facts: Facts) -> bool:
    return facts.away is not None and facts.away.fresh and facts.away.metres is not None


def _where(address: str, room: str, texts: Texts, *, home: bool = False) -> str:
    shown = address or texts.gettext("address unknown")
    if home:
        return texts.gettext("The home address is {address}.").format(address=shown)
    if room:
        return texts.gettext("Address: {address}, {room}.").format(address=shown, room=room)
    return texts.gettext("Address: {address}.").format(address=shown)


def _body(record: HandoffRecord, facts: Facts, texts: Texts, *, aloud: bool) -> list[str]:
    said = _place(record, texts, aloud=aloud, told=facts.away is not None)
    said.append(_patient(record.patient, facts, texts))
    said.append(_complaint(record, facts, texts))
    findings = record.findings
    said.append(
        texts.gettext("Conscious: {conscious}. Breathing: {breathing}. Scene: {scene}.").format(
            conscious=phrases.known(findings.conscious, texts),
            breathing=phrases.known(findings.breathing, texts),
            scene=phrases.scene(findings.scene, texts),
        )
    )
    facts_of_health = [
        (mark("Remarks"), findings.text),
        (mark("Allergies"), record.allergies),
        (mark("Conditions"), record.conditions),
        (mark("Medication"), record.medication),
        (mark("Mobility"), record.patient.mobility),
        (mark("Infection"), findings.infection),
        (mark("Advance decisions"), findings.advance_decisions),
    ]
    said += phrases.labelled([(label, limited(clean(text), LONG_FACT)) for label, text in facts_of_health], texts)
    call_back = _call_back(record, texts, aloud=True) if aloud else []
    return [*call_back, *said, *phrases.coming(facts, texts)]


def _place(record: HandoffRecord, texts: Texts, *, aloud: bool, told: bool) -> list[str]:
    place = record.place
    said = phrases.labelled([(mark("Way in"), limited(clean(place.access.text), VITAL_FACT))], texts)
    # Nobody writes down a coordinate by ear while there is an address.
    if place.lat is not None and place.lon is not None and not told and not (aloud and place.address):
        said.append(
            texts.gettext("Position (WGS-84): {lat}, {lon}.").format(lat=f"{place.lat:.5f}", lon=f"{place.lon:.5f}")
        )
    if place.certainty is Certainty.PROVISIONAL:
        said.append(texts.gettext("The place is not confirmed by anybody there."))
    return said


def _patient(patient: Patient, facts: Facts, texts: Texts) -> str:
    if not patient.name:
        return texts.gettext("Patient unknown, device {device}.").format(device=facts.device)
    if patient.age is None:
        return texts.gettext("Patient: {name}, age unknown.").format(name=clean(patient.name))
    return texts.gettext("Patient: {name}, {age} years old.").format(name=clean(patient.name), age=patient.age)


def _complaint(record: HandoffRecord, facts: Facts, texts: Texts) -> str:
    sentence = texts.gettext("What happened at {time}: {complaint}; pressed {count} times.")
    if record.complaint not in phrases.PRESSED:
        sentence = texts.gettext("What happened at {time}: {complaint}; reported {count} times.")
    if record.presses == 1:
        sentence = texts.gettext("What happened at {time}: {complaint}.")
    happened = sentence.format(
        time=phrases.asked_at(facts),
        complaint=phrases.complaint(record.complaint, texts),
        count=record.presses,
    )
    return "\n".join([happened, *phrases.lateness(facts, texts)])


def _call_back(record: HandoffRecord, texts: Texts, *, aloud: bool) -> list[str]:
    contact = record.call_back
    if not contact.phone:
        return [texts.gettext("No number to call back is known.")]
    number = " ".join(contact.phone) if aloud else contact.phone
    name = clean(contact.name) or texts.gettext("the desk")
    return [texts.gettext("Call back: {name}, {number}.").format(name=name, number=number)]
