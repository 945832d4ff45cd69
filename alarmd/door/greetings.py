"""What answers a subscription: the retained messages that its filter matches, as fast as the client reads them.

To find them may take long, and it may find nothing: so it is done in steps, and what was looked at is charged to the
client as if it had sent packets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from alarmd.door.chores import Chores
from alarmd.door.retained import Retained
from alarmd.door.sessions import Message, Session

_STEPS = 8
"""Messages sent, or looks in vain, before the time is looked at; so many cost the client what one packet does."""
_END = Message("", b"", 0, retain=False)


class Greeter:
    """Sends them.

    Args:
        retained: What there is.
        chores: In whose steps it is done.
        loop: Whose time counts.
    """

    def __init__(self, retained: Retained, chores: Chores, loop: asyncio.AbstractEventLoop) -> None:
        self._retained = retained
        self._chores = chores
        self._loop = loop

    def greet(self, session: Session, pattern: str) -> None:
        """Answer a subscription that was just made; once, if it is made again before that is done."""
        session.greetings.setdefault(pattern, self._retained.number)
        self.go_on(session)

    def go_on(self, session: Session) -> None:
        """There may be room for more of what answers its subscriptions."""
        if session.greetings and not session.is_greeted and session.may_be_greeted():
            session.is_greeted = True
            self._chores.do(session.key[0], self._greeting(session))

    def _greeting(self, session: Session) -> Iterator[None]:
        steps = 0
        try:
            while session.greetings and session.may_be_greeted():
                self._look(session)
                steps += 1
                if not steps % _STEPS:
                    session.owes += 1
                    yield
        finally:
            session.is_greeted = False

    def _look(self, session: Session) -> None:
        pattern, upto = next(iter(session.greetings.items()))
        if session.search is None:
            session.search = self._retained.search(pattern, upto, self._loop.time())
        found = next(session.search, _END)
        held = session.subscriptions.get(pattern)
        if found is _END or held is None:
            session.forget_greeting(pattern)
        elif found is not None:
            session.send_retained(found, held)
