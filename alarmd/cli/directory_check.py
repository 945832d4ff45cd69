"""What `alarmd check` finds out about the directory: homes nobody can be found for, shifts nobody can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from alarmd.cli import unheard
from alarmd.cli.errors import UserError
from alarmd.cli.finding import Finding
from alarmd.clock import SystemClock
from alarmd.directory import duty_report, lookup, sharing
from alarmd.directory.unfolding import Unfolder
from alarmd.store import Transaction
from config.settings import Settings, SettingsError
from config.wording import for_later, said
from devices import FAMILIES
from escalation.people import Role
from escalation.plan import Plan

DUTY_TIMEOUT_S = 60.0
LISTED = 5


@contextmanager
def _lists_checked() -> Iterator[None]:
    try:
        yield
    except SettingsError as error:  # a list of holidays
        raise UserError(str(error)) from None


def found(tx: Transaction, settings: Settings, known: Mapping[str, Plan]) -> Iterator[Finding]:
    """Each fault of the directory, then what else is worth a word.

    Args:
        tx: A transaction that may only read.
        settings: The operator's.
        known: The plans there are.

    Raises:
        UserError: A list of holidays is faulty.
    """
    residents, responders = lookup.residents(tx), lookup.responders(tx)
    alone = [f"{row['name']} ({row['id']})" for row in tx.all("directory_residents_alone")]
    lost = [f"{r.name} ({r.id}: {r.plan})" for r in residents if r.plan and r.plan not in known]
    foreign = [f"{d.id} ({d.family})" for d in lookup.devices(tx) if d.family not in FAMILIES]
    mute = [f"{r.name} ({r.id})" for r in responders if not r.phone]
    for family, address, meant in unheard.strangers(tx):
        text = said(
            "{address} ({family}) speaks and is registered nowhere; did you mean {device}, "
            "whose address is spelt otherwise?",
            address=address,
            family=family,
            device=meant,
        )
        yield Finding(ok=False, what="devices", text=text)
    with _lists_checked(), Unfolder(settings, budget_s=DUTY_TIMEOUT_S) as unfolder:
        duty = list(duty_report.words(tx, settings, unfolder.rota, SystemClock().now()))
        years = list(duty_report.missing_years(tx, settings, SystemClock().now()))
    contacts = lookup.contacts(tx)
    at_home, reserved = sharing.unreachable_contacts(residents, responders, contacts), sharing.reserved_ids(tx)
    unreadable = [f"{one.responder}: {one.sentence}" for one in duty if not one.readable]
    faults = (
        (alone, for_later("residents for whom only the desk can be found (no position, contacts or circle)")),
        (lost, for_later("residents whose plan does not exist")),
        (foreign, for_later("devices of a family this version does not read")),
        (mute, for_later("responders without a telephone number")),
        (unreadable, for_later("responders whose on_call cannot be read (counted as on duty)")),
        (at_home, for_later("contacts who have the resident's own telephone, and cannot be rung there")),
        (
            reserved,
            for_later("ids that are names alarmd gives itself; import these by other ids, and retire them"),
        ),
    )
    for who, what in faults:
        if who:
            more = said(" and {number} more", number=len(who) - LISTED) if len(who) > LISTED else ""
            text = f"{len(who)} {said(what)}: {', '.join(who[:LISTED])}{more}"
            yield Finding(ok=False, what="directory", text=text)
    for one in duty:
        if one.readable:
            yield Finding(ok=True, what="on call", text=f"{one.responder}: {one.sentence}")
    for sentence in sharing.worth_a_word(tx, residents, responders, settings):
        yield Finding(ok=True, what="telephones", text=sentence)
    for sentence in years:
        yield Finding(ok=True, what="holidays", text=sentence)
    if not any(who for who, _ in faults):
        desk = sum(1 for r in responders if r.role is Role.DESK)
        text = said(
            "{residents} residents, {responders} responders ({desk} at the desk)",
            residents=len(residents),
            responders=len(responders),
            desk=desk,
        )
        yield Finding(ok=True, what="directory", text=text)
