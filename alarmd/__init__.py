"""The daemon: it owns every socket, file, clock and database connection."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """``__version__``, looked up where it is wanted: finding it out takes longer than most modules, and few ask."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - see above

        return version("alarmd")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
