"""What is spoken, as TwiML: a menu is said twice and falls through to a farewell."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from alarmd.phone import twiml
from alarmd.phone.callbacks import Scene
from escalation.texts.facts import clean

MENU = Scene(
    language="zh-CN",
    say=("王秀英老人按了求助键。", "能马上去请按1。"),
    menu=True,
    again="没有收到按键。",
    bye="再见。",
)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own answer


def words(element: ET.Element) -> list[str]:
    return [say.text or "" for say in element.iter("Say")]


def test_it_waits_for_one_key_says_it_again_and_says_goodbye() -> None:
    first, second, bye, end = parsed(twiml.call(MENU, "https://care.example/gather/a?turn=1"))
    for gather in (first, second):
        assert gather.tag == "Gather"
        assert gather.attrib == {
            "input": "dtmf",
            "numDigits": "1",
            "timeout": "8",
            "finishOnKey": "",
            "action": "https://care.example/gather/a?turn=1",
            "method": "POST",
        }
    assert words(first) == list(MENU.say)
    assert words(second) == [MENU.again, *MENU.say]
    assert (bye.tag, bye.text) == ("Say", "再见。")
    assert end.tag == "Hangup"


def test_it_speaks_and_hangs_up_where_no_key_is_waited_for() -> None:
    response = parsed(twiml.call(Scene(language="en", say=("Thank you.", "Goodbye.")), "https://care.example/x"))
    assert [verb.tag for verb in response] == ["Say", "Say", "Hangup"]
    assert response[0].attrib == {"voice": "Polly.Joanna", "language": "en-US"}


def test_it_speaks_chinese_with_a_chinese_voice() -> None:
    assert twiml.voice("zh-CN").name == twiml.voice("zh").name == twiml.voice("zh_SG").name == "Polly.Zhiyu"
    assert twiml.voice("en-GB").name == "Polly.Amy"
    assert twiml.voice("en-AU").name == "Polly.Joanna"
    assert twiml.voice("mt") == twiml.Voice(None, "mt")


def test_it_answers_a_text_or_says_nothing() -> None:
    assert parsed(twiml.message("谢谢 <您>"))[0].text == "谢谢 <您>"
    assert len(parsed(twiml.message(""))) == 0


@given(st.text())
def test_it_is_xml_whatever_a_name_is_made_of(name: str) -> None:
    spoken = clean(name)
    response = parsed(twiml.call(Scene(language="en", say=(spoken or "x",)), "https://care.example/x"))
    assert (response[0].text or "").split() == (spoken or "x").split()
