"""Messages and calls as the API shows them."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

_order = itertools.count()


def new_sid(prefix: str) -> str:
    """A name in Twilio's shape: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def rfc2822(moment: datetime | None) -> str | None:
    """A time as Twilio writes it in JSON."""
    return format_datetime(moment) if moment else None


@dataclass(slots=True, kw_only=True)
class Record:
    """One message or call."""

    sid: str
    account: str
    to: str
    sender: str
    created: datetime
    status: str = "queued"
    direction: str = "outbound-api"
    updated: datetime | None = None
    began: datetime | None = None
    ended: datetime | None = None
    error: int | None = None
    body: str = ""
    order: int = field(default_factory=lambda: next(_order))

    def is_final(self) -> bool:
        """True once the status will not change any more."""
        return self.status in {
            "delivered", "undelivered", "failed", "completed", "busy", "no-answer", "canceled", "received"
        }  # fmt: skip

    def _shared(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "to": self.to,
            "from": self.sender,
            "status": self.status,
            "direction": self.direction,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "price": None,
            "price_unit": "USD",
        }

    def as_message(self) -> dict[str, Any]:
        """The JSON of a message."""
        return self._shared() | {
            "body": self.body,
            "num_segments": "1",
            "num_media": "0",
            "date_sent": rfc2822(self.began),
            "error_code": self.error,
            "error_message": f"error {self.error}" if self.error else None,
            "messaging_service_sid": None,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}.json",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}/Media.json"},
        }

    def as_call(self) -> dict[str, Any]:
        """The JSON of a call."""
        lasted = (self.ended - self.began).total_seconds() if self.began and self.ended else None
        return self._shared() | {
            "to_formatted": self.to,
            "from_formatted": self.sender,
            "parent_call_sid": None,
            "phone_number_sid": "PN" + self.account[2:],
            "start_time": rfc2822(self.began),
            "end_time": rfc2822(self.ended),
            "duration": None if lasted is None else str(int(lasted)),
            "answered_by": None,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"/2010-04-01/Accounts/{self.account}/Calls/{self.sid}.json",
            "subresource_uris": {},
        }
