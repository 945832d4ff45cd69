"""Numbers of devices with a SIM card."""

from __future__ import annotations


def imei(prefix: str, number: int) -> str:
    """The number of the n-th device: the prefix only picks the batch it is from."""
    return f"35{sum(prefix.encode()) % 1000:03}{number:010}"
