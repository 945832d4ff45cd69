"""Which phones are hung up on, and which never; what goes wrong with it does no harm."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from alarmd.cli.telling import tell
from alarmd.hanging_up import HangUps
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Outgoing
from alarmd.store import StoreError
from escalation.incident import Answer, Answered, Closed, HandedOver, Standing
from escalation.people import Channel
from tests.support.core import Core, ScriptedProvider

WANG, LI = "+8613800000001", "+8613800000002"
LINE_PHONE, DESK_PHONE = "+861065551234", "+8613900000009"


@dataclass
class Hanging(ScriptedProvider):
    """A provider that can hang up, and notes on whom."""

    hung_up: list[str] = field(default_factory=list)
    fault: str | None = None

    async def hang_up(self, sid: str) -> str | None:
        self.hung_up.append(sid)
        return self.fault


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    made = Core(tmp_path)
    made.provider = Hanging()
    async with made:
        yield made


def hanging(core: Core) -> tuple[HangUps, Hanging]:
    assert isinstance(core.provider, Hanging)
    return HangUps(engine=core.engine, clock=core.clock, providers=[core.provider]), core.provider


def call_to(messages: list[Outgoing], number: str) -> Outgoing:
    return next(m for m in messages if m.to == number and m.channel is Channel.VOICE)


def sid(message: Outgoing) -> str:
    return f"SM{message.attempt}"


async def rings(core: Core, message: Outgoing, status: SendStatus = SendStatus.RINGING) -> None:
    await core.switchboard.status(
        StatusUpdate(attempt=message.attempt, sid=sid(message), status=status, raw=status.value)
    )


async def both_ring(core: Core) -> list[Outgoing]:
    """All that is sent first, and two of the telephones ring."""
    sent = await core.send()
    for number in (WANG, LI):
        await rings(core, call_to(sent, number))
    return sent


async def takes_it(core: Core, call: Outgoing) -> None:
    """Somebody picks up, and presses 1."""
    await rings(core, call, SendStatus.ANSWERED)
    await core.switchboard.key(call.attempt, sid(call), "1")


async def test_it_ends_the_ringing_of_the_others_once(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await takes_it(core, call_to(sent, WANG))
    for _ in range(2):
        await ups.look()
        await ups.settled()
    assert provider.hung_up == [sid(call_to(sent, LI))]
    (entry,) = await core.log("message.ended")
    assert entry.data["attempt"] == call_to(sent, LI).attempt


async def test_what_the_provider_would_not_end_is_not_called_ended_and_rings_on(core: Core) -> None:
    ups, provider = hanging(core)
    provider.fault = "HTTP 400: Call is not in-progress"
    await core.press()
    sent = await both_ring(core)
    await takes_it(core, call_to(sent, WANG))
    await ups.look()
    await ups.settled()
    assert provider.hung_up == [sid(call_to(sent, LI))] * 2
    assert not await core.log("message.ended")
    await rings(core, call_to(sent, LI), SendStatus.ANSWERED)  # and is heard when it is taken after all
    status = {row["attempt"]: row["status"] for row in await core.outgoing()}
    assert status[call_to(sent, LI).attempt] == "answered"


async def test_who_picks_up_while_it_is_being_ended_is_not_called_hung_up_on(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await takes_it(core, call_to(sent, WANG))
    await ups.look()
    await core.switchboard.answered(call_to(sent, LI).attempt, sid(call_to(sent, LI)), "human")
    await ups.settled()
    assert provider.hung_up == [sid(call_to(sent, LI))]
    assert not await core.log("message.ended")


async def test_the_providers_own_word_that_it_was_cancelled_is_no_second_entry(core: Core) -> None:
    ups, _ = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await takes_it(core, call_to(sent, WANG))
    await ups.look()
    await rings(core, call_to(sent, LI), SendStatus.UNANSWERED)
    await ups.settled()
    assert len(await core.log("message.ended")) == 1
    assert not await core.log("message.unanswered")


@pytest.mark.parametrize("word_comes", ["before", "after", "never", "crash"])
async def test_who_was_hung_up_on_is_not_shown_as_one_who_did_not_answer(core: Core, word_comes: str) -> None:
    """Nobody failed to answer: alarmd took the call back."""
    ups, _ = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await takes_it(core, call_to(sent, WANG))
    await ups.look()
    if word_comes in {"before", "crash"}:
        await rings(core, call_to(sent, LI), SendStatus.UNANSWERED)
    if word_comes != "crash":
        await ups.settled()
    if word_comes == "after":
        await rings(core, call_to(sent, LI), SendStatus.UNANSWERED)
    status = {row["attempt"]: row["status"] for row in await core.outgoing()}
    assert status[call_to(sent, LI).attempt] == "ended"
    await ups.settled()


async def test_who_did_not_answer_before_it_was_taken_is_shown_so(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await rings(core, call_to(sent, LI), SendStatus.UNANSWERED)
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "1")
    await ups.look()
    await ups.settled()
    assert provider.hung_up == []
    status = {row["attempt"]: row["status"] for row in await core.outgoing()}
    assert status[call_to(sent, LI).attempt] == "unanswered"


async def person_of(core: Core, message: Outgoing) -> str:
    return str(next(row["person"] for row in await core.outgoing() if row["attempt"] == message.attempt))


@pytest.mark.parametrize("answer", [Answer.GO, Answer.THERE, Answer.CANNOT])
@pytest.mark.parametrize(("via", "by"), [("sms", ""), ("link", ""), ("desk", "Zhang"), ("voice", "")])
async def test_who_answers_another_way_is_not_rung_on(core: Core, answer: Answer, via: str, by: str) -> None:
    ups, provider = hanging(core)
    opened = await core.press()
    sent = await core.send()
    await rings(core, call_to(sent, WANG))
    await core.engine.apply(
        opened.id, Answered(person=await person_of(core, call_to(sent, WANG)), answer=answer, via=via, by=by)
    )
    await ups.look()
    await ups.settled()
    assert provider.hung_up == [sid(call_to(sent, WANG))]
    (entry,) = await core.log("message.ended")
    assert entry.data["why"] == "answered"


async def test_it_leaves_alone_who_has_picked_up(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await core.send()
    for number in (WANG, LI):
        await rings(core, call_to(sent, number))
        await core.switchboard.answered(call_to(sent, number).attempt, sid(call_to(sent, number)), "human")
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "1")
    await ups.look()
    await ups.settled()
    assert provider.hung_up == [], "the provider's own word that it was taken may come later than what is said in it"


async def test_who_comes_too_is_rung_again_only_later(core: Core) -> None:
    """A call that rang before the answer ends; one that is placed after it, because nobody else is left, does not."""
    ups, provider = hanging(core)
    opened = await core.press()
    sent = await core.send()
    await rings(core, call_to(sent, WANG))
    event = Answered(person=await person_of(core, call_to(sent, WANG)), answer=Answer.GO, via="sms", engaged=True)
    await core.store.write(
        lambda tx: core.engine.happen(tx, tx.one("incident_get", id=opened.id), event, core.clock.now())  # type: ignore[arg-type]  # it is there
    )
    await ups.look()
    await ups.settled()
    assert provider.hung_up == [sid(call_to(sent, WANG))]


async def test_the_desk_rings_no_more_when_it_is_closed_and_it_does_not_say_that_somebody_goes(core: Core) -> None:
    ups, provider = hanging(core)
    opened = await core.press()
    sent = await both_ring(core)
    await core.engine.apply(opened.id, Closed(by="Zhang", reason="false alarm"))
    await ups.look()
    await ups.settled()
    assert set(provider.hung_up) == {sid(call_to(sent, WANG)), sid(call_to(sent, LI))}
    ended = await core.log("message.ended")
    assert {entry.data["why"] for entry in ended} == {"closed"}
    told = [tell(entry, str).text for entry in ended]
    assert all("hung up: it is closed" in text for text in told), told


async def test_a_desk_phone_rings_no_more_for_a_hand_off_that_another_has_confirmed(core: Core) -> None:
    ups, provider = hanging(core)
    opened = await core.press()
    for _ in range(3):
        await core.passes(60)
    sent = await core.send()
    await core.passes(121)
    sent += await core.send()
    await rings(core, call_to(sent, LINE_PHONE))
    desk = [m for m in sent if m.to == DESK_PHONE and m.channel is Channel.VOICE]
    for call in desk:
        await rings(core, call)
    await core.engine.apply(opened.id, HandedOver(by="line", via="desk"))
    await ups.look()
    await ups.settled()
    assert set(provider.hung_up) & {sid(call) for call in desk} == {sid(call) for call in desk}
    assert sid(call_to(sent, LINE_PHONE)) not in provider.hung_up, "the ambulance is never hung up on"


async def test_what_a_crash_left_ringing_is_hung_up_on_after_the_start(core: Core) -> None:
    opened = await core.press()
    await both_ring(core)
    await core.engine.apply(opened.id, Closed(by="Zhang", reason="false alarm"))
    await core.restart()
    ups, provider = hanging(core)
    await ups._recall()
    await ups.look()
    await ups.settled()
    assert len(provider.hung_up) == 2


async def test_a_call_that_was_being_placed_at_that_moment_ends_when_it_is_known(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await core.send()
    other = call_to(sent, LI)
    await core.run_sql(
        f"UPDATE outbox SET state = 'sending', sid = '', due_at = queued_at WHERE attempt = '{other.attempt}'"  # noqa: S608 - an attempt of our own
    )
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "1")
    await ups.look()
    assert provider.hung_up == []
    await rings(core, other)
    await ups.look()
    await ups.settled()
    assert sid(other) in provider.hung_up


async def test_who_is_asked_again_is_rung_anew(core: Core) -> None:
    ups, provider = hanging(core)
    await core.press()
    sent = await both_ring(core)
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "1")
    await ups.look()
    await ups.settled()
    assert sid(call_to(sent, LI)) in provider.hung_up
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "2")
    assert LI in {m.to for m in await core.send() if m.channel is Channel.VOICE}, "the first goes not after all"


async def test_a_provider_that_cannot_do_it_harms_nobody(core: Core) -> None:
    ups, provider = hanging(core)
    provider.fault = "HTTP 429"
    opened = await core.press()
    sent = await core.send()
    await rings(core, call_to(sent, LI))
    await core.engine.apply(opened.id, Closed(by="desk", reason="false alarm"))
    await ups.look()
    core.clock.pass_(60)
    await ups.settled()
    assert provider.hung_up.count(sid(call_to(sent, LI))) == 2, "tried once more, and then left"


async def test_a_call_that_only_a_look_up_named_rings_out(core: Core) -> None:
    """The provider's list knows no attempt: it may be the call of another alarm, whose answer is still wanted."""
    ups, provider = hanging(core)
    await core.press()
    sent = await core.send()
    await core.switchboard.key(call_to(sent, WANG).attempt, sid(call_to(sent, WANG)), "1")
    await ups.look()
    await ups.settled()
    assert sid(call_to(sent, LI)) not in provider.hung_up
    await rings(core, call_to(sent, LI))
    await ups.look()
    await ups.settled()
    assert sid(call_to(sent, LI)) in provider.hung_up


async def test_what_a_transaction_says_is_heard_once_it_is_on_disk_and_on_the_loop(core: Core) -> None:
    heard: list[tuple[str, int]] = []

    def note(what: str, *_: object) -> None:
        heard.append((what, threading.get_ident()))

    core.engine.on_answered(partial(note, "answered"))
    core.engine.on_withdrawn(partial(note, "withdrawn"))
    incident = await core.press()
    await core.send()
    with core.undone(), pytest.raises(StoreError):
        await core.switchboard.text(WANG, f"1 {incident.code}", "SM1")
    assert heard == []
    await core.switchboard.text(WANG, f"1 {incident.code}", "SM2")
    assert {what for what, _ in heard} == {"answered", "withdrawn"}
    assert {thread for _, thread in heard} == {threading.get_ident()}


async def test_a_listener_that_fails_takes_nothing_back(core: Core) -> None:
    def fail(incident: str, person: str, at: object) -> None:
        raise RuntimeError("dictionary changed size during iteration")

    core.engine.on_answered(fail)
    incident = await core.press()
    await core.send()
    await core.switchboard.text(WANG, f"1 {incident.code}", "SM1")
    assert (await core.incidents())[-1].participants[0].standing is Standing.ACCEPTED


async def test_a_defect_while_looking_at_ringing_phones_stops_nothing(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang_ups, _ = hanging(core)
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("dictionary changed size during iteration")

    async def until(*_: object, **__: object) -> None:
        if looks > 1:
            raise asyncio.CancelledError

    monkeypatch.setattr(hang_ups, "look", look)
    monkeypatch.setattr(hang_ups._alarm, "until", until)
    with pytest.raises(asyncio.CancelledError):
        await hang_ups.run()
    assert looks == 2
