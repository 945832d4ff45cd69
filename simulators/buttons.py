"""A button on somebody's bedside table."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiomqtt

from alarmd.clock import Clock, SystemClock
from simulators import dialects
from simulators.bell import Bell
from simulators.broker import Broker

_NOT_CONNECTED = "the button is not connected; use it with `async with`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What became of one press.

    Attributes:
        ref: The key of the signal, where the family has one.
        acknowledged: Seconds on the wall until the PUBACK.
        status: The reply's status (``kept`` …); None where none came, or the family has none.
        replied: Seconds on the wall until that reply.
        incident: The incident named in the reply.
    """

    ref: str
    acknowledged: float
    status: str | None = None
    replied: float | None = None
    incident: str = ""


@dataclass(slots=True, kw_only=True)
class Button:
    """A connected device; used with ``async with``.

    Attributes:
        broker: Where it publishes.
        family: Its dialect.
        device: Its address.
        clock: Its own time.
        battery: Per cent.
        heard: Called with every reply the device gets.
        replies: All replies so far.
    """

    broker: Broker
    family: str = "alarmd"
    device: str = "bed_button"
    clock: Clock = field(default_factory=SystemClock)
    battery: int = 87
    heard: Callable[[dict[str, Any]], None] | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)
    _bell: Bell = field(default_factory=Bell)
    _client: aiomqtt.Client | None = None
    _listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # a client id of its own each time: two presses at once must not throw each other off the broker
        name = "".join(letter for letter in self.device if letter.isalnum())[:40]
        client = self.broker.connect(f"sim-{name}-{secrets.token_hex(3)}", will=self._will())
        self._client = await client.__aenter__()
        if self.family == "alarmd":
            await self._client.subscribe(f"alarmd/v1/{self.device}/reply", qos=1)
            self._listener = asyncio.create_task(self._listen(self._client))
        return self

    def _will(self) -> aiomqtt.Will | None:
        """What the broker says for it, or for its gateway, when the line breaks."""
        will = dialects.dialect(self.family).will
        if will is None:
            return None
        said = will(self.device)
        return aiomqtt.Will(said.topic, said.payload, qos=1, retain=said.retain)

    async def comes_up(self) -> None:
        """Say what it and its gateway say after power came on."""
        turn = dialects.Turn(device=self.device, at=self.clock.now(), battery=self.battery)
        await self._send(dialects.dialect(self.family).hello(turn))

    async def is_lost(self) -> None:
        """Lose the line without a goodbye: the broker publishes the last will."""
        if self._client is None:
            raise RuntimeError(_NOT_CONNECTED)
        client, self._client = self._client, None
        paho = client._client  # noqa: SLF001 - aiomqtt can only say goodbye, and with it the broker drops the will
        if isinstance(line := paho.socket(), socket.socket):
            line.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self._client:
            await self._client.__aexit__(None, None, None)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            reply = json.loads(bytes(message.payload))
            self.replies.append(reply)
            if self.heard:
                self.heard(reply)
            self._bell.ring()

    async def says(self, signal: str = "sos", *, patience: float = 0.0, **more: Any) -> Pressed:
        """Say something.

        Args:
            signal: ``sos`` is a press.
            patience: Seconds on the wall to wait for the reply; 0 = only for the PUBACK.
            **more: See `simulators.dialects.says`.

        Raises:
            ValueError: The family cannot say that.
        """
        more.setdefault("battery", self.battery)
        episode = dialects.says(self.family, self.device, signal, at=self.clock.now(), **more)
        said, start = episode[0], time.monotonic()
        acknowledged = await self._send(episode)
        reply = await self._reply(said.ref, patience) if said.reply and patience else None
        return Pressed(
            ref=said.ref,
            acknowledged=acknowledged,
            status=reply["status"] if reply else None,
            replied=time.monotonic() - start if reply else None,
            incident=str(reply.get("incident") or "") if reply else "",
        )

    async def _send(self, episode: dialects.Episode) -> float:
        """Publish all of it, each message in its time; seconds on the wall until the first was acknowledged."""
        if self._client is None:
            raise RuntimeError(_NOT_CONNECTED)
        start, first, passed = time.monotonic(), 0.0, 0.0
        for number, said in enumerate(episode):
            await self.clock.sleep(max(0.0, said.after - passed))
            passed = max(passed, said.after)
            await self._client.publish(said.topic, said.payload, qos=1, retain=said.retain)
            if number == 0:
                first = time.monotonic() - start
        return first

    async def _reply(self, ref: str, patience: float) -> dict[str, Any] | None:
        def mine() -> dict[str, Any] | None:
            return next((reply for reply in self.replies if reply.get("ref") == ref), None)

        try:
            async with asyncio.timeout(patience):
                return await self._bell.until(mine)
        except TimeoutError:
            return None

    async def until_told(self, status: str, *, patience: float = 10.0) -> dict[str, Any]:
        """Wait until the device is told that.

        Raises:
            TimeoutError: It is not told in time.
        """

        def told() -> dict[str, Any] | None:
            return next((reply for reply in self.replies if reply.get("status") == status), None)

        async with asyncio.timeout(patience):
            found = await self._bell.until(told)
        if found is None:  # the bell wakes only for a reply
            raise TimeoutError(status)
        return found


async def press(
    broker: Broker, *, family: str = "alarmd", device: str = "bed_button", patience: float = 5.0, **more: Any
) -> Pressed:
    """Press once and wait for the reply."""
    async with Button(broker=broker, family=family, device=device) as button:
        return await button.says(patience=patience, **more)
