"""Through the whole daemon: who goes to her door and needs help themselves is waited for by nobody."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.daemon import Street, street

ZHANG = (
    "INSERT INTO resident (id, name, language, phone, address, lat, lon)"
    " VALUES ('zhang', '张伟', 'zh-CN', ?, '和平里三区6号楼', ?, ?)"
)


def lives_with_a_button(here: Street, folder: Path) -> None:
    """The neighbour is registered as a resident, too."""
    row = here.stage.place.people["neighbour"]
    (store,) = folder.rglob("*.db")
    with closing(sqlite3.connect(store, timeout=30)) as connection, connection:
        connection.execute(ZHANG, (row["phone"], 39.9572, 116.4188))


def is_asked_anew(here: Street, incident: str | None, seq: int) -> bool:
    """Whether the volunteer is asked for that alarm after an entry."""
    return any(
        entry.event == "message.queued"
        and (entry.incident, entry.actor, entry.data["purpose"]) == (incident, "volunteer", "ask")
        for entry in here.stage.log
        if entry.seq > seq
    )


async def test_a_neighbour_who_falls_on_the_way_is_replaced_at_once(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        here.is_not_about()
        lives_with_a_button(here, tmp_path)
        await here.stage.press()
        neighbour, volunteer = here.phone("neighbour"), here.phone("volunteer")
        await neighbour.expects_call().presses("1").hears("谢谢")
        first = await here.stage.until_logged("incident.accepted", "neighbour")
        await neighbour.replies("我摔倒了，快来人")
        withdrew = await here.stage.until_logged("incident.declined", "neighbour")
        assert (withdrew.incident, withdrew.data["because"]) == (first.incident, "own_alarm")
        own = next(e for e in here.stage.log if e.event == "incident.opened" and e.incident != first.incident)
        assert (own.resident, withdrew.data["elsewhere"]) == ("zhang", own.incident)
        # the volunteer's telephone is one, and may be engaged with the other alarm: she is asked by text as well
        opened = next(e for e in here.stage.log if e.event == "incident.opened" and e.incident == first.incident)
        async with asyncio.timeout(30):
            await here.stage.bell.until(lambda: is_asked_anew(here, first.incident, withdrew.seq))
        await volunteer.replies(f"1 {opened.data['code']}")
        assert (await here.stage.until_logged("incident.accepted", "volunteer")).incident == first.incident
