"""Without a provider everything shows in the log, marked as not sent."""

from __future__ import annotations

from structlog.testing import capture_logs

from alarmd.phone.console import LogPhone
from alarmd.phone.provider import Accepted, Outgoing
from escalation.people import Channel
from tests.support.stopped_clock import START


async def test_it_shows_the_whole_message_and_says_that_nobody_got_it() -> None:
    message = Outgoing(attempt="a" * 26, channel=Channel.SMS, to="+8613800001111", body="王秀英老人按了求助键")
    phone = LogPhone()
    with capture_logs() as lines:
        assert await phone.send(message) == Accepted(sid="SIM" + "a" * 26)
    (line,) = lines
    assert "NOT SENT" in line["event"]
    assert (line["to"], line["body"]) == (message.to, message.body)
    assert await phone.find(message, since=START) == Accepted(sid="SIM" + "a" * 26)
    assert phone.name == "simulated"
    await phone.close()
