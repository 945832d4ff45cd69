"""`alarmd simulate phones`: the Twilio look-alike with a page on which calls and texts are answered by hand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from starlette.applications import Starlette

from alarmd.clock import Clock, SystemClock
from simulators.bell import Bell
from simulators.dispatch import DispatchCentre
from simulators.page import hands
from simulators.page.app import routes
from simulators.serving import Serving
from simulators.town import Happening, Town
from simulators.twilio import LookAlike
from simulators.twilio.lookalike import ACCOUNT, NUMBERS, TOKEN

log = structlog.get_logger()

Whose = Callable[[str], Sequence[tuple[str, str]]]
"""Who has a number: names, each with a role; asked in a thread."""

VIOLATIONS = 20  # how many of the last are shown


class HandPhones:
    """The running look-alike and its page.

    Args:
        clock: Everybody's.
        host: Where to listen.
        port: 0 for a free one.
        account: The account's sid.
        token: Its token.
        numbers: The numbers it owns.
        webhooks: The daemon's address, for texts that are sent from here.
        dispatch: The number that confirms hand-offs by itself; empty = none.
        whose: Who has a number; None = nobody knows.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        host: str,
        port: int,
        account: str,
        token: str,
        numbers: Sequence[str],
        webhooks: str,
        dispatch: str,
        whose: Whose | None = None,
    ) -> None:
        self.changed = Bell()
        self.version = 0
        self.closed = False
        self.town = Town(clock)
        self.centre = DispatchCentre()
        self.provider = LookAlike(self.town, account=account, token=token, numbers=numbers)
        self.provider.texts_go_to(f"{webhooks.rstrip('/')}/phone/twilio/sms")
        self._dispatch = dispatch
        self._whose = whose
        self._known: dict[str, Sequence[tuple[str, str]]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        if dispatch:
            self.town.handset(dispatch, person=self.centre)
        self.town.watchers.append(self._seen)
        self._below = f"/{secrets.token_urlsafe(16)}"  # names and addresses stand in what is sent
        pages = routes(self, "by_hand.html", below=self._below)
        self._serving = Serving(Starlette(routes=[*self.provider.api.app.routes, *pages]), host=host, port=port)

    def _seen(self, happening: Happening) -> None:
        number = happening.number
        if self._whose is not None and not self._known.get(number) and number not in self._asking:
            self._asking[number] = asyncio.create_task(self._learn(self._whose, number))
        self._touch()

    async def _learn(self, whose: Whose, number: str) -> None:
        """The name of who was rung; asked again at the next ring where nobody has the number yet."""
        try:
            self._known[number] = await asyncio.to_thread(whose, number)
        except Exception:
            log.warning("whose telephone it is could not be read", exc_info=True)
        finally:
            del self._asking[number]
        self._touch()

    def _touch(self) -> None:
        self.version += 1
        self.changed.ring()

    @property
    def url(self) -> str:
        """What goes into ``api_base``."""
        return self._serving.url

    @property
    def page(self) -> str:
        """The page's address: a link with a secret in it, new at each start."""
        return f"{self._serving.url}{self._below}/"

    def snapshot(self) -> dict[str, Any]:
        """All telephones that were ever rung or texted."""
        return {
            "phones": [self._card(number) for number in self.town.handsets],
            "violations": self.provider.violations[-VIOLATIONS:] + self.town.faults[-VIOLATIONS:],
        }

    def _card(self, number: str) -> dict[str, Any]:
        known = self._known.get(number, ())
        roles = {role for _, role in known}
        return hands.picture(
            self.town.handset(number),
            key=number.lstrip("+"),
            name=" · ".join(dict.fromkeys(name for name, _ in known)) or number,
            role="dispatch" if number == self._dispatch else roles.pop() if len(roles) == 1 else "",
            by_hand=number != self._dispatch,
            zone=None,
        )

    async def act(self, wish: Mapping[str, Any]) -> None:
        """Do what the page asks for.

        Raises:
            hands.UnknownActError: It cannot be done.
        """
        handset = self.town.handsets.get("+" + str(wish.get("who", "")))
        if handset is None:
            raise hands.UnknownActError("there is no such telephone yet")
        await hands.act(handset, str(wish.get("do", "")), wish)
        self._touch()

    async def start(self) -> None:
        """Take requests.

        Raises:
            OSError: The port is taken.
        """
        await self._serving.start()

    async def stop(self) -> None:
        """Close for good."""
        self.closed = True
        self.changed.ring()
        await self.town.close()
        await asyncio.gather(*self._asking.values())
        await self._serving.stop()
        await self.provider.webhooks.close()


async def start(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    account: str = ACCOUNT,
    token: str = TOKEN,
    numbers: Sequence[str] = NUMBERS,
    webhooks: str = "http://127.0.0.1:8080",
    dispatch: str = "",
    clock: Clock | None = None,
    whose: Whose | None = None,
) -> HandPhones:
    """Start the look-alike with its page; see `HandPhones`.

    Raises:
        OSError: The port is taken.
    """
    phones = HandPhones(
        clock=clock or SystemClock(),
        host=host,
        port=port,
        account=account,
        token=token,
        numbers=numbers,
        webhooks=webhooks,
        dispatch=dispatch,
        whose=whose,
    )
    await phones.start()
    return phones
