"""Who shares a telephone, and who is a resident and a responder: what the directory's keeper should know of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from alarmd.directory import lookup
from alarmd.directory.telephones import CIRCLE_PREFIX, DESK_PREFIX, LINE
from alarmd.reserved import is_reserved
from alarmd.store import Transaction
from config.settings import Settings
from config.wording import said
from escalation.neighbourhood import is_the_same
from escalation.people import Contact, Resident, Responder

LISTED = 5


def unreachable_contacts(
    residents: Iterable[Resident], responders: Iterable[Responder], contacts: Iterable[Contact]
) -> list[str]:
    """The contacts who cannot be rung for the resident who named them: it is the same person or telephone."""
    known = {one.id: one for one in responders}
    homes = {one.id: one for one in residents}
    return [
        said(
            "{name} ({id}) for {resident} ({home})",
            name=known[one.responder].name,
            id=one.responder,
            resident=homes[one.resident].name,
            home=one.resident,
        )
        for one in contacts
        if one.resident in homes and one.responder in known and is_the_same(known[one.responder], homes[one.resident])
    ]


def reserved_ids(tx: Transaction) -> list[str]:
    """What has an id that is a name of alarmd's own, by a version that did not refuse it."""
    everybody = (lookup.residents(tx), lookup.responders(tx), lookup.circles(tx), lookup.devices(tx))
    return [one.id for kind in everybody for one in kind if is_reserved(one.id)]


def worth_a_word(
    tx: Transaction, residents: Sequence[Resident], responders: Sequence[Responder], settings: Settings
) -> Iterator[str]:
    """Residents who are responders too, and telephones of several: right as they are, if they are meant."""
    both = [f"{r.name} ({r.id}, {p.id})" for r, p in _both(residents, responders)]
    if both:
        yield said(
            "residents who are responders too, and are rung neither for their own alarms nor for others meanwhile: "
            "{people}",
            people=_listed(both),
        )
    holders: dict[str, list[str]] = defaultdict(list)
    for n, phone in enumerate(settings.service.desk_phones):
        holders[phone].append(f"{DESK_PREFIX}{n}")
    if settings.ambulance.phone:
        holders[str(settings.ambulance.phone)].append(LINE)
    for circle in lookup.circles(tx):
        holders[circle.phone].append(f"{CIRCLE_PREFIX}{circle.id}")
    for responder in responders:
        holders[responder.phone].append(f"{responder.name} ({responder.id})")
    shared = [" + ".join(who) for phone, who in holders.items() if phone and len(who) > 1]
    if shared:
        yield said(
            "one telephone, several people: each such number is rung once, and who goes is meant: {people}",
            people=_listed(shared),
        )


def _both(residents: Sequence[Resident], responders: Sequence[Responder]) -> Iterator[tuple[Resident, Responder]]:
    by_phone: dict[str, list[Resident]] = defaultdict(list)
    by_name: dict[str, list[Resident]] = defaultdict(list)
    for resident in residents:
        by_phone[resident.phone].append(resident)
        by_name[resident.name].append(resident)
    for responder in responders:
        near = {one.id: one for one in (*by_phone.get(responder.phone, ()), *by_name.get(responder.name, ()))}
        yield from ((resident, responder) for resident in near.values() if is_the_same(responder, resident))


def _listed(who: Sequence[str]) -> str:
    more = said(" and {number} more", number=len(who) - LISTED) if len(who) > LISTED else ""
    return f"{', '.join(who[:LISTED])}{more}"
