"""A street for choosing: Wang Xiuying's door, and people at so many metres from it."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import msgspec

from escalation.neighbourhood import Neighbourhood
from escalation.people import Choice, Circle, Contact, PassedOver, Resident, Responder, Role, Tier
from escalation.plan import Step
from escalation.responders import Limits, Numbers, choose
from escalation.travel import Position, StraightLine
from tests.support.duty import on_duty

DOOR = (31.24462, 121.40871)
METRES_PER_DEGREE = 110_900.0  # of latitude, there
SATURDAY_EVENING = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)  # 19:30 in Shanghai
LIMITS = Limits(reach_within=900, language="zh-CN", skipped=None)

WANG = Resident(id="wang", name="王秀英", lat=DOOR[0], lon=DOOR[1], circle="point")
POINT = Circle(id="point", name="第一服务点", tier=Tier.POINT, parent="community")
COMMUNITY = Circle(id="community", name="曹杨二村社区", tier=Tier.COMMUNITY, phone="+862162540002")


def lives(name: str, metres: float | None, **more: object) -> Responder:
    """Somebody that many metres north of the door; None = nobody knows where."""
    place = {} if metres is None else {"lat": DOOR[0] + metres / METRES_PER_DEGREE, "lon": DOOR[1]}
    return msgspec.convert(
        {"id": name, "name": name, "phone": number(name), "role": Role.NEIGHBOUR, **place, **more}, Responder
    )


def number(name: str) -> str:
    """That person's own telephone."""
    return f"+86138{zlib.crc32(name.encode()) % 10**8:08d}"


def names(responder: str, rank: int) -> Contact:
    """Wang named that responder."""
    return Contact(resident="wang", responder=responder, rank=rank)


def ask(
    step: Step,
    *responders: Responder,
    resident: Resident | None = WANG,
    contacts: tuple[Contact, ...] = (),
    circles: tuple[Circle, ...] = (),
    desk_phones: int = 0,
    line: bool = False,
    now: datetime = SATURDAY_EVENING,
    desk: tuple[str, ...] = (),
    home: tuple[float, float] | None = DOOR,
    is_house: bool = False,
    numbers: Numbers | None = None,
    before_silence: PassedOver | None = None,
    **who: frozenset[str],
) -> Choice:
    """Who is contacted in that step; ``desk``: the numbers of its phones, where they matter."""
    around = Neighbourhood(
        responders=responders,
        contacts=contacts,
        circles=circles,
        desk_phones=desk or tuple(number(f"desk:{n}") for n in range(desk_phones)),
        line=number("line") if line else "",
        duty=on_duty,
        home=Position(*home) if home and resident and resident.lat is not None else None,
        is_house=is_house,
    )
    return choose(
        step,
        resident=resident,
        neighbourhood=around,
        router=StraightLine(),
        limits=LIMITS,
        now=now,
        numbers=numbers,
        before_silence=before_silence,
        **who,
    )


def ids(choice: Choice) -> list[str]:
    """The chosen, in order."""
    return [candidate.id for candidate in choice.chosen]


def why_not(choice: Choice) -> dict[str, str]:
    """The reason of each who was passed over."""
    return {one.id: one.why.value for one in choice.skipped}
