"""Promise 3: a delivered text, an answered call and voicemail are no answers; a key, or a reply with the code, is."""

from __future__ import annotations

from pathlib import Path

from tests.support.daemon import street


async def test_voicemail_is_not_an_answer(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        for who in ("neighbour", "volunteer", "nurse"):
            here.phone(who).is_voicemail()
        await here.stage.press()
        for who in ("neighbour", "volunteer", "nurse"):
            await here.phone(who).expects_ring()
        await here.phone("son").expects_call().hears("王秀英").presses("1").hears("谢谢")
        await here.stage.until_logged("incident.accepted", "son")
        assert here.count("message.answered") >= 3
        assert here.count("incident.accepted") == 1


async def test_a_reply_with_the_code_is_an_answer(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        neighbour = here.phone("neighbour")
        await neighbour.expects_sms(containing="求助键")
        await neighbour.replies("要我去吗？")
        await neighbour.expects_sms(containing="转给值班台")
        wrong = "0001" if here.code != "0001" else "0002"
        await neighbour.replies(f"1 {wrong}")
        await neighbour.expects_sms(containing="没有")
        assert here.count("incident.accepted") == 0
        await neighbour.replies(f"１，{here.code}")
        await here.stage.until_logged("incident.accepted", "neighbour")
        assert here.count("incident.accepted") == 1


async def test_a_stranger_with_the_code_is_not_believed(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        await here.phone("neighbour").expects_sms(containing="求助键")
        stranger = here.phones.phone("+8613999999999").may_be_contacted()
        await stranger.handset.reply(f"1 {here.code}", to=here.stage.place.ours[0])
        assert here.count("incident.accepted") == 0


async def test_a_key_that_means_nothing_is_asked_for_again(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        call = (
            await here.phone("neighbour")
            .expects_call()
            .hears("王秀英")
            .presses("9")
            .presses("*")
            .presses("1")
            .hears("谢谢")
        )
        assert call.pressed == ["9", "*", "1"]
        await here.stage.until_logged("incident.accepted", "neighbour")
