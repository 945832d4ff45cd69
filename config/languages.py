"""Which language is meant by what people write: one rule for settings, files, command lines and locales.

alarmd speaks Simplified Chinese and English. People write ``zh``, ``zh_CN``, ``zh-Hans``, ``en-GB``, ``en_US.UTF-8``
or ``中文``; the nearest of the two is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from config.wording import said

CHINESE, ENGLISH = "zh-CN", "en"
SPOKEN = (CHINESE, ENGLISH)
"""BCP 47 tags of the languages alarmd speaks."""

_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("zh", "zho", "chi", "cmn", "chinese", "mandarin", "cn"), CHINESE),
    **dict.fromkeys(("中文", "汉语", "漢語", "国语", "國語", "普通话", "普通話", "华语", "简体", "简体中文"), CHINESE),
    **dict.fromkeys(("en", "eng", "english", "英语", "英語", "英文"), ENGLISH),
}
# What follows the language: region and script ("-CN", "_Hans"), encoding (".UTF-8"), variant ("@pinyin"), "(简体)".
_REST = re.compile(r"[-_.@ (].*")
_UNSEEN = {"Cf", "Cc"}
_MOST_WISHES = 20  # in a header that anybody may write


def nearest(written: str) -> str | None:
    """The tag in `SPOKEN` that is meant; None = another language, or none.

    Args:
        written: A language tag, a locale as in ``LANG``, or the language's name.
    """
    text = unicodedata.normalize("NFKC", written)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    return _NAMES.get(_REST.sub("", text.strip().casefold()))


def language(written: str) -> str:
    """As `nearest`, for what must be one of ours.

    Raises:
        ValueError: It is not; the sentence names what is spoken.
    """
    meant = nearest(written)
    if meant is None:
        raise ValueError(said("{language} is not spoken here; write zh-CN or en", language=repr(written)))
    return meant


def of_terminal(environ: Mapping[str, str]) -> str | None:
    """The language of who sits at the terminal, from its locale; None = it says none of ours (``C``, ``de_DE``)."""
    # LANGUAGE is GNU's list of wishes; it counts only where the locale is a language at all.
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if not locale or re.fullmatch(r"(C|POSIX)(\..*)?", locale):
        return None
    wishes = [*environ.get("LANGUAGE", "").split(":"), locale]
    return next((meant for wish in wishes if (meant := nearest(wish))), None)


def of_browser(accepted: str) -> str | None:
    """The language that a browser asks for in ``Accept-Language``; None = none of ours."""
    wishes = []
    for number, wish in enumerate(accepted.split(",")[:_MOST_WISHES]):
        tag, _, weight = wish.partition(";")
        try:
            liked = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            liked = 0.0
        if liked > 0 and (meant := nearest(tag)):
            wishes.append((-liked, number, meant))
    return min(wishes)[2] if wishes else None
