"""Plans as an operator writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.people import Channel
from escalation.plan import PlanError, Who, parse, seconds


def test_it_reads_the_plan_of_the_contract() -> None:
    step = {"contact": "nearest", "count": 3, "reach_within": "15m", "by": ["sms", "voice"], "wait": "60s"}
    plan = parse("standard", {"signals": ["sos", "fall"], "step": [step, {"contact": "role:nurse"}]})
    first, second = plan.steps
    assert (first.contact, first.count, first.reach_within, first.wait) == (Who.NEAREST, 3, 900, 60)
    assert first.by == (Channel.SMS, Channel.VOICE)
    assert (second.contact, second.role) == (Who.ROLE, "nurse")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"contact": "nearst"}, "contact: invalid enum value 'nearst'; allowed: nearest, contacts, circle, role:nurse"),
        ({"wait": "60s"}, "contact is missing"),
        ({"contact": "role:nurze"}, "unknown role 'nurze'; did you mean 'nurse'?"),
        ({"contact": "role:dispatch"}, "unknown role 'dispatch'"),
        ({"contact": "desk", "by": ["smss"]}, "by[0]: invalid enum value 'smss'; allowed: sms, voice"),
        ({"contact": "desk", "cuont": 3}, "unknown key 'cuont'; did you mean 'count'?"),
        ({"contact": "desk", "count": "3"}, "count: expected `int`"),
        ({"contact": "desk", "count": 0}, "count: must be at least 1"),
        ({"contact": "desk", "by": []}, "by: needs sms, voice or both"),
        ({"contact": "desk", "wait": "soon"}, "wait: 'soon' is not a duration"),
        ({"contact": "desk", "wait": "0s"}, "must be longer than zero"),
    ],
)
def test_it_names_the_step_the_key_and_what_is_allowed(step: dict[str, object], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse("mine", {"signals": ["sos"], "step": [{"contact": "desk"}, step]})
    assert str(caught.value).startswith("plan.mine.step[2]")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"signals": ["sos"]}, "needs at least one"),
        ({"signals": "sos", "step": [{"contact": "desk"}]}, "must be a list"),
        ({"signal": ["sos"], "step": [{"contact": "desk"}]}, "unknown key 'signal'; did you mean 'signals'?"),
    ],
)
def test_it_refuses_a_plan_that_is_none(raw: dict[str, object], said: str) -> None:
    with pytest.raises(PlanError, match=r"plan\.mine") as caught:
        parse("mine", raw)
    assert said in str(caught.value)


@given(hours=st.integers(0, 30), minutes=st.integers(0, 99), rest=st.integers(1, 99))
def test_it_adds_up_hours_minutes_and_seconds(hours: int, minutes: int, rest: int) -> None:
    assert seconds(f"{hours}h{minutes}m{rest}s", "x") == hours * 3600 + minutes * 60 + rest
    assert seconds(float(rest), "x") == rest
