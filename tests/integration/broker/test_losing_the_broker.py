"""What alarmd does, and says, while the broker is away, deaf, frozen or unwilling; and how it leaves."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import subprocess
from pathlib import Path

import pytest

from alarmd import mqtt_client
from alarmd.intake import broker as broker_module
from simulators.serving import free_port
from tests.support.door import until
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.subscribed import subscribed

pytestmark = pytest.mark.broker

SIGNAL = "alarmd/v1/bed_button/signal"
DYNAMIC_SECURITY = sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))


async def test_a_broker_that_is_not_there_yet_is_found_when_it_comes(tmp_path: Path, keeper: Keeper) -> None:
    broker = Mosquitto(tmp_path)
    async with subscribed(broker.port, keeper, wait=False) as subscription:
        await until(lambda: "refused" in subscription.problem)
        assert subscription.problem.startswith(f"127.0.0.1:{broker.port}: ")
        assert not subscription.connected
        async with broker:
            await until(lambda: subscription.subscribed)
            assert subscription.problem == ""
            await broker.publish(SIGNAL, b"1")
            await keeper.has(1)


async def test_it_subscribes_again_when_the_broker_comes_back_without_its_sessions(
    broker: Mosquitto, keeper: Keeper
) -> None:
    async with subscribed(broker.port, keeper) as subscription:
        for round_ in range(3):
            await broker.kill()
            await until(lambda: not subscription.subscribed)
            assert subscription.problem
            await broker.start()
            await until(lambda: subscription.subscribed)
            await broker.publish(SIGNAL, b"%d" % round_)
            await keeper.has(round_ + 1)
    assert keeper.payloads == [b"0", b"1", b"2"]


async def test_it_notices_a_broker_that_hangs(
    broker: Mosquitto, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_client, "KEEPALIVE_S", 1)
    monkeypatch.setattr(mqtt_client, "MISC_EVERY_S", 0.05)
    monkeypatch.setattr(broker_module, "CONNECT_TIMEOUT_S", 0.2)
    async with subscribed(broker.port, keeper) as subscription:
        broker.freeze()
        await until(lambda: not subscription.subscribed)
        broker.thaw()
        await until(lambda: subscription.subscribed)
        await broker.publish(SIGNAL, b"1")
        await keeper.has(1)


async def test_a_port_where_nobody_answers_is_a_sentence(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "CONNECT_TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        async with subscribed(port, keeper, wait=False) as subscription:
            await until(lambda: "answer" in subscription.problem)
            assert subscription.problem == f"127.0.0.1:{port}: no answer in 0.05 s"


async def test_a_wrong_password_is_a_sentence(tmp_path: Path, keeper: Keeper) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "alarmd", "right"], check=True, capture_output=True)  # noqa: ASYNC221 - before anything runs
    more = ("allow_anonymous false", f"password_file {passwords}")
    async with Mosquitto(tmp_path, more=more) as broker:
        async with subscribed(broker.port, keeper, username="alarmd", password="wrong", wait=False) as subscription:
            await until(lambda: "refused: Not authorized" in subscription.problem)
            assert not subscription.connected
        async with subscribed(broker.port, keeper, username="alarmd", password="right") as subscription:
            assert subscription.problem == ""


def denying(folder: Path) -> list[str]:
    """Settings under which a broker takes everybody and refuses them every subscription."""
    security = {
        "defaultACLAccess": {
            "publishClientSend": True,
            "publishClientReceive": True,
            "subscribe": False,
            "unsubscribe": True,
        }
    }
    (folder / "security.json").write_text(json.dumps(security), encoding="utf-8")
    return ["allow_anonymous true", f"plugin {DYNAMIC_SECURITY[0]}", f"plugin_opt_config_file {folder}/security.json"]


async def test_a_refused_subscription_is_a_sentence(tmp_path: Path, keeper: Keeper) -> None:
    async with (
        Mosquitto(tmp_path, more=denying(tmp_path)) as broker,
        subscribed(broker.port, keeper, wait=False) as subscription,
    ):
        await until(lambda: "refuses" in subscription.problem)
        assert "the broker refuses to let alarmd read alarmd/v1/+/signal: Not authorized" in subscription.problem
        assert not subscription.subscribed


async def test_leaving_keeps_the_session_and_leaves_nothing_behind(broker: Mosquitto, keeper: Keeper) -> None:
    """Warnings are errors: a socket or a future left behind fails this test when it is collected."""
    keeper.holding = True
    watched = len(asyncio.all_tasks())
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1")
        await keeper.has(1)
    await broker.until_said("Received DISCONNECT from alarmd")
    assert len(asyncio.all_tasks()) == watched
    keeper.lose()
    gc.collect()
    async with subscribed(broker.port, keeper):
        await keeper.has(2)
        keeper.keep()
        await broker.until_said("Received PUBACK from alarmd")


async def test_leaving_while_the_broker_is_away_is_clean_too(keeper: Keeper) -> None:
    async with subscribed(free_port(), keeper, wait=False) as subscription:
        await until(lambda: "refused" in subscription.problem)
    gc.collect()
    assert not subscription.connected
