"""The door's certificate: read at the start, and again when it was renewed."""

from __future__ import annotations

import ssl
from asyncio import sslproto
from pathlib import Path

import structlog

log = structlog.get_logger()

BUFFER = 32 * 1024
"""Bytes that asyncio sets aside for what each TLS connection has read: twice what a record may hold. Its own 256 KiB
made ten thousand half-open connections 3.4 GB, which were not given back."""
sslproto.SSLProtocol.max_size = BUFFER


class CertificateError(Exception):
    """Certificate and key cannot be used; the message says why."""


class Certificate:
    """A certificate chain and its key, in PEM. The door speaks TLS 1.2 and newer with it.

    Args:
        cert: The chain.
        key: Its private key, without a pass phrase.

    Raises:
        CertificateError: They cannot be read or do not belong together.
    """

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert = cert
        self._key = key
        self._stamp = self._look()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load()

    def refresh(self) -> None:
        """Use the files for new connections if they have changed; keep the old ones if the new cannot be used."""
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._load()
        except CertificateError as fault:
            log.error("door.certificate_broken", fault=str(fault))  # noqa: TRY400 - the sentence says it all
        else:
            log.info("door.certificate_read", cert=str(self._cert))

    def _load(self) -> None:
        # Tried on a context of its own first: a chain without its key must not spoil the one in use.
        for context in (ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), self.context):
            try:
                context.load_cert_chain(self._cert, self._key)
            except OSError as fault:  # ssl.SSLError is one
                raise CertificateError(
                    f"certificate {self._cert} with key {self._key} cannot be used: {fault}"
                ) from fault

    def _look(self) -> tuple[int, ...]:
        try:
            return tuple(path.stat().st_mtime_ns for path in (self._cert, self._key))
        except OSError:
            return ()
