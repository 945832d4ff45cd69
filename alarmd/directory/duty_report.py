"""What `alarmd check` says of who is on duty: whose on-call text cannot be worked out, and what else to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from alarmd.directory import rotas
from alarmd.directory.unfolding import AHEAD, Unfold
from alarmd.store import Transaction
from config.holidaybook import holidays
from config.settings import Settings
from config.wording import said


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of one on-call text.

    Attributes:
        responder: The id of one of the people who have it.
        people: How many have it.
        readable: False: they count as on duty all the time.
        sentence: In the reader's language.
    """

    responder: str
    people: int
    readable: bool
    sentence: str


def words(tx: Transaction, settings: Settings, unfold: Unfold, at: datetime) -> Iterator[Word]:
    """Look at every on-call text; what is stored and up to date is not unfolded again.

    Args:
        tx: A transaction that reads.
        settings: The service's.
        unfold: Within bounds.
        at: The present.

    Raises:
        SettingsError: A list of holidays is faulty.
    """
    fresh = rotas.Fresh(tx, settings, unfold)
    for text in rotas.texts(tx):
        rota = fresh.rota(text.on_call, at)
        for sentence in rotas.spoken(text.on_call, rota.remarks):
            yield Word(responder=text.one, people=text.people, readable=rota.readable, sentence=sentence)


def missing_years(tx: Transaction, settings: Settings, at: datetime) -> Iterator[str]:
    """The years of the weeks to come whose days off are decreed and not known yet, where somebody's hours name them.

    Raises:
        SettingsError: A list of holidays is faulty.
    """
    lists = holidays(settings.service.country, settings.path)
    if lists is None or not any(_HOLIDAYS.search(text.on_call) for text in rotas.texts(tx)):
        return
    for year in range(at.astimezone(settings.zone).year, (at + AHEAD).astimezone(settings.zone).year + 1):
        if year not in lists.announced:
            yield said(
                "the days off and make-up workdays of {year} are not known yet, only those that the law names: "
                "put the year's list into {file}",
                year=year,
                file=settings.folder / "holidays" / f"{settings.service.country}.toml",
            )


_HOLIDAYS = re.compile(r"\bPH\b|[假节]|holiday", re.IGNORECASE)
