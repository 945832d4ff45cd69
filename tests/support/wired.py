"""A `Core` whose telephones are those of a town: the real SDK, the provider's look-alike, and its signed webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI

from alarmd.clock import SystemClock
from alarmd.phone.signing import Signer
from alarmd.phone.twilio import TwilioPhone
from alarmd.phone.webhooks import router
from alarmd.store import Row
from simulators.serving import Serving
from simulators.town import Handset, Town
from simulators.twilio import LookAlike
from tests.support.core import MORE, Core

SPEED = 200.0  # town seconds a second on the wall
PATIENCE = 20.0


class Wired(Core):
    """Used by `wired`, which makes its town and its provider."""

    town: Town
    look_alike: LookAlike

    async def goes_out(self) -> None:
        """All that is due now is handed over, and every callback of it has come."""
        while await self.outbox._send_due():
            await self.outbox.drain(5)
        await self.outbox.drain(5)

    async def until(self, true: Callable[[list[Row]], bool]) -> list[Row]:
        """The rows of the outbox, once that is so of them."""
        async with asyncio.timeout(PATIENCE):
            while not true(rows := await self.outgoing()):
                pass
        return rows

    async def sees(self, true: Callable[[], object]) -> None:
        """Wait until something is so in town."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.town.bell.until(true)
        except TimeoutError:
            told = [f"{h.what} {h.number} {h.words}" for h in self.town.happenings[-20:]]
            raise AssertionError(f"it was never so: {told} {self.town.faults}") from None

    def handset(self, number: str) -> Handset:
        """Somebody's telephone."""
        return self.town.handset(number)


@asynccontextmanager
async def wired(folder: Path, *, more: str = MORE) -> AsyncIterator[Wired]:
    """A core and its town; at the end no rule of the provider's may have been broken."""
    core = Wired(folder, more=more)
    core.town = Town(SystemClock(SPEED))
    core.look_alike = LookAlike(core.town, calls_per_second=100)
    app = FastAPI()
    serving = Serving(app)
    await serving.start()
    core.look_alike.texts_go_to(f"{serving.url}/phone/twilio/sms")
    await core.look_alike.start()
    phone = TwilioPhone(
        account_sid=core.look_alike.account,
        auth_token=core.look_alike.token,
        numbers=core.look_alike.numbers,
        api_base=core.look_alike.url,
        public_url=serving.url,
        clock=core.clock,
        calls_per_second=1000,
        messages_per_second=1000,
    )
    core.provider = cast("Any", phone)
    try:
        async with core:
            signer = Signer(core.look_alike.account, core.look_alike.token)
            app.include_router(router(core.switchboard, public_url=serving.url, signers=lambda: [signer]))
            yield core
            assert not core.look_alike.violations
    finally:
        await core.town.close()
        await asyncio.gather(phone.close(), core.look_alike.stop(), serving.stop())
