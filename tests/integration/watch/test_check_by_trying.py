"""`alarmd check` finds out by trying what the broker keeps for alarmd."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiomqtt
import pytest

from tests.support.commands import Outcome
from tests.support.mosquitto import Mosquitto
from tests.support.site import Site

pytestmark = pytest.mark.broker


async def check(folder: Path, broker: Mosquitto, *words: str) -> Outcome:
    site = Site(folder, f'[mqtt]\nurl = "{broker.url}"\n')
    return await asyncio.to_thread(site.run, "check", *words)


def line(result: Outcome, what: str) -> str:
    return " ".join(next((text for text in result.out.splitlines() if text[2:].startswith(what)), "").split())


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / "broker").mkdir()
    return tmp_path / "broker"


async def test_it_finds_that_a_broker_gives_again_and_keeps_everything(tmp_path: Path, there: Path) -> None:
    async with Mosquitto(there, quiet=True) as broker:
        result = await check(tmp_path, broker)
    assert line(result, "redelivery") == "✓ redelivery what alarmd had not acknowledged when it fell comes again"
    assert line(result, "queue") == "✓ queue keeps what comes while alarmd is away: all 1200 of 1200 messages tried"


async def test_it_finds_how_many_a_broker_drops_without_a_word(tmp_path: Path, there: Path) -> None:
    more = ("allow_anonymous true", "max_queued_messages 1000")
    async with Mosquitto(there, quiet=True, more=more) as broker:
        result = await check(tmp_path, broker)
    assert result.code == 1
    assert line(result, "redelivery").startswith("✓")
    assert line(result, "queue").startswith("✗ queue alarmd.toml:2: mqtt.url: queues 1000 of 1205 messages")


async def test_it_finds_a_broker_that_keeps_no_messages_for_who_is_away(tmp_path: Path, there: Path) -> None:
    """As brokers that are set to keep nothing do; what the client had in hand is another matter."""
    more = ("allow_anonymous true", "max_queued_messages 1", "max_inflight_messages 20")
    async with Mosquitto(there, quiet=True, more=more) as broker:
        result = await check(tmp_path, broker)
    assert result.code == 1
    assert "drops the others without a word" in line(result, "queue")


async def test_it_leaves_nothing_behind(tmp_path: Path, there: Path) -> None:
    async with Mosquitto(there, more=("allow_anonymous true", "log_type all")) as broker:
        await check(tmp_path, broker)
        trials = [text for text in broker.said if "New client connected" in text and "as alarmd-trial-" in text]
        last = [text for text in trials if "-sender" not in text][-1]
        assert "(p5, c1," in last, "the last one starts a clean session, and its end ends it"


async def test_it_says_what_to_allow_where_it_may_not_try(tmp_path: Path, there: Path) -> None:
    (there / "acl").write_text("topic read #\n", encoding="utf-8")
    (there / "acl").chmod(0o700)
    async with Mosquitto(there, quiet=True, more=("allow_anonymous true", f"acl_file {there / 'acl'}")) as broker:
        result = await check(tmp_path, broker)
    assert "not tried: the broker does not let alarmd write alarmd/v1/$check/# (Not authorized)" in line(
        result, "redelivery"
    )


async def test_in_a_hurry_it_tries_nothing(tmp_path: Path, there: Path) -> None:
    async with Mosquitto(there) as broker:
        result = await check(tmp_path, broker, "--quick")
        assert broker.count("alarmd-trial") == 0
    assert line(result, "broker").startswith("✓")
    assert line(result, "redelivery") == ""


async def test_it_hears_a_gateway_under_a_base_topic_of_its_own(tmp_path: Path, there: Path) -> None:
    """A second Zigbee2MQTT has a name of its own, and every button behind it is dead without a sign."""
    async with Mosquitto(there, quiet=True) as broker, aiomqtt.Client("127.0.0.1", broker.port) as gateway:
        for base in ("zigbee2mqtt", "zigbee2mqtt_2"):
            await gateway.publish(f"{base}/bridge/state", '{"state":"online"}', qos=1, retain=True)
        await gateway.publish("shop/printer/paper", "12", qos=1, retain=True)
        result = await check(tmp_path, broker)
    assert result.code == 1
    assert "somebody speaks zigbee2mqtt under zigbee2mqtt_2 and is not read" in line(result, "topics")
    assert line(result, "topics").endswith('set topics = { "zigbee2mqtt_2/#" = "zigbee2mqtt" }')
    assert result.out.count("is not read") == 1
