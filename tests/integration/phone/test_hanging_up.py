"""The real SDK hangs up at the look-alike: what waits or rings ends, what was taken goes on, and no failure matters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alarmd.clock import SystemClock
from alarmd.phone.provider import Accepted, HangsUp, Outgoing
from alarmd.phone.twilio import TwilioPhone
from escalation.people import Channel
from simulators.live_call import LiveCall
from tests.support.phones import World, menu, world

WANG = "+8613800000001"


@asynccontextmanager
async def account(here: World) -> AsyncIterator[TwilioPhone]:
    phone = TwilioPhone(
        account_sid=here.provider.account,
        auth_token=here.provider.token,
        numbers=here.provider.numbers,
        api_base=here.provider.url,
        public_url=here.customer.url,
        clock=SystemClock(),
    )
    try:
        yield phone
    finally:
        await phone.close()


async def ring(phone: TwilioPhone, attempt: str = "a" * 26) -> str:
    placed = await phone.send(Outgoing(attempt=attempt, channel=Channel.VOICE, to=WANG))
    assert isinstance(placed, Accepted)
    return placed.sid


async def end_of(call: LiveCall) -> str:
    await call.until_over()
    return call.verdict


async def test_it_ends_a_call_that_rings() -> None:
    async with world() as here, account(here) as phone:
        assert isinstance(phone, HangsUp)
        sid = await ring(phone)
        call = await here.phones.phone(WANG).expects_ring()
        assert await phone.hang_up(sid) is None
        assert await end_of(call) == "canceled"
        assert here.provider.violations == []


async def test_it_ends_a_call_that_was_not_dialled_yet() -> None:
    async with world(calls_per_second=0.01) as here, account(here) as phone:
        first = await ring(phone)
        second = await ring(phone, "b" * 26)  # waits a hundred seconds for its turn
        assert await phone.hang_up(second) is None
        await here.phones.phone(WANG).expects_ring()
        assert here.provider.exchange.calls[second].status == "canceled"
        await phone.hang_up(first)


async def test_it_does_not_cut_off_who_has_picked_up() -> None:
    async with world() as here, account(here) as phone:
        here.customer.answers = {
            f"/phone/twilio/voice/{'a' * 26}": lambda _: menu("王秀英老人按了求助键"),
            "/key": lambda _: menu("谢谢"),
        }
        sid = await ring(phone)
        call = await here.phones.phone(WANG).expects_call().hears("王秀英")
        assert await phone.hang_up(sid) is None
        assert not call.over
        call.hang_up()
        assert await end_of(call) == "completed"


async def test_a_call_that_is_over_or_was_never_there_is_a_sentence_and_no_error() -> None:
    async with world() as here, account(here) as phone:
        sid = await ring(phone)
        call = await here.phones.phone(WANG).expects_ring()
        call.decline()
        await here.town.bell.until(here.provider.exchange.calls[sid].is_final)
        assert "not in-progress" in (await phone.hang_up(sid) or "")
        assert "404" in (await phone.hang_up("CA" + "0" * 32) or "")
        await here.provider.go_down()
        assert await phone.hang_up(sid)
