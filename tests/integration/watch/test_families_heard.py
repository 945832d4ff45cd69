"""The shipped access list lets every family through, and `alarmd check` finds a broker whose rules hide one."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alarmd.cli import access_list
from alarmd.door.topics import matches
from devices import FAMILIES, answers, receipts, registry
from devices.signal import SignalType
from simulators import dialects
from tests.support.commands import ROOT, Outcome
from tests.support.mosquitto import Mosquitto
from tests.support.site import Site

SHIPPED = ROOT / "config" / "deployments" / "mosquitto" / "alarmd.acl"
PASSWORD = "a-secret-of-the-test"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def presses() -> dict[str, dialects.Said]:
    """The first message of a press of each family, or of the worst that its devices can say."""
    found = {}
    for family in FAMILIES:
        spoken = dialects.dialect(family)
        worst = next(kind for kind in ("sos", "fall", "vital", "heartbeat") if kind in spoken.says)
        found[family] = dialects.says(family, spoken.device, worst, at=NOW)[0]
    return found


def _rules(folder: Path, acl: Path) -> tuple[Path, Path]:
    rules = Path(shutil.copy(acl, folder / "rules.acl"))
    rules.chmod(0o700)
    passwords = folder / "passwords"
    users = ("alarmd", *FAMILIES, dialects.dialect("alarmd").device)
    passwords.write_text("".join(f"{user}:{PASSWORD}\n" for user in dict.fromkeys(users)), encoding="utf-8")
    return rules, passwords


async def broker_with(folder: Path, acl: Path) -> Mosquitto:
    rules, passwords = _rules(folder, acl)
    process = await asyncio.create_subprocess_exec("mosquitto_passwd", "-U", str(passwords))
    assert await process.wait() == 0
    await asyncio.to_thread(passwords.chmod, 0o700)
    more = ("allow_anonymous false", f"password_file {passwords}", f"acl_file {rules}")
    return Mosquitto(folder, quiet=True, more=more)


def test_the_shipped_list_is_the_one_that_the_settings_make() -> None:
    made = access_list.mosquitto((), {}, client_id="alarmd")
    assert SHIPPED.read_text(encoding="utf-8") == made, "write it anew with: alarmd check --acl"


def test_a_list_for_some_families_allows_no_others(tmp_path: Path) -> None:
    site = Site(
        tmp_path, '[mqtt]\nurl = "mqtt://reader@h"\nfamilies = ["tasmota"]\ntopics = { "z2/#" = "zigbee2mqtt" }\n'
    )
    lines = site.run("check", "--acl").out.splitlines()
    assert {"user reader", "topic read tele/+/#", "topic read z2/#", "user tasmota", "user zigbee2mqtt"} <= set(lines)
    assert "topic read shellies/#" not in lines


@pytest.mark.parametrize("family", FAMILIES)
def test_the_topics_of_the_check_mean_nothing_to_the_daemon(family: str) -> None:
    for pattern in FAMILIES[family].subscriptions:
        topic = access_list.trial_topic(pattern)
        assert matches(pattern, topic)
        said = registry.decode(topic, FAMILIES[family].idle)
        assert {signal.type for signal in said} <= {SignalType.HEARTBEAT}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_is_answered_is_on_its_list(family: str) -> None:
    device = dialects.dialect(family).device
    told = (
        [
            answers.answer(family, device, "coming"),
            *(
                receipts.receipt(said.topic, said.payload, NOW)
                for said in dialects.says(family, device, "heartbeat", at=NOW)
            ),
        ]
        if "heartbeat" in dialects.dialect(family).says
        else [answers.answer(family, device, "coming")]
    )
    for message in told:
        if message is not None:
            assert any(matches(pattern, message.topic) for pattern in FAMILIES[family].replies), message.topic


@pytest.mark.broker
async def test_with_the_shipped_list_a_press_of_every_family_arrives_and_its_answer_goes_out(tmp_path: Path) -> None:
    heard: set[str] = set()
    async with await broker_with(tmp_path, SHIPPED) as broker:
        said = presses()
        wanted = {one.topic for one in said.values()}
        async with asyncio.timeout(60), broker.client("alarmd", "alarmd", PASSWORD) as alarmd:
            for pattern in access_list.filters((), {}):
                await alarmd.subscribe(pattern, qos=1)
            for family, one in said.items():
                user = family if family != "alarmd" else dialects.dialect(family).device
                async with broker.client(f"{family}-gateway", user, PASSWORD) as gateway:
                    await gateway.publish(one.topic, one.payload, qos=1)
            async for message in alarmd.messages:
                heard.add(str(message.topic))
                if wanted <= heard:
                    break
            for family in FAMILIES:
                reply = answers.answer(family, "bath", "coming")
                if reply is None:
                    continue
                async with broker.client("lamp", family, PASSWORD) as lamp:
                    await lamp.subscribe(reply.topic, qos=1)
                    await alarmd.publish(reply.topic, reply.payload, qos=1)
                    message = await anext(aiter(lamp.messages))
                    assert message.payload == reply.payload
    assert heard >= wanted


async def checked(folder: Path, broker: Mosquitto) -> Outcome:
    settings = f'[mqtt]\nurl = "mqtt://alarmd@127.0.0.1:{broker.port}"\npassword = "{PASSWORD}"\n'
    return await asyncio.to_thread(Site(folder, settings).run, "check")


def line(result: Outcome, what: str) -> str:
    return " ".join(next((text for text in result.out.splitlines() if text[2:].startswith(what)), "").split())


@pytest.mark.broker
async def test_it_finds_every_family_behind_the_shipped_list(tmp_path: Path) -> None:
    (folder := tmp_path / "broker").mkdir()
    async with await broker_with(folder, SHIPPED) as broker:
        result = await checked(tmp_path, broker)
    assert line(result, "families") == f"✓ families alarmd hears all {len(FAMILIES)} families"
    assert line(result, "redelivery").startswith("✓")


@pytest.mark.broker
async def test_it_names_a_family_that_the_rules_hide(tmp_path: Path) -> None:
    (folder := tmp_path / "broker").mkdir()
    rules = SHIPPED.read_text(encoding="utf-8").replace("topic read shellies/#\n", "", 1)
    (folder / "less.acl").write_text(rules, encoding="utf-8")
    async with await broker_with(folder, folder / "less.acl") as broker:
        result = await checked(tmp_path, broker)
    assert result.code == 1
    assert "the broker's rules hide 1 family from alarmd, so its presses are lost: shelly_gen1 (shellies/#)" in line(
        result, "families"
    )


@pytest.mark.broker
async def test_it_says_what_it_could_not_try(tmp_path: Path) -> None:
    """Rules that let alarmd read three families, and say nothing anywhere."""
    (folder := tmp_path / "broker").mkdir()
    (folder / "old.acl").write_text(
        "user alarmd\ntopic read zigbee2mqtt/#\ntopic readwrite alarmd/v1/$check/#\n", "utf-8"
    )
    async with await broker_with(folder, folder / "old.acl") as broker:
        result = await checked(tmp_path, broker)
    assert result.code == 1
    assert f"whether alarmd hears {len(FAMILIES)} families could not be tried" in line(result, "families")
    assert "shelly_gen1 (shellies/alarmd-check)" in line(result, "families")
