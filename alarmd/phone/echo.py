"""A signed question that comes back: whether a phone provider's webhooks would reach this daemon by the public address.

`alarmd check` asks as Twilio would, by name, certificate and proxy, and the daemon answers with what only it can know.
The nonce makes each question another one; the answer is worth nothing to who repeats it.
"""

from __future__ import annotations

import hashlib
import hmac

PATH = "/phone/twilio/echo"
FIELD = "nonce"


def answer(token: str, nonce: str) -> str:
    """What a daemon that knows this token answers; the token cannot be told from it."""
    return hmac.new(token.encode(), f"alarmd echo {nonce}".encode(), hashlib.sha256).hexdigest()
