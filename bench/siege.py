"""A site that is attacked while people press: its daemon, its buttons with their passwords, and what a press took."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

from alarmd.door.users import hash_password
from bench import site
from bench.attacks.shape import CHEAP, Attack, Target
from bench.provider import Provider
from bench.publishing import Client, signal
from tests.support.mosquitto import Mosquitto
from tests.support.running import Running

PASSWORD = "a generated password"  # noqa: S105 - of a site that lives for a minute
BETWEEN = 0.05  # seconds between two presses
START = 120.0  # seconds; on a machine that does much else
AGAIN = 1.0  # seconds until a button that was turned away comes again; paho's first pause
PATIENCE = 30.0  # seconds; who has to wait longer for help is not helped


@dataclass(frozen=True, kw_only=True)
class Press:
    """How long one press took, in seconds; `PATIENCE` where it was not answered at all.

    Attributes:
        login: From the connection to the CONNACK, of a button that was not seen since the start.
        acked: From the PUBLISH to its PUBACK.
        asked: From the PUBLISH to the first request at the phone provider.
    """

    login: float
    acked: float
    asked: float


class Siege:
    """A running site with users, and its buttons; used with ``async with``.

    Args:
        folder: Where it lives.
        homes: How many homes there are; each presses once.
        attack: Whose settings it needs.
    """

    def __init__(self, folder: Path, homes: int, attack: Attack) -> None:
        self._folder = folder
        self._homes = homes
        self._tls = attack.tls
        self._fresh: Iterator[int] = iter(range(1, homes))
        self._provider = Provider()
        self._attack = attack
        self._alarmd: Running | None = None
        self._broker: Mosquitto | None = None

    @property
    def alarmd(self) -> Running:
        """The daemon."""
        assert self._alarmd is not None, "not started"
        return self._alarmd

    async def __aenter__(self) -> Self:
        await self._provider.__aenter__()
        mqtt = 'listen = "127.0.0.1:0"\nusers_file = "users"'
        if self._tls:
            certificate(self._folder)
            mqtt += '\ntls_cert = "cert.pem"\ntls_key = "cert.key"'
        if self._attack.broker:
            self._broker = Mosquitto(self._folder, quiet=True)
            await self._broker.start()
            mqtt += f'\nurl = "{self._broker.url}"'
        self._write_users()
        more = self._provider.settings() + self._attack.more
        few = self._attack.descriptors
        before = ("prlimit", f"--nofile={few}:{few}") if few else ()
        self._alarmd = Running(self._folder, mqtt=mqtt, more=more, before=before)
        site.fill(self._alarmd, self._homes)
        await self._alarmd.start(patience=START)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alarmd is not None:
            await self._alarmd.__aexit__(kind, error, trace)
        if self._broker is not None:
            await self._broker.stop()
        await self._provider.__aexit__(kind, error, trace)

    def _write_users(self) -> None:
        hashed = hash_password(PASSWORD)
        lines = [f"d{home}:{hashed}" for home in range(self._homes)]
        salt, digest = (base64.b64encode(one).decode() for one in (b"s" * 12, b"d" * 64))
        lines += [f"gateway:{hashed}:zigbee2mqtt/#", f"{CHEAP}:$7$101${salt}${digest}"]
        (self._folder / "users").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def target(self, effort: float = 1.0) -> Target:
        """What an attacker knows."""
        return Target(
            door=self.alarmd.port,
            web=self.alarmd.web,
            folder=str(self._folder),
            tls=self._tls,
            broker=self._broker.port if self._broker is not None else 0,
            users={"d0": PASSWORD, "gateway": PASSWORD},
            effort=effort,
        )

    async def presses(self, count: int) -> list[Press]:
        """So many homes press, one after the other, each with a button that was not seen before."""
        return [await self._press(next(self._fresh)) for _ in range(count)]

    async def _press(self, home: int) -> Press:
        begun = perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                client = await self._let_in(home)
        except TimeoutError:
            return Press(login=PATIENCE, acked=PATIENCE, asked=PATIENCE)
        pressed = perf_counter()
        acked = asked = PATIENCE
        try:
            async with asyncio.timeout(PATIENCE):
                client.send(signal(f"d{home}", 1, "sos"))
                await client.acked(1)
                acked = perf_counter() - pressed
                asked = await self._first(home) - pressed
        except (TimeoutError, OSError):
            pass
        client.close()
        await asyncio.sleep(BETWEEN)
        return Press(login=pressed - begun, acked=acked, asked=asked)

    async def _let_in(self, home: int) -> Client:
        """A button that comes again where it is turned away, as every client does."""
        while True:
            with contextlib.suppress(OSError):
                return await Client.connect(
                    self.alarmd.port, f"home {home}", user=f"d{home}", password=PASSWORD, tls=self._trusting()
                )
            await asyncio.sleep(AGAIN)

    async def _first(self, home: int) -> float:
        return min([await self._provider.until_asked(site.phone(home, n)) for n in range(site.NEIGHBOURS)])

    def _trusting(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self._folder / "cert.pem") if self._tls else None

    # ------------------------------------------------------------ what it holds

    def rss(self) -> float:
        """Resident memory, MB."""
        status = Path(f"/proc/{self.alarmd.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def descriptors(self) -> int:
        """Open descriptors of the daemon."""
        return len(os.listdir(f"/proc/{self.alarmd.pid}/fd"))  # noqa: PTH208 - only counted

    def kept(self, presses: Sequence[Press]) -> bool:
        """Whether every press that was acknowledged opened an incident."""
        opened = self.alarmd.rows("SELECT count(*) AS n FROM incident")[0]["n"]
        return int(opened) >= sum(press.acked < PATIENCE for press in presses)


def certificate(folder: Path) -> None:
    """A certificate for localhost and its key, made by openssl."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(folder / "cert.key"), "-out", str(folder / "cert.pem"), "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
