"""The Twilio look-alike: one account over HTTP, whose phones are those of a simulated town."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from simulators.serving import Serving, free_port
from simulators.town import Town
from simulators.twilio.app import Api
from simulators.twilio.exchange import Exchange
from simulators.twilio.faults import Faults
from simulators.twilio.webhooks import Webhooks

ACCOUNT = "AC" + "5" * 32
TOKEN = "look-alike-token"  # noqa: S105 - the look-alike's own, known to everybody
NUMBERS = ("+862055500100",)


class LookAlike:
    """Looks to the daemon like ``https://api.twilio.com``.

    Args:
        town: Whose handsets are reached.
        account: The account's sid.
        token: Its token; also signs the webhooks.
        numbers: The numbers it owns.
        port: 0 for a free one.
        calls_per_second: How many calls are dialled a second.
    """

    def __init__(
        self,
        town: Town,
        *,
        account: str = ACCOUNT,
        token: str = TOKEN,
        numbers: Sequence[str] = NUMBERS,
        port: int = 0,
        calls_per_second: float = 1.0,
    ) -> None:
        self.town = town
        self.numbers = tuple(numbers)
        self.faults = Faults()
        self.webhooks = Webhooks(token, self._complain)
        self.exchange = Exchange(town=town, account=account, webhooks=self.webhooks, calls_per_second=calls_per_second)
        self.api = Api(exchange=self.exchange, owned=frozenset(numbers), faults=self.faults)
        self._serving = Serving(self.api.app, port=port or free_port())
        for number in numbers:
            town.connect(number, self.exchange)

    def _complain(self, sentence: str) -> None:
        self.exchange.violations.append(sentence)

    @property
    def account(self) -> str:
        """The account's sid."""
        return self.exchange.account

    @property
    def token(self) -> str:
        """The account's token."""
        return self.webhooks.token

    @property
    def port(self) -> int:
        """Where it listens, or will."""
        return self._serving.port

    @property
    def url(self) -> str:
        """What goes into ``api_base``."""
        return self._serving.url

    @property
    def violations(self) -> list[str]:
        """Every rule of the public API that was broken, each a sentence."""
        return self.exchange.violations

    def texts_go_to(self, address: str) -> None:
        """Set where texts from handsets are posted (in real life: in the provider's console)."""
        self.exchange.sms_url = address

    async def start(self) -> None:
        """Take requests."""
        await self._serving.start()

    async def go_down(self) -> None:
        """Refuse connections from now on; calls that are on go on."""
        await self._serving.stop()

    async def come_back(self) -> None:
        """Take requests again, at the same address."""
        await self._serving.start()

    async def stop(self) -> None:
        """Close for good."""
        await self._serving.stop()
        await self.webhooks.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
