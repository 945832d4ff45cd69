"""A telephone rings while the story goes on: what is said when it is taken is true then, to the ambulance as well."""

from __future__ import annotations

from pathlib import Path

from tests.support.daemon import street

SPEED = 15.0  # a minute of ringing is four seconds


async def test_the_line_picks_up_late_hears_who_comes_and_is_told_when_they_do_not(tmp_path: Path) -> None:
    async with street(tmp_path, speed=SPEED) as here:
        here.is_not_about()
        await here.stage.press()
        await here.stage.until_logged("handoff.queued", patience=60.0)
        call = await here.phone("line").expects_ring()
        await here.phone("neighbour").replies(f"1 {here.code}")
        await here.stage.until_logged("incident.accepted", "neighbour")
        call.answer()
        assert await call.until_heard("接收请按1")
        heard = " ".join(call.heard)
        assert "急救移交，编号" in heard
        assert "更新" not in heard, "nobody has heard of it before"
        assert "正在赶来" in heard, "the neighbour said yes while it rang"
        call.press("1")
        await here.stage.until_logged("handoff.accepted", "line")
        await here.phone("neighbour").replies(f"2 {here.code}")
        await here.stage.until_logged("incident.declined", "neighbour")
        await here.phone("line").expects_sms(containing=("更新", "不来了"))


async def test_three_on_the_very_first_call_stops_nothing(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        await here.stage.press()
        call = await here.phone("neighbour").expects_call().hears("王秀英").presses("3").presses("1").hears("谢谢")
        assert any("这个按键无效" in sentence for sentence in call.heard)
        await here.stage.until_logged("incident.accepted", "neighbour")
        assert here.count("incident.arrived") == 0
