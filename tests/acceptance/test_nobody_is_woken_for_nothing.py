"""Somebody goes: the phones of the others fall silent, and whoever has picked up already is told and not cut off."""

from __future__ import annotations

from pathlib import Path

from tests.support.daemon import street


async def test_the_others_phones_fall_silent_as_soon_as_somebody_goes(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        ringing = [await here.phone(who).expects_ring() for who in ("volunteer", "nurse")]
        own = await here.phone("neighbour").expects_call().hears("王秀英").presses("1").hears("谢谢")
        for call in ringing:
            await call.until_over()
        assert [call.verdict for call in ringing] == ["canceled", "canceled"]
        assert own.verdict in {"", "completed"}, "whoever goes is not hung up on"
        for who in ("volunteer", "nurse"):
            await here.stage.until_logged("message.ended", who)
            await here.phone(who).expects_sms(containing="不用去")
        assert here.count("message.ended", "neighbour") == 0


async def test_whoever_has_picked_up_is_told_and_not_cut_off(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        talking = await here.phone("volunteer").expects_call().hears("王秀英")
        await here.phone("neighbour").expects_call().hears("王秀英").presses("1").hears("谢谢")
        await here.stage.until_logged("incident.accepted", "neighbour")
        assert not talking.over
        assert await talking.until_menu()
        talking.press("*")
        assert await talking.until_heard("不用去")
        await talking.until_over()
        assert talking.verdict == "completed"
        assert "volunteer" not in {e.actor for e in here.stage.log if e.event == "incident.accepted"}


async def test_two_who_press_in_the_same_second_both_go(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        second = await here.phone("volunteer").expects_call().hears("王秀英")
        assert await second.until_menu()
        await here.phone("neighbour").expects_call().presses("1").hears("谢谢")
        second.press("1")
        assert await second.until_heard("谢谢")
        await here.stage.until_logged("incident.accepted", "volunteer")
        assert here.count("incident.accepted") == 2
