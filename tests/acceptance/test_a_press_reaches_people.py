"""The main job, end to end: the real daemon, its own door, the real Twilio SDK, telephones a story speaks for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from simulators.dispatch import DispatchCentre
from simulators.habits import Habit, Takes
from tests.support.daemon import street


async def test_a_neighbour_presses_one_and_comes(tmp_path: Path) -> None:
    """Nobody off duty or too far is disturbed: whoever the story does not name must stay uncontacted."""
    async with street(tmp_path) as here:
        pressed = await here.stage.press()
        assert pressed.status == "kept"

        neighbour, volunteer, nurse = (here.phone(who) for who in ("neighbour", "volunteer", "nurse"))
        for other in (volunteer, nurse):
            await other.expects_ring()
        asked = await neighbour.expects_sms(containing=("王秀英", "和平里三区5号楼2单元402"))
        assert "2580" not in asked.body, "the door code is for those who said yes"
        await neighbour.expects_call().hears("王秀英").presses("1").hears("谢谢").hears("2580").hangs_up()
        await here.stage.until_logged("incident.accepted", "neighbour")
        await neighbour.expects_sms(containing=("2580", here.code))
        for other in (volunteer, nurse):
            await other.expects_sms(containing="求助键")
            taken = await other.expects_sms(containing="张伟")
            assert "不用去" in taken.body

        await neighbour.replies(f"3 {here.code}")
        await here.stage.until_logged("incident.arrived", "neighbour")
        await neighbour.expects_sms(containing="谢谢")
    assert "handoff.queued" not in here.stage.events()


async def test_the_button_hears_what_becomes_of_its_press(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        async with here.stage.button() as button:
            await button.says("sos", patience=10)
            await here.phone("neighbour").expects_call().presses("1").hears("谢谢")
            await button.until_told("accepted")
            await here.phone("neighbour").replies(f"1 {here.code}")
            await button.until_told("coming")
            await here.phone("neighbour").replies(f"3 {here.code}")
            await button.until_told("arrived")
        assert [reply["status"] for reply in button.replies] == ["kept", "accepted", "coming", "arrived"]


async def test_nobody_answers_and_each_step_begins_on_time_until_the_ambulance_is_called(tmp_path: Path) -> None:
    dispatch = DispatchCentre()
    async with street(tmp_path, dispatch=dispatch) as here:
        here.is_not_about()
        await here.stage.press("li_button", "zigbee2mqtt")
        handed = await here.stage.until_logged("handoff.accepted", "line")
        opened = await here.stage.until_logged("incident.opened")
        steps = [entry for entry in here.stage.log if entry.event == "incident.step"]
        assert [step.data["contact"] for step in steps] == ["nearest", "contacts", "circle", "ambulance"][: len(steps)]
        assert steps[-1].data["contact"] == "ambulance"
        for earlier, later in pairwise(steps):
            assert timedelta(seconds=59) < later.at - earlier.at < timedelta(seconds=75)
        assert handed.at - opened.at < timedelta(minutes=5)
        await here.stage.bell.until(lambda: dispatch.record)
    spoken = " ".join(dispatch.record)
    for fact in ("李国强", "和平里三区2号楼1单元101", "胰岛素", "糖尿病"):
        assert fact in spoken
    assert dispatch.ambulance != "standing_by"


async def test_who_accepted_and_does_not_come_loses_the_incident_to_the_next_step(tmp_path: Path) -> None:
    async with street(tmp_path, speed=60) as here:
        here.is_not_about()
        here.phone("volunteer").behaves(Habit(takes=Takes.ANSWERS, after=2, keys=("1", "")))
        await here.stage.press()
        accepted = await here.stage.until_logged("incident.accepted", "volunteer")
        son = here.phone("son")
        for _ in list(son.handset.calls):  # where the machine is slow, the next step began before the key was heard
            await son.expects_ring()
        await son.expects_call().hears("王秀英").presses("1").hears("谢谢")
        overdue = await here.stage.until_logged("incident.overdue", "volunteer")
        await here.stage.until_logged("incident.accepted", "son")
        assert timedelta(minutes=4) < overdue.at - accepted.at < timedelta(minutes=16)
        assert len(here.phone("volunteer").handset.calls) == 2, "the late one is asked again"


async def test_who_cannot_go_is_replaced_at_once_by_the_next_nearest(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        await here.phone("neighbour").expects_call().presses("2").ends()
        declined = await here.stage.until_logged("incident.declined", "neighbour")
        await here.phone("worker").expects_call().hears("王秀英").presses("1").hears("谢谢")
        asked = next(e for e in here.stage.log if e.event == "incident.step" and e.data.get("instead"))
        assert asked.at - declined.at < timedelta(seconds=5)


async def test_a_garbled_message_of_a_button_is_an_alarm(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        async with here.stage.broker().connect("gateway") as client:
            await client.publish("alarmd/v1/bed_button/signal", b'{"type": "so\xff', qos=1)
        opened = await here.stage.until_logged("incident.opened")
        assert opened.data["suspect"] == "unparseable"
        await here.phone("neighbour").expects_call().hears("王秀英")


async def test_an_unknown_button_reaches_the_desk(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.phone("desk:0").may_be_contacted()
        await here.stage.press("not_registered")
        await here.phone("desk:0").expects_call().hears("not_registered").presses("1")
        await here.stage.until_logged("incident.accepted", "desk:0")


async def test_the_same_press_again_is_the_same_incident_and_another_press_raises_it(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        async with here.stage.broker().connect("button") as client:
            for ref in ("one", "one", "one", "two"):
                await client.publish("alarmd/v1/bed_button/signal", f'{{"ref":"{ref}","type":"sos"}}', qos=1)
        raised = await here.stage.until_logged("incident.raised")
        assert raised.data["presses"] == 2
        assert here.count("incident.opened") == 1
        assert here.count("signal.kept") == 2


async def test_a_restart_forgets_neither_incident_nor_deadline(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        await here.stage.until_logged("incident.step")
        await here.stage.restart()
        await here.phone("son").expects_call().hears("王秀英").presses("1").hears("谢谢")
        await here.stage.until_logged("incident.accepted", "son")
        assert here.count("incident.opened") == 1


async def test_it_speaks_english_to_english_people(tmp_path: Path) -> None:
    async with street(tmp_path, language="en") as here:
        here.is_not_about()
        await asyncio.gather(
            here.stage.press(),
            here.phone("neighbour").expects_call().hears("Mary Collins").presses("1").hears("Thank you"),
            here.phone("nurse").expects_sms(containing=("Mary Collins", "14 Orchard Lane")),
        )
        await here.stage.until_logged("incident.accepted", "neighbour")
