"""What people write for a language is read the same way everywhere."""

from __future__ import annotations

import pytest

from alarmd.languages import operator_words, texts
from config.languages import SPOKEN, language, nearest, of_browser, of_terminal
from config.sections import Service

CHINESE = [
    *("zh", "zh-CN", "zh_CN", "ZH-cn", "zh-Hans", "zh-Hans-CN", "zh_Hans_SG", "zh-SG", "zho", "cmn", "cn"),
    *("zh_CN.UTF-8", "zh_CN.GB18030", "zh_CN@pinyin"),
    *("Chinese", "中文", "简体中文", "汉语", "普通话", "中文（简体）", "ｚｈ"),
]
ENGLISH = [
    *("en", "EN", "en-GB", "en_US", "en_US.UTF-8", "en-US-u-hc-h12", "eng"),
    *("English", "英语", "英文", "English\N{NO-BREAK SPACE}(UK)"),
]
UNSEEN = ["\ufeffzh-CN", "zh\u200b-CN", " zh ", "zh-CN\r"]
OTHERS = ["de", "de_DE.UTF-8", "engineer", "zhuang", "", "C", "C.UTF-8", "POSIX", "1", "zhCNen", "enzh"]


@pytest.mark.parametrize("written", [*CHINESE, *UNSEEN])
def test_it_knows_that_chinese_is_meant(written: str) -> None:
    assert nearest(written) == language(written) == "zh-CN"
    assert texts(written, fallback="en").language == "zh-CN"
    assert operator_words(written) is not None
    assert Service.model_validate({"language": written}).language == "zh-CN"


@pytest.mark.parametrize("written", ENGLISH)
def test_it_knows_that_english_is_meant(written: str) -> None:
    assert nearest(written) == language(written) == "en"
    assert texts(written, fallback="zh-CN").language == "en"
    assert operator_words(written) is None
    assert Service.model_validate({"language": written}).language == "en"


@pytest.mark.parametrize("written", OTHERS)
def test_it_says_what_is_spoken_where_another_language_is_written(written: str) -> None:
    assert nearest(written) is None
    with pytest.raises(ValueError, match=r" is not spoken here; write zh-CN or en$"):
        language(written)
    with pytest.raises(ValueError, match=r" is not spoken here; write zh-CN or en"):
        Service.model_validate({"language": written})
    assert texts(written, fallback="zh-CN").language == "zh-CN"


@pytest.mark.parametrize(
    ("environ", "spoken"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "en_US", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.GBK", "LANG": "en_US.UTF-8"}, "zh-CN"),
        ({"LANGUAGE": "zh_CN:en", "LANG": "en_US.UTF-8"}, "zh-CN"),
        ({"LANGUAGE": "de:en", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANGUAGE": "zh_CN", "LC_ALL": "C.UTF-8"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "C.UTF-8"}, None),
        ({}, None),
    ],
)
def test_it_reads_the_terminals_locale(environ: dict[str, str], spoken: str | None) -> None:
    assert of_terminal(environ) == spoken


def test_it_speaks_two_languages() -> None:
    assert SPOKEN == ("zh-CN", "en")


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.5", "en"),
        ("de-DE,de;q=0.9,en;q=0.4,zh;q=0.6", "zh-CN"),
        ("en;q=0,zh;q=0.1", "zh-CN"),
        ("zh;q=nonsense,en", "en"),
        ("*", None),
        ("de", None),
        ("", None),
    ],
)
def test_it_reads_what_a_browser_asks_for(accepted: str, spoken: str | None) -> None:
    assert of_browser(accepted) == spoken
