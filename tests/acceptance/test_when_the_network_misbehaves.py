"""What the provider and the network do to messages, and that help comes all the same, and once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from simulators.twilio import Trouble
from tests.support.daemon import Street, street


async def the_neighbour_takes_it(here: Street) -> None:
    await here.phone("neighbour").expects_call().hears("王秀英").presses("1").hears("谢谢")
    await here.stage.until_logged("incident.accepted", "neighbour")


def texts(here: Street, who: str, words: str) -> int:
    return sum(words in text.body for text in here.phone(who).handset.texts)


@pytest.mark.parametrize("callbacks", ["once", "never"])
async def test_a_send_whose_answer_was_lost_is_not_sent_twice(tmp_path: Path, callbacks: str) -> None:
    """With callbacks the first one names it; without any it is looked up at the provider."""
    async with street(tmp_path) as here:
        here.is_not_about()
        neighbour = here.phone("neighbour")
        neighbour.handset.reception.callbacks = callbacks
        for resource in ("Messages", "Calls"):
            here.stage.look_alikes[0].faults.plan(Trouble.LOST, on=resource, to=neighbour.handset.number)
        await here.stage.press()
        await here.phone("son").expects_ring()  # a whole step later
        assert texts(here, "neighbour", "求助键") == 1
        assert len(neighbour.handset.calls) == 1
        assert here.count("message.sent", "neighbour") == 2


async def test_repeated_and_disordered_callbacks_change_nothing(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        for who in ("neighbour", "volunteer", "nurse"):
            here.phone(who).handset.reception.callbacks = "shuffled"
        await here.stage.press()
        await the_neighbour_takes_it(here)
        await here.stage.until_logged("message.unanswered", "volunteer")
        for who in ("volunteer", "nurse"):
            delivered = [
                entry.data["attempt"]
                for entry in here.stage.log
                if entry.event == "message.delivered" and entry.actor == who
            ]
            assert len(delivered) == len(set(delivered))
        assert here.count("incident.accepted") == 1


async def test_a_number_out_of_service_brings_in_the_next_nearest_at_once(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        reception = here.phone("neighbour").handset.reception
        reception.refuse_text = reception.refuse_call = 21211
        await here.stage.press()
        await here.phone("worker").expects_call().hears("王秀英").presses("1").hears("谢谢")
        accepted = await here.stage.until_logged("incident.accepted", "worker")
        opened = await here.stage.until_logged("incident.opened")
        assert accepted.at - opened.at < timedelta(seconds=60)
        assert here.count("incident.gap", "neighbour") == 1


@pytest.mark.parametrize(("status", "code"), [("undelivered", 30003), ("undelivered", 30006), ("failed", 30007)])
async def test_who_gets_no_text_is_rung(tmp_path: Path, status: str, code: int) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        here.phone("neighbour").handset.reception.text_fails = (status, code)
        await here.stage.press()
        await the_neighbour_takes_it(here)
        refused = await here.stage.until_logged("message.refused", "neighbour")
        assert refused.data["code"] == str(code)


async def test_who_said_stop_is_still_rung(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        here.phone("neighbour").handset.reception.stopped = True
        await here.stage.press()
        await the_neighbour_takes_it(here)
        assert here.phone("neighbour").handset.texts == []


async def test_a_throttled_provider_is_tried_again(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        here.stage.look_alikes[0].faults.throttle(times=4, retry_after=1)
        await here.stage.press()
        await the_neighbour_takes_it(here)
        assert texts(here, "neighbour", "求助键") == 1


async def test_a_provider_out_of_order_costs_no_message(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        here.stage.look_alikes[0].faults.out_of_order(status=503)
        await here.stage.press()
        await here.stage.until_logged("message.refused")
        here.stage.look_alikes[0].faults.clear()
        await the_neighbour_takes_it(here)


async def test_a_provider_that_was_away_is_used_when_it_is_back(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.look_alikes[0].go_down()
        await here.stage.press()
        await here.stage.until_logged("provider.down")
        await here.stage.look_alikes[0].come_back()
        await the_neighbour_takes_it(here)
        await here.stage.until_logged("provider.back")


async def test_a_suspended_account_is_left_for_the_second_provider(tmp_path: Path) -> None:
    async with street(tmp_path, providers=2) as here:
        here.is_not_about()
        here.stage.look_alikes[0].faults.suspend()
        await here.stage.press()
        await the_neighbour_takes_it(here)
        down = await here.stage.until_logged("provider.down")
        assert down.data["code"] == "20003"
        assert here.phone("neighbour").handset.texts[0].sender == here.stage.place.ours[1]
