"""What else `alarmd check` asks outside: is this machine's clock right, and are the watchdogs' ways open."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from config.wording import said

TIMEOUT_S = 5.0
SKEW_S = (
    30.0  # shifts, deadlines and certificates bear that much; a press's time told to an ambulance should not be worse
)


async def clock(url: str, now: datetime) -> tuple[bool | None, str]:
    """Compare this machine's clock with the one of a web server.

    Args:
        url: A provider's; it is asked for nothing.
        now: This machine's time.
    """
    host = urlsplit(url).hostname
    try:
        async with asyncio.timeout(TIMEOUT_S), httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.head(url)
        there = parsedate_to_datetime(answer.headers["date"])
        ahead = (now - there).total_seconds()
    except (httpx.HTTPError, TimeoutError, KeyError, ValueError, TypeError):
        return None, said("not compared: {host} does not tell the time", host=host)
    if abs(ahead) <= SKEW_S:
        return True, said("as that of {host}", host=host)
    seconds = f"{abs(ahead):.0f}"
    if ahead > 0:
        return False, said(
            "{seconds} s ahead of {host}: let the machine set its clock (NTP)", seconds=seconds, host=host
        )
    return False, said("{seconds} s behind {host}: let the machine set its clock (NTP)", seconds=seconds, host=host)


async def way_to(url: str) -> str:
    """What bars the way to a web server, or the empty string; nothing is asked, for a ping would say *all is well*."""
    parts = urlsplit(url)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
            writer.close()
    except TimeoutError:
        return said("no answer in {seconds} s: is a firewall between?", seconds=f"{TIMEOUT_S:g}")
    except ssl.SSLCertVerificationError as error:
        return said("its certificate is not accepted: {fault}", fault=error.verify_message)
    except (OSError, UnicodeError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""
