"""The main job, end to end: the real daemon, its own door, the real Twilio SDK, telephones a story speaks for."""

from __future__ import annotations

from pathlib import Path

from tests.support.daemon import street


async def test_a_neighbour_presses_one_and_comes(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        pressed = await here.stage.press()
        assert pressed.status == "kept"

        neighbour, volunteer, nurse = (here.phone(who) for who in ("neighbour", "volunteer", "nurse"))
        await neighbour.expects_sms(containing="王秀英")
        await neighbour.expects_call().hears("王秀英").presses("1").hears("谢谢").ends()
        await here.stage.until_logged("incident.accepted", "neighbour")
        details = await neighbour.expects_sms(containing="2580")
        assert "和平里三区5号楼2单元402" in details.body

        for other in (volunteer, nurse):
            await other.expects_sms(containing="王秀英")
            await other.expects_sms(containing="张伟")
            other.may_be_contacted()

        await neighbour.replies(f"3 {here.stage.log[-1] and code(here.stage)}")
        await here.stage.until_logged("incident.arrived", "neighbour")
        neighbour.may_be_contacted()
    assert "handoff.queued" not in here.stage.events()


def code(stage: object) -> str:
    opened = next(entry for entry in stage.log if entry.event == "incident.opened")  # type: ignore[attr-defined]
    return str(opened.data["code"])
