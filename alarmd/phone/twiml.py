"""What is spoken on a call and answered to a text message, as TwiML, through the SDK's own builder."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from alarmd.phone.callbacks import Scene

# Long enough to take the telephone from the ear and find the key.
KEY_SECONDS = 8


class Voice(msgspec.Struct, frozen=True):
    """A voice of Twilio's text-to-speech and the language tag that goes with it."""

    name: str | None
    language: str


_VOICES = {
    "zh-cn": Voice("Polly.Zhiyu", "cmn-CN"),
    "zh": Voice("Polly.Zhiyu", "cmn-CN"),
    "en": Voice("Polly.Joanna", "en-US"),
    "en-gb": Voice("Polly.Amy", "en-GB"),
}


def voice(language: str) -> Voice:
    """The voice for a BCP 47 tag; for a language without one of its own, whatever Twilio has for it."""
    tag = language.replace("_", "-").lower()
    return _VOICES.get(tag) or _VOICES.get(tag.split("-")[0]) or Voice(None, language or "en-US")


def call(scene: Scene, action: str) -> str:
    """The scene as a voice response.

    A menu is said inside a Gather, so that a key interrupts it; without a key Twilio falls through to a second Gather,
    which says it all again (whoever picked up late has missed the beginning), and then to the farewell.

    Args:
        scene: What is said.
        action: The address to which a key is sent.
    """
    response = VoiceResponse()
    if not scene.menu:
        _say(response, scene.say, scene.language)
        response.hangup()
        return _text(response)
    for sentences in (scene.say, (scene.again, *scene.say)):
        gather = Gather(input="dtmf", num_digits=1, timeout=KEY_SECONDS, finish_on_key="", action=action, method="POST")
        _say(gather, sentences, scene.language)
        response.append(gather)
    _say(response, (scene.bye,), scene.language)
    response.hangup()
    return _text(response)


def message(body: str) -> str:
    """The answer to a text message; an empty body answers nothing."""
    response = MessagingResponse()
    if body:
        response.message(body)
    return _text(response)


def _say(parent: VoiceResponse | Gather, sentences: Sequence[str], language: str) -> None:
    spoken = voice(language)
    for sentence in sentences:
        if sentence:
            parent.append(Say(sentence, voice=spoken.name, language=spoken.language))


def _text(response: VoiceResponse | MessagingResponse) -> str:
    return str(response)
