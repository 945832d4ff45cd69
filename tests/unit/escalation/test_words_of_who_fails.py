"""Who is on the way and writes that they cannot come after all: a plain no of their own, in their own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import menu
from escalation.incident import Answer

CODE = "8778"
FAILS = (
    "I'm stuck in traffic, cannot make it",
    "我去不了了，堵车",
    "对不起走不开",
    "sorry, I can't come after all",
    "I won't be able to come",
    "can't make it, sorry",
    "I'm not coming any more",
    "we're not coming",
    "I had to turn back",
    "don't wait for me",
    "I can't get there",
    "stuck in traffic so I can't make it",
    "I'm sorry but I can't come today",
    "unable to come, my car broke down",
    "8778 cannot make it",
    "can't make it 8778",
    "I could not come, my son is ill",
    "我来不了了",
    "我走不开",
    "堵车，赶不过去了",
    "不好意思我过不去了",
    "去不了",
    "临时有事，去不了了",
    "我不去了",
    "我去不了她家了",
    "别等我了",
    "不用等我，堵车",
    "孩子病了，我走不开",
    "我實在去唔到",
    "唔好等我",
    "我赶不过来了，对不起",
    "抱歉，现在走不开",
)
GOES_OR_UNCLEAR = (
    "我走不开，在陪她",
    "I can't go, I'm with her",
    "I cannot come in, the door is locked",
    "cannot find the door",
    "can't come up, the lift is broken",
    "I can't get in",
    "门锁着进不去",
    "我找不到门",
    "she cannot come to the door",
    "she can't come",
    "she is in bed and can't come",
    "I can't make it out",
    "I can't be there before 8",
    "can't come before 20:00",
    "I cannot come to the phone",
    "can you come if I can't make it?",
    "what if I can't come",
    "the ambulance cannot come",
    "the ambulance is stuck, cannot come",
    "救护车堵车，来不了",
    "救护车来不了",
    "她来不了门口",
    "她不舒服，来不了",
    "她走不了",
    "我上不去，电梯坏了",
    "我到不了楼上",
    "五分钟到不了",
    "10分钟到不了",
    "我去不了吗",
    "要是我去不了怎么办",
    "I'm stuck in traffic",
    "堵车",
    "I can't reach her",
    "I cannot go home now",
    "I am here but I can't come in",
    "I'm on my way, cannot make it faster",
    "I can't come any faster",
    "not far",
    "door closed, not going in",
    "won't go without you",
    "she won't go",
    "他不去了",
    "她不去医院",
    "她说她不来了",
    "我马上到，别等我开门",
    "can't go up",
    "已到，走不开",
    "I can't wait",
    "don't wait for her",
    "I'm here, don't wait for me",
    "I'm coming, can't wait",
    "我去",
    "1",
    "3 8778",
)
FRIENDLY = st.sampled_from(("", "sorry, ", "hello. ", "对不起,", "您好。", "8778 ", "8778: "))
BEHIND = st.sampled_from(("", ", sorry", ". thanks!", " 8778", "。抱歉", "!!"))
CASES = st.sampled_from((str, str.upper, str.title))


@pytest.mark.parametrize("words", FAILS)
def test_they_do_not_come(words: str) -> None:
    reading = menu.read(words, [CODE])
    assert reading.fails or reading.answer is Answer.CANNOT


@pytest.mark.parametrize("words", GOES_OR_UNCLEAR)
def test_it_is_another_thing_or_somebody_elses(words: str) -> None:
    assert not menu.read(words, [CODE]).fails


@given(before=FRIENDLY, words=st.sampled_from(FAILS), behind=BEHIND, spelled=CASES)
def test_whatever_polite_words_stand_beside_it(before: str, words: str, behind: str, spelled: type[str]) -> None:
    reading = menu.read(spelled(before + words + behind), [CODE])
    assert reading.fails or reading.answer is Answer.CANNOT


@given(before=FRIENDLY, words=st.sampled_from(GOES_OR_UNCLEAR), behind=BEHIND, spelled=CASES)
def test_nor_do_polite_words_make_it_a_no(before: str, words: str, behind: str, spelled: type[str]) -> None:
    assert not menu.read(spelled(before + words + behind), [CODE]).fails


@given(words=st.sampled_from(FAILS), key=st.sampled_from(("1", "3", "I am there,", "我到了,", "on my way,")))
def test_a_yes_beside_it_leaves_it_to_a_person(words: str, key: str) -> None:
    assert not menu.read(f"{key} {words}", [CODE]).fails


@pytest.mark.parametrize("words", ["3 ok", "ok 3", "3 ok 8778", "3 yes", "3 好的"])
def test_the_key_of_who_is_there_is_no_less_that_for_an_ok(words: str) -> None:
    assert menu.read(words, [CODE]).answer is Answer.THERE
