"""The disk itself: it is asked before anybody is answered, and when it is full nobody is answered."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.support.mqtt import Acked, RawClient
from tests.support.pressing import SIGNAL
from tests.support.running import Running

SYSCALLS = "trace=fdatasync,fsync,recvfrom,sendto,write"


@pytest.mark.trace
async def test_the_disk_has_synced_before_the_button_is_answered(tmp_path: Path) -> None:
    """As the kernel saw it: the press is read, the log file is synced, and only then the PUBACK is written."""
    seen = tmp_path / "trace"
    tracer = ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-s", "64", "-o", str(seen), "-e", SYSCALLS)
    async with Running(tmp_path, before=tracer) as alarmd:
        alarmd.fill()
        await alarmd.start()
        async with await RawClient.connect(alarmd.port) as button:
            for number in range(1, 4):
                button.publish(SIGNAL, b'{"ref":"%d"}' % number)
                await button.expect(Acked)
    calls = seen.read_text().splitlines()
    for number in range(1, 4):
        read = next(i for i, call in enumerate(calls) if "recv" in call and f'\\"ref\\":\\"{number}\\"' in call)
        answered = next(i for i, call in enumerate(calls[read:], read) if f'"@\\2\\0\\{number}"' in call)
        synced = [call for call in calls[read:answered] if re.search(r"(fdatasync|fsync).*= 0$", call)]
        assert synced, calls[read : answered + 1]


async def test_when_the_disk_is_full_nothing_is_acknowledged_and_it_goes_on_when_there_is_room(alarmd: Running) -> None:
    await alarmd.start()
    async with httpx.AsyncClient(base_url=alarmd.web, trust_env=False) as web:
        async with await RawClient.connect(alarmd.port) as button:
            button.publish(SIGNAL, b'{"ref":"before"}')
            await button.expect(Acked)
        alarmd.fill_the_disk()
        for _ in range(3):
            async with await RawClient.connect(alarmd.port) as button:
                button.publish(SIGNAL, b'{"ref":"while full"}')
                await button.is_hung_up_on()
        assert alarmd.lives
        assert (await web.get("/healthz")).status_code == httpx.codes.OK
        assert (await web.get("/readyz")).status_code == httpx.codes.SERVICE_UNAVAILABLE
        alarmd.make_room()
        async with await RawClient.connect(alarmd.port) as button:
            button.publish(SIGNAL, b'{"ref":"while full"}')  # the sender repeats, as it must
            await button.expect(Acked)
    await alarmd.stop()
    kept = [entry.data["ref"] for entry in alarmd.log("signal.kept")]
    assert kept == ["before", "while full"]


PLAN = """
[plan.standard]
signals = ["sos", "fall"]
[[plan.standard.step]]
contact = "contacts"
wait = "2s"
[[plan.standard.step]]
contact = "desk"
"""


async def test_a_full_disk_holds_up_deadlines_no_longer_than_it_is_full(tmp_path: Path, alarmd: Running) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "standard.toml").write_text(PLAN)
    await alarmd.start()
    async with await RawClient.connect(alarmd.port) as button:
        button.publish(SIGNAL, b'{"ref":"1"}')
        await button.expect(Acked)
    alarmd.fill_the_disk()
    await alarmd.until_said("deadline not fired, trying again")
    alarmd.make_room()
    await alarmd.until_logged("incident.step", fits=lambda e: e.data["step"] == 1)
    tried = sum(line["event"] == "deadline not fired, trying again" for line in alarmd.said)
    assert tried < 10  # not thousands of times a second
    await alarmd.stop()
