"""Who reads the answer of a request: the language of its ``Accept-Language``, or else the service's."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from alarmd import languages
from config.wording import Words, speaking

_MOST_WISHES = 20  # in a header that anybody may write


class InReadersLanguage:
    """Lets everything that answers a request say its sentences in the reader's language.

    Args:
        app: What answers.
        language: The service's, for those who name none that is spoken here.
    """

    def __init__(self, app: ASGIApp, language: str) -> None:
        self._app = app
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wished = Headers(scope=scope).get("accept-language", "")
        with speaking(words(wished, self._language)):
            await self._app(scope, receive, send)


def words(wished: str, language: str) -> Words:
    """What to say it with.

    Args:
        wished: A header ``Accept-Language``, such as ``zh-CN,zh;q=0.9,en;q=0.8``; empty where there is none.
        language: For those who name none that is spoken here.
    """
    return languages.operator_words(best(wished) or language) or languages.ENGLISH


def best(wished: str) -> str | None:
    """The language of a header ``Accept-Language`` that is wanted most and spoken here; None = none of them."""
    wishes = []
    for place, part in enumerate(wished.split(",")[:_MOST_WISHES]):
        tag, _, weight = part.partition(";")
        spoken = languages.spoken(tag.strip())
        if spoken is not None and (how_much := _weight(weight)) > 0:
            wishes.append((-how_much, place, spoken))
    return min(wishes)[2] if wishes else None


def _weight(text: str) -> float:
    value = text.strip().removeprefix("q=")
    try:
        return min(1.0, float(value)) if value else 1.0
    except ValueError:
        return 0.0
