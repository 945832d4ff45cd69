"""Lists of messages and calls: filtered by number and day, newest first, in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from simulators.twilio.records import Record

PAGE_SIZE = 50
LARGEST_PAGE = 1000


def _moment(text: str) -> datetime:
    """A date or an ISO 8601 time, in UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _wanted(query: QueryParams, time_field: str) -> Callable[[Record], bool]:
    after = _moment(query[f"{time_field}>"]) if f"{time_field}>" in query else None
    before = _moment(query[f"{time_field}<"]) if f"{time_field}<" in query else None
    day = _moment(query[time_field]).date() if time_field in query else None

    def fits(record: Record) -> bool:
        at = (record.began or record.created).replace(microsecond=0)
        return (
            query.get("To", record.to) == record.to
            and query.get("From", record.sender) == record.sender
            and query.get("Status", record.status) == record.status
            and (after is None or at >= after.replace(microsecond=0))
            and (before is None or at <= before)
            and (day is None or at.date() == day)
        )

    return fits


def page(
    records: Iterable[Record],
    query: QueryParams,
    *,
    key: str,
    time_field: str,
    path: str,
    show: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """One page, in the API's shape.

    Raises:
        ValueError: A time or number in the query cannot be read.
    """
    fits = _wanted(query, time_field)
    found = sorted((record for record in records if fits(record)), key=lambda record: -record.order)
    size = min(int(query.get("PageSize", PAGE_SIZE)), LARGEST_PAGE)
    number = int(query.get("Page", 0))
    shown = found[number * size : (number + 1) * size]

    def address(which: int) -> str:
        return f"{path}?{urlencode({**dict(query), 'PageSize': size, 'Page': which})}"

    return {
        key: [show(record) for record in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(shown) - 1),
        "uri": address(number),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if (number + 1) * size < len(found) else None,
    }
