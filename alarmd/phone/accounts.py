"""The phone accounts of the settings, each as the provider that the outbox speaks to."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from alarmd.clock import Clock
from alarmd.phone.console import LogPhone
from alarmd.phone.provider import PhoneProvider
from alarmd.phone.signing import Signer
from alarmd.phone.twilio import TwilioPhone
from config.settings import Phone, Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SimulatedPhones:
    """Phones answered by hand, for a daemon that has no provider: their account, and the page to answer them on."""

    account: Phone
    page: str


def providers(settings: Settings, clock: Clock, simulated: SimulatedPhones | None) -> list[PhoneProvider]:
    """The providers in the operator's order; never none: without any, messages are written to the log."""
    if settings.phone:
        return [_twilio(phone, settings, clock) for phone in settings.phone]
    if simulated is None:
        log.warning("no [[phone]] is configured: messages and calls are only written to this log")
        return [LogPhone()]
    log.warning("no [[phone]] is configured: answer the simulated phones by hand", page=simulated.page)
    return [LogPhone(_twilio(simulated.account, settings, clock), simulated.page)]


def signers(settings: Settings, simulated: SimulatedPhones | None) -> list[Signer]:
    """Who may have signed what comes in at the webhooks; nobody at all where nobody can be rung."""
    known = [simulated.account] if simulated else settings.phone
    return [
        Signer(phone.account_sid, secret.get_secret_value())
        for phone in known
        for secret in (phone.auth_token, phone.auth_token_second)
        if secret
    ]


def _twilio(phone: Phone, settings: Settings, clock: Clock) -> TwilioPhone:
    return TwilioPhone(
        account_sid=phone.account_sid,
        auth_token=phone.auth_token.get_secret_value(),
        numbers=phone.numbers,
        public_url=settings.web.base_url,
        clock=clock,
        api_base=phone.api_base,
        calls_per_second=phone.calls_per_second,
        messages_per_second=phone.messages_per_second,
    )
