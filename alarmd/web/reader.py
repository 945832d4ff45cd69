"""Who reads the answer of a request: the language of its ``Accept-Language``, or else the service's."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from alarmd.languages import ENGLISH, operator_words
from config import languages
from config.wording import Words, speaking


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
    return operator_words(languages.of_browser(wished) or language) or ENGLISH
