"""The web server's address, taken before anything else of it is loaded: a port in use is said at once."""

from __future__ import annotations

import socket


class WebError(Exception):
    """The web server cannot start; its text says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; who connects waits until somebody answers.

    Args:
        host: Address to listen on.
        port: 0 = any free one.

    Raises:
        WebError: The address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WebError(
            f"web.listen: cannot listen on {where(host, port)}: {reason}; choose another address or port"
        ) from None
    listener.settimeout(0)  # asyncio wants it non-blocking
    return listener


def where(host: str, port: int) -> str:
    """The address as one writes it into a browser."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
