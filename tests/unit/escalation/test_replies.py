"""Replies as people write them: a clear yes is taken, no no is taken for one, and what is doubtful stays doubtful."""
# ruff: noqa: E501 - tables of what people write

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import menu
from escalation.incident import Answer, Purpose
from escalation.menu import Key

CODE = "3783"

YES = """
1 3783|1 3783~|1+3783|1️⃣ 3783|[1] 3783|(1) 3783|【1】3783|１ ３７８３|①3783|① 3783|❶ 3783|㈠3783|1、3783|1：3783|1.3783|1/3783|1=3783
1 3783 5分钟到|1 3783，10分钟后到|1 3783 大概十分钟|1 3783 10:30|1 3783 两分钟|1 3783 5-10分钟|1 3783 in 5 min|1 3783 about 10 minutes
1 3783 in 5-10 mins|1 3783 ok|1 3783 好的|1 3783 收到|1 3783 谢谢|1 3783 thanks!|1 3783 👍|1 3783 马上到|1 3783 我去|1 3783 我这就去
1 37 83|1 37-83|1 3 7 8 3|13783|37831|3783 1|3783,1|3783-1|一 3783|壹 3783|①三七八三|1 三七八三|1️⃣3️⃣7️⃣8️⃣3️⃣|one 3783|ONE 3783
1 3783 带上钥匙|1 3783 我住3号楼|1 3783 快到|1 3783【小米手机】|1 3783 【中国移动】|我去 3783|我去，3783|我马上去 3783|3783 我这就去|去 3783|来了 3783
我能去 3783|在路上 3783|我在路上了 3783|快到了 3783|马上来3783|好的 3783|好 3783|行 3783|可以 3783|是的3783|OK 3783|yes 3783|Yes! 3783
on my way 3783|I'm coming 3783|I am on my way 3783|omw 3783|going 3783|I'll go 3783|will go 3783|5分钟到 3783|3783 10分钟内到|there in 5 min 3783
我去 3783|1 3783 不用担心|您好，1 3783|回复 1 3783|回复“1 3783”|Reply 1 3783|code 3783 1|我過去 3783|馬上到 3783|1 3783 請放心
"""
NO = """
2 3783|2️⃣ 3783|②3783|2+3783|3783 2|二 3783|两 3783|23783|2 3783 没空|2 3783 在外地|我去不了 3783|去不了3783|不去 3783|我不去了 3783|不能去 3783
没空 3783|没时间 3783|我来不了 3783|我现在去不了 3783|到不了 3783|走不开 3783|不方便 3783|no 3783|No, I can't 3783|can't 3783|cant go 3783
I can't go 3783|I cannot come 3783|not coming 3783|I'm not going 3783|unable to come 3783|won't make it 3783|2 3783 sorry|去不了了 3783|過不去 3783
"""
THERE = """
3 3783|3️⃣ 3783|③ 3783|3783 3|三 3783|33783|到了 3783|我到了，3783|已到 3783|到门口了 3783|我到了3783谢谢|arrived 3783|I'm here 3783|at the door 3783|3 3783 到了|3 3783 3楼|3 3783 带了钥匙|到達 3783
"""
DOUBT = """
3783|1 2 3783|1 3783 2|1 3783 去不了|1 3783 但是我去不了|1 3783 can't|1 3783 not now|1 3783 1小时后到|1小时后到 3783|3783 半小时到|in 2 hours 3783
1 3783 明天|1 3783 if nobody else|还没到 3783|没到 3783|收到 3783|received 3783|谢谢 3783|谁去 3783|他去 3783|让别人去 3783|去吗 3783|要不要去 3783|去不去 3783
能不能去 3783|可能去 3783|maybe 3783|not yet 3783|I do not know 3783|4 3783|9 3783|1 3783 402|1 3783 13800001111|我叫别人去 3783|不知道 3783|不好 3783
取消 1 3783|1 3783 取消|1 3783 按错了|1 3783 按錯了|1 3783 算了|1 3783 我病了|1 3783 来不及|1 3783 下周|1 3783 今晚|1 3783 等我下班|1 3783 周末
cancel 1 3783|ignore 1 3783|sorry 1 3783 was a mistake|1 3783 next week|1 3783 tonight|1 3783 if I find the car|1 3783?|1 3783？|我去? 3783|2 3783 取消
我到家了 3783|到家了 3783|3 3783 快到|3 3783 still on the train|3 3783 in 10 min|3 3783 5分钟|3 3783 在路上呢还|3 3783 on the bus|3 3783 not yet
不用 3783|什么意思 3783|她没气了 3783|🤷 3783|? 3783|1 3783 是什么意思|如果没人我去 3783|快到了吗 3783|she is coming 3783|I'm not sure 3783
Reply "1 3783" = I go, "2 3783" = I cannot|回复“1 3783”=我去，“2 3783”=去不了
"""
SIGNED = [
    "1 3783\n发自我的小米手机",
    "1 3783 发自我的iPhone 14",
    "1 3783\n\nSent from my iPhone",
    "1 3783 Sent from my Galaxy S21",
    "1 3783\nGet Outlook for iOS",
    "1 3783\n> 2 3783 去不了",
    "1 3783\n来自我的华为Mate 60",
    "1 3783\n【守望】王秀英老人",
    "1 3783\n-----原始短信-----\n回复“2 3783”=去不了",
    "1 3783\n原信息：2 3783",
    "1 3783\nOn 21 Nov 2026 alarmd wrote:\n2 3783 = I cannot",
    "1 3783\n--- Original Message ---\n2 3783",
    "\u200b1\u200b \ufeff3783\u200e",
    "1\u00a03783",
    "\u20601 37\u200b83",
    "1\u30003783",
    "1\t3783",
    "1\r\n3783",
    "1\ufe0f\u20e3\u200d 3783",
    "\u202a1 3783\u202c",
    "1\u00ad 3783",
]


def rows(table: str) -> list[str]:
    """The examples of a table, a few a line."""
    return [row.strip(" ") for line in table.strip().split("\n") for row in line.split("|") if row.strip(" ")]


def read(body: str) -> tuple[Answer | None, str | None]:
    reading = menu.read(body, [CODE, "9050"])
    return reading.answer, reading.code


@pytest.mark.parametrize("body", rows(YES))
def test_it_takes_a_yes(body: str) -> None:
    assert read(body) == (Answer.GO, CODE)


@pytest.mark.parametrize("body", rows(NO))
def test_it_takes_a_no(body: str) -> None:
    assert read(body) == (Answer.CANNOT, CODE)


@pytest.mark.parametrize("body", rows(THERE))
def test_it_takes_an_arrival(body: str) -> None:
    assert read(body) == (Answer.THERE, CODE)


@pytest.mark.parametrize("body", rows(DOUBT))
def test_it_takes_nothing_doubtful_for_an_answer(body: str) -> None:
    assert read(body) == (None, CODE)
    assert menu.read(body, [CODE]).more  # somebody reads it


@pytest.mark.parametrize("body", SIGNED)
def test_it_reads_past_what_nobody_typed(body: str) -> None:
    assert read(body) == (Answer.GO, CODE)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("1", Answer.GO),
        ("1.", Answer.GO),
        ("①", Answer.GO),
        ("一", Answer.GO),
        ("我去", Answer.GO),
        ("我马上去！", Answer.GO),
        ("去", Answer.GO),
        ("on my way", Answer.GO),
        ("5分钟到", Answer.GO),
        ("我10分钟后到", Answer.GO),
        ("2", Answer.CANNOT),
        ("我去不了", Answer.CANNOT),
        ("I can't", Answer.CANNOT),
        ("到了", Answer.THERE),
        ("3", Answer.THERE),
        ("I'm there", Answer.THERE),
        ("还没到", None),
        ("没到", None),
        ("到不了", Answer.CANNOT),
        ("1小时后到", None),
        ("收到", None),
        ("11", None),
        ("5", None),
        ("100", None),
        ("她没有呼吸了，快叫救护车", None),
        ("几楼？", None),
        ("我去问问", None),
        ("我去医院了", None),
    ],
)
def test_it_reads_an_answer_without_its_code(body: str, answer: Answer | None) -> None:
    reading = menu.read(body, [CODE])
    assert (reading.answer, reading.code) == (answer, None)


@pytest.mark.parametrize("body", ["好的", "好", "OK", "yes", "行", "可以", "嗯", "Sure!", "好的谢谢"])
def test_a_mere_yes_is_told_from_somebody_who_says_that_they_go(body: str) -> None:
    assert menu.read(body, [CODE]).agrees
    assert not menu.read("我去", [CODE]).agrees
    assert not menu.read("1", [CODE]).agrees


def test_a_code_of_somebody_else_is_none_of_these() -> None:
    assert menu.read("1 4444", [CODE]).code == "4444"
    assert menu.read("1 3783 9050", [CODE, "9050"]).several


def test_the_code_that_stands_whole_is_meant_and_not_one_out_of_its_digits() -> None:
    reading = menu.read("1 3783", ["13783", CODE])
    assert (reading.answer, reading.code) == (Answer.GO, CODE)


@given(st.text(max_size=80), st.sampled_from(["没", "不", "还没", "别", "吗", "can't ", "not "]))
def test_a_word_against_it_never_leaves_a_yes_in_words(before: str, word: str) -> None:
    for yes in ("去", "到了", " go", " coming"):
        reading = menu.read(f"{before}{word}{yes}", [CODE])
        assert reading.answer is not Answer.GO or reading.by_key or "吗" in word


@given(st.text(max_size=300))
def test_it_reads_whatever_comes(body: str) -> None:
    reading = menu.read(body, [CODE])
    assert reading.code is None or reading.code.isdecimal()
    menu.cries_for_help(body)
    menu.calls_for_ambulance(body)


@pytest.mark.parametrize(
    "junk",
    [
        "1 ",
        "h",
        "胸",
        "一",
        "1️⃣",
        "\ufdfa",
        "can't ",
        "3 7 8 ",
        "不用",
        "in about ",
        "【",
        "on ",
        "没有",
        "3783 ",
        "> \n",
        "no need ",
    ],
)
def test_a_text_of_a_hundred_kilobytes_takes_no_longer_than_a_long_one(junk: str) -> None:
    body = junk * (100_000 // len(junk))
    began = time.process_time()
    menu.read(body, [str(code) for code in range(3000, 3050)])
    menu.cries_for_help(body)
    menu.calls_for_ambulance(body)
    menu.word(body)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("digits", "key"),
    [
        ("1", Key.GO),
        ("1#", Key.GO),
        ("*1", Key.GO),
        ("11", Key.GO),
        ("1 1", Key.GO),
        ("#2#", Key.CANNOT),
        ("33", Key.THERE),
        ("*", Key.AGAIN),
        ("**", Key.AGAIN),
        ("*#", Key.AGAIN),
        ("１", Key.GO),
        ("12", Key.NOT_UNDERSTOOD),
        ("#", Key.NOT_UNDERSTOOD),
        ("0", Key.NOT_UNDERSTOOD),
        ("1" * 100_000, Key.GO),
    ],
)
def test_it_knows_a_key_that_was_pressed_with_another(digits: str, key: Key) -> None:
    assert menu.meaning(Purpose.ASK, digits) is key


CRIES = """
跌倒了|摔倒了|我跌倒了|我摔了一跤|滑倒了|I fell down and can't get up|I fell|i have fallen|fel down|cant get up|我起不来了|起不来|站不起来|爬不起来
我动不了|動不了|起不來了|胸口疼|胸口痛|胸痛|心口疼|胸闷|快叫人|快来人|来人啊|救命|救我|帮帮我|帮我|help|Help me!|HELLLP|sos|头晕|我头好晕，要晕倒了
喘不上气|喘不过气|呼吸困难|流血了|出血了|好疼|疼死我了|我难受|不舒服|快叫救护车|打120|120|911|call an ambulance|chest pain|my chest hurts|can't breathe
I am bleeding|call my son|someone help|please come|着火了|煤气漏了|家里冒烟|有小偷|我被困在家里|i feel dizzy|I need a doctor|heart attack|没人来|脚断了|噎住了
我没有摔倒但是胸口疼|没有摔倒，起不来|快死了|我不行了|叫醫生|別忘了叫救護車|I can't move|on the floor|不是摔倒，是喘不上气
"""
NO_CRIES = """
我没事|没事|没有跌倒|没有摔倒|我没摔倒|没摔着|不疼|不用叫救护车|不用来人|不需要帮忙|I'm fine|I am OK|I did not fall|I didn't fall|no need for an ambulance
don't need help|I don't need any help|no pain|not hurt|吃饭了吗|今天天气好|按错了|误按|false alarm|accident|thanks|谢谢帮忙|helpful|1 1204|4120 2|1 3783
"""


@pytest.mark.parametrize("body", rows(CRIES))
def test_it_hears_who_needs_help(body: str) -> None:
    assert menu.cries_for_help(body)


@pytest.mark.parametrize("body", rows(NO_CRIES))
def test_it_hears_who_does_not(body: str) -> None:
    assert not menu.cries_for_help(body)


AMBULANCE = """
她没有呼吸了，快叫救护车|没有呼吸|没呼吸了|呼吸停了|没气了|断气了|叫不醒|昏迷了|他昏过去了|失去意识|心脏骤停|快打120|叫120|120|叫救护车|要救护车
not breathing|she isn't breathing|no pulse|unconscious|he is unresponsive|call an ambulance|ambulance please|call 120|call 911|heart attack|won't wake up|没有心跳
没有脉搏|大出血|抽搐|沒有呼吸|叫救護車|stopped breathing|she is not responding|胸口不疼了但没有反应|别忘了叫救护车|不用担心我，快叫救护车
"""
NO_AMBULANCE = """
不用叫救护车|不用打120|不需要救护车|没有昏迷|救护车来了|救护车不用来了|救护车已经到了|no ambulance needed|I don't need an ambulance|no need for an ambulance
ambulance is here|he is not unconscious|还有呼吸|呼吸正常|she is breathing|1 1201|她在发烧|门打不开|几楼|cancel the ambulance|没有失去意识|取消救护车
"""


@pytest.mark.parametrize("body", rows(AMBULANCE))
def test_it_hears_a_call_for_the_ambulance(body: str) -> None:
    assert menu.calls_for_ambulance(body)


@pytest.mark.parametrize("body", rows(NO_AMBULANCE))
def test_it_calls_none_where_none_is_needed(body: str) -> None:
    assert not menu.calls_for_ambulance(body)


@pytest.mark.parametrize(
    "body", ["not" + " to call" * 175, "-" * 1600, "在" * 1600, "not " * 400, "1 " + "1234 " * 300]
)
def test_no_text_holds_anybody_up(body: str) -> None:
    before = time.thread_time()
    menu.read(body, [CODE])
    menu.cries_for_help(body)
    menu.calls_for_ambulance(body)
    menu.speaks_of_another(body)
    assert time.thread_time() - before < 1.0  # it was 0.9 s for the second, and never for the first


@pytest.mark.parametrize(
    "body",
    [
        "我摔倒了",
        "我也摔倒了",
        "我胸口疼",
        "我起不来了",
        "救我",
        "I fell",
        "I can't get up",
        "help me",
        "my chest hurts",
    ],
)
def test_it_hears_who_speaks_of_their_own_body(body: str) -> None:
    assert menu.speaks_of_oneself(body)


@pytest.mark.parametrize("body", ["她摔倒了", "我去帮忙", "我扶不起她", "我没摔倒", "she fell", "I will help her"])
def test_it_hears_who_speaks_of_another(body: str) -> None:
    assert not menu.speaks_of_oneself(body)
