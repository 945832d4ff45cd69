"""Reading TwiML: what the real twilio library writes is understood, and whatever is wrong is said."""

from __future__ import annotations

import pytest
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from simulators.twilio import twiml


def test_it_reads_a_menu_as_the_library_writes_it() -> None:
    document = VoiceResponse()
    gather = Gather(num_digits=1, timeout=8, action="/key", method="POST")
    gather.say("去请按一", language="zh-CN")
    gather.pause(length=2)
    document.append(gather)
    document.say("再见")
    document.redirect("/again")
    document.hangup()
    read = twiml.read(str(document))
    assert read.faults == []
    assert read.verbs == [
        twiml.Gather((twiml.Say("去请按一", "zh-CN"), twiml.Pause(2)), "/key", 8, 1, "#", on_empty=False),
        twiml.Say("再见"),
        twiml.Redirect("/again"),
        twiml.Hangup(),
    ]


def test_it_reads_the_answer_to_a_text() -> None:
    document = MessagingResponse()
    document.message("谢谢")
    assert twiml.read(str(document)).messages == ["谢谢"]
    assert twiml.read("<Response/>").messages == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not XML"),
        ("<Response><Say>a</Say>", "not XML"),
        ("<Reply/>", "the root element is 'Reply'"),
        ("<Response><Record/></Response>", "unknown verb Record"),
        ("<Response><Say> </Say></Response>", "an empty Say"),
        (f"<Response><Say>{'长' * 4097}</Say></Response>", "a Say of 4097 characters"),
        (f"<Response><Say>{'长' * 30000}</Say></Response>", "above the limit"),
        ("<Response><Say tempo='fast'>a</Say></Response>", "Say has no attribute"),
        ("<Response><Gather timeout='soon'/></Response>", "timeout 'soon'"),
        ("<Response><Gather numDigits='0'/></Response>", "numDigits '0'"),
        ("<Response><Gather input='speech'/></Response>", "these phones have keys only"),
        ("<Response><Gather><Hangup/></Gather></Response>", "Hangup inside Gather"),
    ],
)
def test_it_says_what_is_wrong(text: str, fault: str) -> None:
    assert any(fault in one for one in twiml.read(text).faults)
