"""Who is asked, and why not the others."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.people import Choice, PassedOver, Responder, Role, Travel
from escalation.plan import Step, Who
from escalation.responders import Numbers
from tests.support.street import COMMUNITY, POINT, WANG, ask, ids, lives, names, why_not

NEAREST = Step(contact=Who.NEAREST, count=2)
NOWHERE = msgspec.structs.replace(WANG, lat=None, lon=None)


def test_it_asks_the_nearest_on_duty_by_the_time_their_way_takes() -> None:
    choice = ask(
        NEAREST,
        lives("walker", 600),
        lives("cyclist", 1200, travel="bicycle"),
        lives("driver", 2000, travel="car"),
        lives("sleeper", 10, on_call="Mo-Fr 08:00-18:00"),
    )
    assert ids(choice) == ["driver", "cyclist"]
    assert why_not(choice) == {"sleeper": "off_duty", "walker": "not_needed"}


def test_it_leaves_out_who_needs_longer_than_the_step_allows() -> None:
    step = Step(contact=Who.NEAREST, reach_within=300)
    assert why_not(ask(step, lives("far", 400), lives("near", 200))) == {"far": "too_far"}
    assert why_not(ask(NEAREST, lives("far", 900))) == {"far": "too_far"}  # the service's 15 minutes


def test_it_says_who_has_no_phone_or_no_position() -> None:
    choice = ask(NEAREST, lives("mute", 10, phone=""), lives("somewhere", None), lives("ok", 10))
    assert ids(choice) == ["ok"]
    assert why_not(choice) == {"mute": "no_phone", "somewhere": "no_position"}


def test_it_never_sends_the_desk_to_the_door() -> None:
    assert not ask(NEAREST, lives("operator", 5, role=Role.DESK)).chosen


def test_it_asks_somebody_busy_only_when_nobody_else_is_left() -> None:
    two = (lives("near", 50), lives("next", 100))
    assert ids(ask(NEAREST, *two, busy=frozenset({"near"}))) == ["next"]
    assert why_not(ask(NEAREST, *two, busy=frozenset({"near"}))) == {"near": "busy"}
    assert ids(ask(NEAREST, *two, busy=frozenset({"near", "next"}))) == ["near", "next"]


def test_it_does_not_ask_twice_who_is_still_being_asked_or_said_no() -> None:
    choice = ask(
        NEAREST, lives("a", 10), lives("b", 20), lives("c", 30), asked=frozenset({"a"}), declined=frozenset({"b"})
    )
    assert ids(choice) == ["c"]
    assert why_not(choice) == {"a": "already_asked", "b": "declined"}


def test_it_says_that_a_step_has_nobody() -> None:
    choice = ask(NEAREST, lives("a", 10), asked=frozenset({"a"}))
    assert not choice.chosen
    assert choice.gap == "nobody to ask"
    assert why_not(choice) == {"a": "already_asked"}


def test_it_counts_on_somebody_whose_calendar_cannot_be_read_and_says_so() -> None:
    choice = ask(NEAREST, lives("nurse", 10, on_call="whenever"))
    assert ids(choice) == ["nurse"]
    assert [one.why.value for one in choice.flagged] == ["on_call_unreadable"]


def test_it_asks_contacts_by_rank_however_far_they_live() -> None:
    contacts = (names("son", 2), names("daughter", 1), names("moved away", 3))
    choice = ask(Step(contact=Who.CONTACTS, count=5), lives("son", 10), lives("daughter", 90_000), contacts=contacts)
    assert ids(choice) == ["daughter", "son"]
    assert [candidate.rank for candidate in choice.chosen] == [1, 2]


def test_it_goes_up_the_circles_with_each_circles_own_phone_first() -> None:
    choice = ask(
        Step(contact=Who.CIRCLE, count=4),
        lives("leader", 300, circle="community"),
        lives("volunteer", 900, circle="point"),
        lives("stranger", 5),
        circles=(POINT, COMMUNITY),
    )
    assert ids(choice) == ["volunteer", "circle:community", "leader"]


def test_it_asks_a_role_nearest_first() -> None:
    step = Step(contact=Who.ROLE, role="nurse", count=1)
    nurses = (lives("n1", 5000, role="nurse"), lives("n2", 800, role="nurse"), lives("n3", None, role="nurse"))
    choice = ask(step, lives("neighbour", 5), *nurses)
    assert ids(choice) == ["n2"]
    assert why_not(choice) == {"n1": "not_needed", "n3": "not_needed"}


def test_it_asks_everyone_in_reach_or_named() -> None:
    choice = ask(
        Step(contact=Who.EVERYONE, count=1),
        lives("near", 10),
        lives("nearer", 5),
        lives("daughter", 90_000),
        lives("far", 9_000),
        contacts=(names("daughter", 1),),
    )
    assert ids(choice) == ["nearer", "near", "daughter"]


def test_it_falls_back_to_circle_and_contacts_where_no_position_is_known() -> None:
    choice = ask(
        NEAREST,
        lives("volunteer", 10, circle="point"),
        lives("daughter", None),
        resident=NOWHERE,
        contacts=(names("daughter", 1),),
        circles=(POINT,),
    )
    assert ids(choice) == ["volunteer", "daughter"]
    assert "no position" in choice.gap


def test_it_rings_every_desk_phone_and_desk_person_again_and_again() -> None:
    desk = Step(contact=Who.DESK, count=1)
    asked = frozenset({"desk:0", "desk:1", "operator"})
    choice = ask(desk, lives("operator", None, role=Role.DESK), desk_phones=2, asked=asked, busy=asked)
    assert ids(choice) == ["desk:0", "desk:1", "operator"]
    assert all(candidate.travel_seconds is None for candidate in choice.chosen)


def test_it_never_lets_the_desk_fall_silent() -> None:
    desk = Step(contact=Who.DESK)
    declined = ask(desk, desk_phones=1, declined=frozenset({"desk:0"}))
    assert ids(declined) == ["desk:0"]
    assert "declined" in declined.gap
    asleep = ask(desk, lives("operator", None, role=Role.DESK, on_call="Mo 09:00-10:00"))
    assert ids(asleep) == ["operator"]
    assert "off duty" in asleep.gap


def test_it_hands_over_through_the_line_where_there_is_one_else_through_the_desk() -> None:
    ambulance = Step(contact=Who.AMBULANCE)
    assert ids(ask(ambulance, desk_phones=1, line=True)) == ["line"]
    assert ask(ambulance, line=True).chosen[0].role is Role.DISPATCH
    assert ids(ask(ambulance, desk_phones=1)) == ["desk:0"]


@pytest.mark.parametrize("who", [Who.NEAREST, Who.CONTACTS, Who.CIRCLE, Who.EVERYONE])
def test_it_finds_nobody_but_the_desk_for_an_unregistered_device(who: Who) -> None:
    choice = ask(Step(contact=who), lives("near", 5), resident=None, desk_phones=1)
    assert not choice.chosen
    assert choice.gap
    assert ids(ask(Step(contact=Who.DESK), resident=None, desk_phones=1)) == ["desk:0"]


PEOPLE = st.builds(
    lives,
    st.sampled_from([f"p{i}" for i in range(8)]),
    st.none() | st.floats(0, 6000),
    travel=st.sampled_from(list(Travel)),
    role=st.sampled_from([role for role in Role if role is not Role.DISPATCH]),
    phone=st.sampled_from(["", "+8613800138000"]),
    on_call=st.sampled_from(["", "Mo-Fr 08:00-18:00", "nonsense"]),
    circle=st.sampled_from(["", "point"]),
)
SOME = st.frozensets(st.sampled_from([f"p{i}" for i in range(8)]))


@given(
    who=st.sampled_from([who for who in Who if who is not Who.ROLE]),
    people=st.lists(PEOPLE, max_size=8, unique_by=lambda r: r.id),
    count=st.integers(1, 4),
    asked=SOME,
    declined=SOME,
    busy=SOME,
)
def test_it_never_chooses_somebody_twice_or_unreachable_and_gives_each_other_a_reason(
    who: Who,
    people: list[Responder],
    count: int,
    asked: frozenset[str],
    declined: frozenset[str],
    busy: frozenset[str],
) -> None:
    contacts = tuple(names(person.id, rank) for rank, person in enumerate(people[:3], 1))
    step = Step(contact=who, count=count)
    choice = ask(step, *people, contacts=contacts, circles=(POINT,), asked=asked, declined=declined, busy=busy)
    chosen = ids(choice)
    assert len(chosen) == len(set(chosen))
    assert not set(chosen) & set(why_not(choice))
    assert all(person.phone for person in people if person.id in chosen)
    assert bool(chosen) or bool(choice.gap)
    if who not in {Who.DESK, Who.AMBULANCE}:
        assert not set(chosen) & (asked | declined)
    assert len({person.phone for person in people if person.id in chosen}) == len(set(chosen) & {p.id for p in people})
    assert who in {Who.DESK, Who.AMBULANCE} or not any(p.phone == WANG.phone for p in people if p.id in chosen)
    if who in {Who.NEAREST, Who.CONTACTS, Who.CIRCLE}:
        assert len(chosen) <= count
    if set(chosen) & busy and who not in {Who.DESK, Who.AMBULANCE}:
        assert set(chosen) <= busy  # only when nobody else was left
    if who is Who.NEAREST:
        ways = [candidate.travel_seconds for candidate in choice.chosen]
        assert ways == sorted(ways, key=lambda way: way or 0)
        assert all(way is not None and way <= 900 for way in ways)


@pytest.mark.parametrize("role", [Role.FAMILY, Role.KEYHOLDER])
@pytest.mark.parametrize("who", [Who.NEAREST, Who.EVERYONE, Who.CIRCLE, Who.ROLE])
def test_family_and_key_holders_of_another_home_are_not_asked(role: Role, who: Who) -> None:
    step = Step(contact=who, count=5, role=role.value if who is Who.ROLE else "")
    stranger = lives("stranger", 10, role=role, circle="point")
    choice = ask(
        step,
        stranger,
        lives("other", 20, role=role, circle="point", skills=("first_aid", "volunteer")),
        circles=(POINT,),
    )
    assert "stranger" not in ids(choice)
    assert "other" in ids(choice)  # a volunteer too
    assert why_not(choice)["stranger"] == f"{role.value}_of_another_home"
    own = ask(step, stranger, contacts=(names("stranger", 1),), circles=(POINT,))
    assert ids(own) == ["stranger"]


# ---------------------------------------------------------------- the resident, and telephones of several

AT_HOME = msgspec.structs.replace(WANG, phone="+861064211111")
ASKING = [Who.NEAREST, Who.CONTACTS, Who.CIRCLE, Who.EVERYONE, Who.ROLE]


def in_that_step(who: Who, *people: Responder, **how: Any) -> Choice:
    """All are neighbours, named and of the circle, so that each kind of step means them."""
    step = Step(contact=who, count=5, role="neighbour" if who is Who.ROLE else "")
    contacts = tuple(names(person.id, rank) for rank, person in enumerate(people, 1)) if who is Who.CONTACTS else ()
    return ask(step, *people, contacts=contacts, circles=(POINT,), **{"resident": AT_HOME, **how})


@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize(
    ("she", "why"),
    [
        ({"phone": AT_HOME.phone}, "residents_telephone"),
        ({"phone": AT_HOME.phone, "name": "王秀英"}, "is_resident"),
        ({"name": "王 秀英"}, "is_resident"),
    ],
)
def test_nobody_is_asked_for_their_own_alarm(who: Who, she: dict[str, Any], why: str) -> None:
    herself = lives("wang-helps", 30 if "phone" in she else 0, circle="point")
    herself = msgspec.structs.replace(herself, **she)
    choice = in_that_step(who, herself, lives("li", 50, circle="point"))
    assert ids(choice) == ["li"]
    assert why_not(choice) == {"wang-helps": why}
    assert not in_that_step(who, herself).chosen, "the next step begins at once"


def test_who_stands_where_she_lives_is_asked_only_where_nobody_else_is_left() -> None:
    there, li = lives("there", 0), lives("li", 50)
    choice = in_that_step(Who.NEAREST, there, li)
    assert ids(choice) == ["li"]
    assert why_not(choice) == {"there": "residents_position"}
    assert ids(in_that_step(Who.NEAREST, there)) == ["there"]
    assert ids(in_that_step(Who.NEAREST, there, li, declined=frozenset({"li"}))) == ["there"]


@pytest.mark.parametrize(
    "house",
    [
        {"is_house": True},
        {"contacts": (names("there", 1),)},
        {"home": (31.3, 121.5)},
    ],
)
def test_the_position_of_a_house_or_of_whom_she_named_leaves_nobody_out(house: dict[str, Any]) -> None:
    step = Step(contact=Who.NEAREST, count=5)
    assert ids(ask(step, lives("there", 0), lives("li", 50), resident=AT_HOME, **house)) == ["there", "li"]


def test_where_many_stand_it_is_a_house() -> None:
    neighbours = [lives(f"flat {n}", 0) for n in range(4)]
    assert len(in_that_step(Who.NEAREST, *neighbours, lives("li", 50)).chosen) == 5


@pytest.mark.parametrize("who", ASKING)
def test_who_has_an_open_alarm_of_their_own_is_left_out(who: Who) -> None:
    choice = in_that_step(
        who, lives("ill", 5, circle="point"), lives("li", 50, circle="point"), in_need=frozenset({"ill"})
    )
    assert ids(choice) == ["li"]
    assert why_not(choice) == {"ill": "own_alarm"}


@pytest.mark.parametrize("who", ASKING)
def test_one_telephone_is_one_place(who: Who) -> None:
    one = "+8613800000099"
    couple = (lives("he", 5, phone=one, circle="point"), lives("she", 6, phone=one, circle="point"))
    choice = in_that_step(who, *couple, lives("li", 50, circle="point"))
    assert ids(choice) == ["he", "li"]
    (left_out,) = [skipped for skipped in choice.skipped if skipped.id == "she"]
    assert (left_out.why, left_out.shared_with) == (PassedOver.SHARES_TELEPHONE, "he")


@pytest.mark.parametrize("numbers", ["asked", "declined"])
def test_a_telephone_that_is_being_asked_or_said_no_is_not_asked_again(numbers: str) -> None:
    one = "+8613800000099"
    known = Numbers(**{numbers: {one: "her husband"}})
    choice = in_that_step(Who.NEAREST, lives("she", 6, phone=one), lives("li", 50), numbers=known)
    assert ids(choice) == ["li"]
    assert choice.skipped[0].shared_with == "her husband"


@pytest.mark.parametrize("who", [Who.DESK, Who.AMBULANCE])
def test_the_desk_is_rung_whoever_of_its_number_was_asked_or_said_no(who: Who) -> None:
    hers = "+8613800000099"
    for numbers in (Numbers(asked={hers: "daughter"}), Numbers(declined={hers: "daughter"})):
        assert ids(ask(Step(contact=who), desk=(hers,), numbers=numbers)) == ["desk:0"]


def test_a_circles_phone_is_its_members_who_can_go() -> None:
    phone = "+8613800000099"
    leader, circle = lives("leader", 300, circle="point", phone=phone), msgspec.structs.replace(POINT, phone=phone)
    step = Step(contact=Who.CIRCLE, count=3)
    assert ids(ask(step, leader, circles=(circle,))) == ["leader"]
    asleep = msgspec.structs.replace(leader, on_call="Mo 09:00-09:01")
    assert ids(ask(step, asleep, circles=(circle,))) == ["circle:point"]


def test_two_desk_phones_of_one_number_are_one_and_the_residents_own_is_the_last_resort() -> None:
    own, other = AT_HOME.phone, "+8613800000098"
    assert ids(ask(Step(contact=Who.DESK), desk=(other, other), resident=AT_HOME)) == ["desk:0"]
    assert ids(ask(Step(contact=Who.DESK), desk=(own, other), resident=AT_HOME)) == ["desk:1"]
    alone = ask(Step(contact=Who.DESK), desk=(own,), resident=AT_HOME)
    assert ids(alone) == ["desk:0"]
    assert "the resident's own" in alone.gap


def test_she_is_asked_at_home_whether_all_is_well() -> None:
    assert ids(ask(Step(contact=Who.RESIDENT), resident=AT_HOME)) == ["resident:wang"]


@pytest.mark.parametrize("why", [PassedOver.OFF_DUTY, PassedOver.OWN_ALARM])
def test_before_silence_those_are_asked_who_are_passed_over_for_that_reason_alone(why: PassedOver) -> None:
    people = (
        lives("sleeper", 10, on_call="off"),
        lives("lying", 20),
        lives("son", 30, role=Role.FAMILY),
        lives("mute", 40, phone=""),
        lives("gone", 50),
    )
    everyone = Step(contact=Who.EVERYONE)
    in_need, declined = frozenset({"lying"}), frozenset({"gone"})
    assert not ids(ask(everyone, *people, in_need=in_need, declined=declined))
    choice = ask(everyone, *people, before_silence=why, in_need=in_need, declined=declined)
    assert ids(choice) == ["sleeper" if why is PassedOver.OFF_DUTY else "lying"]
    assert "nobody else is left" in choice.gap
    more = ask(everyone, *people, lives("ready", 60), before_silence=why, in_need=in_need, declined=declined)
    assert ids(more) == ["ready"]
