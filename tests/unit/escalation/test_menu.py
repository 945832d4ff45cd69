"""What keys and texted replies mean: strict, for a doubtful message is better asked again than taken for a promise."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import menu
from escalation.incident import Answer, Purpose
from escalation.menu import Key, Reply

CODES = st.from_regex(r"[0-9]{4,6}", fullmatch=True)


@pytest.mark.parametrize("purpose", [Purpose.ASK, Purpose.AGAIN, Purpose.RAISED, Purpose.DESK])
def test_it_reads_a_responders_keys(purpose: Purpose) -> None:
    pressed = [menu.meaning(purpose, key) for key in "123*9"]
    assert pressed == [Key.GO, Key.CANNOT, Key.THERE, Key.AGAIN, Key.NOT_UNDERSTOOD]


def test_it_reads_the_ambulance_lines_keys() -> None:
    pressed = [menu.meaning(Purpose.HANDOFF, key) for key in "123*"]
    assert pressed == [Key.CONFIRM, Key.REJECT, Key.NOT_UNDERSTOOD, Key.AGAIN]


def test_it_reads_the_residents_keys_when_they_are_asked_whether_all_is_well() -> None:
    pressed = [menu.meaning(Purpose.VERIFY, key) for key in "12*3"]
    assert pressed == [Key.WELL, Key.CANNOT, Key.AGAIN, Key.NOT_UNDERSTOOD]
    assert menu.answer(Key.WELL) is Answer.WELL


@given(st.sampled_from(Purpose), st.text(max_size=4))
def test_only_a_key_of_the_menu_is_ever_an_answer(purpose: Purpose, digits: str) -> None:
    key = menu.meaning(purpose, digits)
    if len(set(unicodedata.normalize("NFKC", digits)) & set("123")) != 1:
        assert menu.answer(key) is None
        assert key not in {Key.CONFIRM, Key.REJECT}
    if not digits.strip():
        assert key is Key.NONE


def test_a_hand_off_key_is_no_responders_answer() -> None:
    assert menu.answer(Key.CONFIRM) is None
    assert menu.answer(Key.GO) is Answer.GO


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("1 4821", Answer.GO),
        ("4821 1", Answer.GO),
        ("1,4821", Answer.GO),
        ("１ ４８２１", Answer.GO),
        ("１，４８２１。", Answer.GO),
        ("“1 4821”", Answer.GO),
        ("回复“1 4821”", Answer.GO),
        ("  2\n4821 ", Answer.CANNOT),
        ("3-4821", Answer.THERE),
        ("我去 4821", Answer.GO),
        ("来了4821", Answer.GO),
        ("好的，我去 4821", Answer.GO),
        ("4821 马上到", Answer.GO),
        ("快到了4821", Answer.GO),
        ("到了 4821", Answer.THERE),
        ("我到了，4821", Answer.THERE),
        ("去不了4821", Answer.CANNOT),
        ("我去不了 4821", Answer.CANNOT),
        ("我不去 4821", Answer.CANNOT),
        ("yes 4821", Answer.GO),
        ("GO 4821", Answer.GO),
        ("Yes, I'm coming! 4821", Answer.GO),
        ("I’m there 4821", Answer.THERE),
        ("No 4821", Answer.CANNOT),
        ("I can’t come 4821", Answer.CANNOT),
        ("4821 1 go", Answer.GO),
    ],
)
def test_it_reads_replies_as_people_write_them(body: str, answer: Answer) -> None:
    assert menu.parse_reply(body) == Reply(answer=answer, code="4821")


@pytest.mark.parametrize(
    "body",
    [
        "4821",
        "1 4821 2",
        "2 go 4821",
        "4 4821",
        "ago 4821",
        "not there 4821",
        "I do not go 4821",
        "不好 4821",
        "他去 4821",
        "还没到 4821",
        "谢谢 4821",
        'Reply "1 4821" = I go, "2 4821" = I cannot',
        "回复“1 4821”=我去，“2 4821”=去不了",
    ],
)
def test_it_asks_again_rather_than_guess(body: str) -> None:
    assert menu.parse_reply(body) == Reply(code="4821")


@pytest.mark.parametrize("body", ["", "???", "1 4821 4822", "hello", "STOP", "12345678901"])
def test_it_takes_nothing_from_what_says_nothing(body: str) -> None:
    assert menu.parse_reply(body) == Reply()


@pytest.mark.parametrize(
    "body",
    [
        "hello there",
        "Hi there!",
        "hey there 4821",
        "there there",
        "Good morning all 4821",
        "good morning there",
        "Thanks there!",
    ],
)
def test_a_greeting_is_nobody_at_the_door(body: str) -> None:
    assert menu.parse_reply(body, ["4821"]).answer is None


@pytest.mark.parametrize(
    ("body", "answer"), [("hi there, coming 4821", Answer.GO), ("hello, there 4821", Answer.THERE)]
)
def test_a_greeting_stands_beside_an_answer(body: str, answer: Answer) -> None:
    assert menu.parse_reply(body, ["4821"]).answer is answer


@pytest.mark.parametrize("body", ["1", "我去", "yes"])
def test_an_answer_without_its_code_can_be_told_apart(body: str) -> None:
    assert menu.parse_reply(body) == Reply(answer=Answer.GO)


def test_it_offers_another_reading_of_digits_run_together() -> None:
    joined = menu.parse_reply("14821")
    assert joined == Reply(code="14821")
    assert menu.unjoined(joined) == Reply(answer=Answer.GO, code="4821")
    for body in ("94821", "4821", "1 4821", "到了"):
        assert menu.unjoined(menu.parse_reply(body)) is None


@given(st.sampled_from("123"), CODES, st.sampled_from([" ", ",", "，", "  ", "\n", "-", "。", " = "]), st.booleans())
def test_it_reads_digit_and_code_in_either_order(digit: str, code: str, between: str, code_first: bool) -> None:  # noqa: FBT001  # drawn by Hypothesis
    body = between.join([code, digit] if code_first else [digit, code])
    reply = menu.parse_reply(body)
    assert reply.code == code
    assert reply.answer is {"1": Answer.GO, "2": Answer.CANNOT, "3": Answer.THERE}[digit]


@given(st.text())
def test_it_never_answers_with_a_code_that_was_not_sent(body: str) -> None:
    reply = menu.parse_reply(body)
    if reply.code is not None:
        assert 4 <= len(reply.code) <= 8
        assert reply.code.isdecimal()
        assert sum(c.isdecimal() for c in body) >= len(reply.code)


@pytest.mark.parametrize("body", ["help", "Help me!", "救命啊", "我摔倒了", "SOS", "打120", "ＳＯＳ", "来人啊"])
def test_it_hears_a_cry_for_help(body: str) -> None:
    assert menu.cries_for_help(body)


@pytest.mark.parametrize("body", ["1 1204", "4120 2", "好的", "thanks", "helpful", "到了4821"])
def test_it_takes_no_reply_for_a_cry(body: str) -> None:
    assert not menu.cries_for_help(body)


@pytest.mark.parametrize(("body", "word"), [("Stop.", "stop"), ("停止", "stop"), ("ＴＤ", "stop"), ("帮助？", "help")])
def test_it_knows_words_that_answer_nothing(body: str, word: str) -> None:
    assert menu.word(body) == word


@pytest.mark.parametrize("body", ["stop 4821", "I cannot stop", "1 4821", "停止 1 4821"])
def test_it_takes_no_sentence_for_such_a_word(body: str) -> None:
    assert menu.word(body) is None
