"""Whether the daemon of these settings takes what is pressed: who waits for a press hears at once when it does not."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

import httpx

from alarmd.cli import daemon_api
from alarmd.store import lock, path_of
from config.settings import Settings
from config.wording import said

ASK_EVERY_S = 2.0
ANSWERS_WITHIN_S = 3.0
STARTS_WITHIN_S = 5.0
_ASK_PARTS_EVERY_S = 10.0


class Liveness:
    """Asks the daemon now and then.

    Args:
        settings: Whose daemon.
    """

    def __init__(self, settings: Settings) -> None:
        self._store = path_of(settings.store.url)
        self._where = daemon_api.base(settings)
        self._client = httpx.Client(base_url=self._where, timeout=ANSWERS_WITHIN_S, trust_env=False)
        self._asked_at = self._parts_asked_at = float("-inf")
        self._fault = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._client.close()

    def at_the_start(self) -> str:
        """What is wrong, or the empty string; a daemon that was started just now is given a moment."""
        until = time.monotonic() + STARTS_WITHIN_S
        while self._look() and lock.is_held(self._store) and time.monotonic() < until:
            time.sleep(ASK_EVERY_S / 10)
        return self._fault

    def fault(self) -> str:
        """What is wrong now; asked for every two seconds at most, and told from memory meanwhile."""
        return self._look() if time.monotonic() - self._asked_at >= ASK_EVERY_S else self._fault

    def _look(self) -> str:
        self._fault = self._ask()
        self._asked_at = time.monotonic()
        return self._fault

    def _ask(self) -> str:
        alive = self._get("/healthz")
        if alive is None:
            if lock.is_held(self._store):
                return said(
                    "the daemon does not answer at {where}, although one runs on this store: look at its log",
                    where=self._where,
                )
            return said("the daemon does not answer at {where}: start it with `alarmd run`", where=self._where)
        if not lock.is_held(self._store):
            return said(
                "what answers at {where} does not use this store ({store}): is it the daemon of these settings?",
                where=self._where,
                store=self._store,
            )
        if alive.get("alive") is not True:
            return said("the daemon does not work: {fault}", fault=alive.get("says", "?"))
        return self._deaf()

    def _deaf(self) -> str:
        """It lives, and hears nothing: the broker is away, or refuses it. Asked for less often, but while it is so."""
        now = time.monotonic()
        if now - self._parts_asked_at < _ASK_PARTS_EVERY_S and not self._fault:
            return ""
        self._parts_asked_at = now
        parts = (self._get("/readyz") or {}).get("parts") or {}
        for name in ("mqtt", "store"):
            part = parts.get(name) or {}
            if part.get("ok") is False:
                return said("the daemon hears no press: {fault}", fault=part.get("says", name))
        return ""

    def _get(self, path: str) -> dict[str, Any] | None:
        try:
            answer = self._client.get(path).json()
        except (httpx.HTTPError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None
