"""What can go wrong at the provider itself, counted so that a story is the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ALWAYS = 10**9


class Trouble(StrEnum):
    """How a request fails."""

    REFUSED = "refused"  # an error is answered, nothing was sent
    LOST = "lost"  # the message is taken, the connection breaks in the middle of the answer
    HANGS = "hangs"  # the message is taken, and no answer ever comes
    DROPPED = "dropped"  # nothing is taken, the connection breaks


@dataclass(slots=True, kw_only=True)
class Rule:
    """One trouble for the next ``times`` requests that fit.

    Attributes:
        trouble: What happens.
        on: ``Messages``, ``Calls`` (both: what sends), or ``*`` for every request, also those that only ask.
        to: Only requests to that number; empty = any.
        times: How often it still happens.
        status: HTTP status, for `Trouble.REFUSED`.
        code: Twilio's error code, for `Trouble.REFUSED`.
        retry_after: Seconds for the Retry-After header, or None.
    """

    trouble: Trouble
    on: str = "*"
    to: str = ""
    times: int = 1
    status: int = 503
    code: int = 20503
    retry_after: int | None = None

    def fits(self, resource: str, to: str) -> bool:
        """True if this request is hit."""
        return self.times > 0 and self.on in {"*", resource} and self.to in {"", to}


class Faults:
    """The troubles planned for one provider, first planned first used."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def plan(self, trouble: Trouble, *, on: str = "*", to: str = "", times: int = 1) -> None:
        """Let the next requests that fit get into trouble."""
        self._rules.append(Rule(trouble=trouble, on=on, to=to, times=times))

    def refuse(self, code: int, *, on: str = "*", to: str = "", times: int = 1) -> None:
        """Answer 400 with that code: this message, and not the account, is at fault."""
        self._rules.append(Rule(trouble=Trouble.REFUSED, on=on, to=to, times=times, status=400, code=code))

    def throttle(self, *, on: str = "*", times: int = 1, retry_after: int | None = None) -> None:
        """Answer 429 with code 20429."""
        self._rules.append(
            Rule(trouble=Trouble.REFUSED, on=on, times=times, status=429, code=20429, retry_after=retry_after)
        )

    def out_of_order(self, *, on: str = "*", times: int = ALWAYS, status: int = 503) -> None:
        """Answer with a server error until `clear`."""
        self._rules.append(Rule(trouble=Trouble.REFUSED, on=on, times=times, status=status, code=20500))

    def suspend(self) -> None:
        """The account is suspended: every request is answered 401 with code 20003."""
        self._rules.append(Rule(trouble=Trouble.REFUSED, times=ALWAYS, status=401, code=20003))

    def clear(self) -> None:
        """All is well again."""
        self._rules.clear()

    def take(self, resource: str, to: str = "") -> Rule | None:
        """The trouble this request gets into, if any; uses it up."""
        for rule in self._rules:
            if rule.fits(resource, to):
                rule.times -= 1
                return rule
        return None
