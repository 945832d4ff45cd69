"""Plays TwiML into a handset, as Twilio does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never
from urllib.parse import urljoin

from alarmd.clock import Clock
from simulators.live_call import LiveCall
from simulators.town import Happened, Town
from simulators.twilio import twiml
from simulators.twilio.webhooks import Webhooks

LONGEST = 100  # documents in one call; more is a loop without end
_WIDE = 0x2E80  # from here on the scripts whose signs are syllables
_WIDE_PER_SECOND = 4.5
_NARROW_PER_SECOND = 15.0
_BETWEEN_DIGITS = 2.0  # seconds within which the next digit is expected, at the most


def speaking_time(words: str) -> float:
    """How many seconds it takes to say that, roughly."""
    wide = sum(ord(sign) >= _WIDE for sign in words)
    return wide / _WIDE_PER_SECOND + (len(words) - wide) / _NARROW_PER_SECOND


class Player:
    """Plays one answered call from its first document to its end.

    Args:
        call: The call.
        town: Where it is heard.
        webhooks: How documents are fetched.
        form: The fields that every request of this call carries.
        complain: Called with a sentence for each fault found in a document.
    """

    def __init__(
        self,
        *,
        call: LiveCall,
        town: Town,
        webhooks: Webhooks,
        form: Callable[[], Mapping[str, str]],
        complain: Callable[[str], None],
    ) -> None:
        self._call = call
        self._town = town
        self._clock: Clock = town.clock
        self._webhooks = webhooks
        self._form = form
        self._complain = complain

    async def play(self, address: str, document: str = "") -> None:
        """Play from that address on (or from a document given in the request) until the call is over."""
        text = document or await self._fetch(address, {})
        for _ in range(LONGEST):
            if text is None or self._call.over:
                break
            verbs = self._read(text)
            next_request = await self._perform(verbs, address)
            if next_request is None:
                break
            address, digits = next_request
            text = await self._fetch(address, digits)
        else:
            self._complain(f"a call of more than {LONGEST} documents: does it never end?")
        self._call.end("completed")

    def _read(self, text: str) -> list[twiml.Verb]:
        document = twiml.read(text)
        for fault in document.faults:
            self._complain(f"12200: {fault}")
        return document.verbs

    async def _fetch(self, address: str, extra: Mapping[str, str]) -> str | None:
        response = await self._webhooks.post(address, {**self._form(), **extra})
        if response is None:
            # Twilio's own words to the person when the customer's server fails.
            await self._speak("We are sorry, an application error has occurred. Goodbye.")
            return None
        kind = response.headers.get("content-type", "")
        if "xml" not in kind:
            self._complain(f"12300: TwiML came as {kind!r}")
        return response.text

    async def _perform(self, verbs: list[twiml.Verb], base: str) -> tuple[str, dict[str, str]] | None:
        """Play until something asks for another document; None = the document is over."""
        for verb in verbs:
            if self._call.over:
                return None
            match verb:
                case twiml.Say(words=words):
                    await self._speak(words)
                case twiml.Pause(length=length):
                    await self._wait(length)
                case twiml.Gather():
                    digits = await self._gather(verb)
                    if digits or (verb.on_empty and not self._call.over):
                        return urljoin(base, verb.action), {"Digits": digits, "msg": "Gather End"}
                case twiml.Redirect(address=address):
                    return urljoin(base, address), {}
                case twiml.Hangup():
                    return None
                case _ as never:
                    assert_never(never)
        return None

    async def _speak(self, words: str) -> str | None:
        self._call.say(words)
        self._town.tell(Happened.HEARD, self._call.number, words, self._call.sid)
        return await self._wait(speaking_time(words))

    async def _wait(self, seconds: float) -> str | None:
        """Let time pass until a key is pressed (only where one is listened for) or the call ends."""
        return await self._call.next_key(seconds, self._clock)

    async def _gather(self, gather: twiml.Gather) -> str:
        """The digits; empty when none came."""
        self._call.listen(on=True)
        key = None
        for prompt in gather.prompts:
            key = await (self._speak(prompt.words) if isinstance(prompt, twiml.Say) else self._wait(prompt.length))
            if key:
                break
        digits = ""
        wait = gather.timeout
        if not key:
            self._call.ask()
        key = key or await self._wait(wait)
        while key and key not in gather.finish:
            self._town.tell(Happened.KEY, self._call.number, key, self._call.sid)
            digits += key
            if gather.digits and len(digits) >= gather.digits:
                break
            key = await self._wait(min(wait, _BETWEEN_DIGITS) if gather.digits is None else wait)
        self._call.listen(on=False)
        return digits
