"""The example deployments: what is shipped to be copied must work as it stands."""

from __future__ import annotations

import asyncio
import configparser
import shutil
from pathlib import Path

import pytest

from alarmd.directory.reading import COLUMNS, Kind
from config.settings import load
from tests.support.commands import ROOT
from tests.support.mosquitto import Mosquitto
from tests.support.site import EXAMPLE, Site

DEPLOYMENTS = ROOT / "config" / "deployments"
SECRETS = ("mqtt.password", "desk.token", "twilio.token")


def copied(folder: Path) -> Path:
    """The settings for mosquitto, with secrets beside them."""
    for secret in SECRETS:
        (folder / secret).write_text("a-secret-of-the-test\n", encoding="utf-8")
    return Path(shutil.copy(DEPLOYMENTS / "mosquitto" / "alarmd.toml", folder))


def test_it_loads_the_small_site_as_it_stands(tmp_path: Path) -> None:
    settings = load(Path(shutil.copy(DEPLOYMENTS / "small-site" / "alarmd.toml", tmp_path)), {})
    assert settings.mqtt.door is not None
    assert settings.mqtt.door.is_loopback
    assert settings.ambulance.mode == "desk"


def test_it_loads_the_settings_for_mosquitto_once_the_secrets_are_there(tmp_path: Path) -> None:
    settings = load(copied(tmp_path), {})
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "a-secret-of-the-test"
    assert settings.store.url == "sqlite:////var/lib/alarmd/alarmd.db"
    assert (settings.ambulance.mode, settings.ambulance.phone) == ("line", "+862162540120")


def test_it_ships_a_file_of_each_kind_with_every_column(tmp_path: Path) -> None:
    for kind in Kind:
        header = (EXAMPLE / f"{kind}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert tuple(header.split(",")) == COLUMNS[kind]
    (_a_new_store,) = Site(tmp_path).import_example().err.splitlines()


def test_it_lets_systemd_watch_and_restart_the_daemon() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # the documented way to keep capitals
    unit.read(DEPLOYMENTS / "systemd" / "alarmd.service", encoding="utf-8")
    service = unit["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert int(service["WatchdogSec"]) > 0
    assert service["ExecStart"].endswith("alarmd run -c /etc/alarmd/alarmd.toml")


@pytest.mark.broker
async def test_it_lets_alarmd_into_the_shipped_mosquitto_and_nobody_else(tmp_path: Path) -> None:
    broker = _shipped(tmp_path)
    await _password(tmp_path / "alarmd.passwords", "alarmd", create=True)
    await _password(tmp_path / "alarmd.passwords", "liu-pendant")
    (tmp_path / "alarmd.passwords").chmod(0o700)
    async with broker:
        settings = copied(tmp_path)
        text = settings.read_text(encoding="utf-8")
        for old, new in (
            ("127.0.0.1:1883", f"127.0.0.1:{broker.port}"),
            ("sqlite:////var/lib/alarmd/", "sqlite:///"),
            ('kind = "twilio"', 'kind = "twilio"\napi_base = "http://127.0.0.1:1"'),  # nobody is there
        ):
            assert old in text
            text = text.replace(old, new)
        checked = await asyncio.to_thread(Site(tmp_path, text).run, "check")
        assert f"✓ broker     127.0.0.1:{broker.port} lets alarmd in" in checked.out
        async with broker.client("heard", "alarmd", "a-secret-of-the-test") as alarmd:
            await alarmd.subscribe("alarmd/v1/+/signal", qos=1)
            await _forge(broker)
            async with broker.client("pendant", "liu-pendant", "a-secret-of-the-test") as pendant:
                await pendant.publish("alarmd/v1/liu-pendant/signal", b"own", qos=1)
            async for message in alarmd.messages:
                assert (str(message.topic), message.payload) == ("alarmd/v1/liu-pendant/signal", b"own")
                break


def _shipped(folder: Path) -> Mosquitto:
    """The shipped settings, on a free port and with this folder in place of the machine's."""
    broker = Mosquitto(folder)
    acl = Path(shutil.copy(DEPLOYMENTS / "mosquitto" / "alarmd.acl", folder))
    acl.chmod(0o700)
    text = (DEPLOYMENTS / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    for old, new in (
        ("/var/lib/mosquitto/", f"{folder}/"),
        ("/etc/mosquitto/", f"{folder}/"),
        ("listener 1883 127.0.0.1", f"listener {broker.port} 127.0.0.1"),
        ("log_dest syslog", "log_dest stderr\nlog_type all"),
    ):
        assert old in text
        text = text.replace(old, new)
    user = broker._config.read_text(encoding="utf-8").partition("listener")[0]
    broker._config.write_text(user + text, encoding="utf-8")
    return broker


async def _forge(broker: Mosquitto) -> None:
    """Liu's pendant claims to be Wang's button; whether that throws it out depends on the version."""
    words = ["-p", str(broker.port), "-i", "forger", "-u", "liu-pendant", "-P", "a-secret-of-the-test"]
    process = await asyncio.create_subprocess_exec(
        "mosquitto_pub", *words, "-t", "alarmd/v1/wang-button/signal", "-m", "forged"
    )
    await process.wait()
    await broker.until_said("Denied PUBLISH from forger")


async def _password(file: Path, user: str, *, create: bool = False) -> None:
    words = ["-b", *(["-c"] if create else []), str(file), user, "a-secret-of-the-test"]
    process = await asyncio.create_subprocess_exec("mosquitto_passwd", *words)
    assert await process.wait() == 0


def test_a_crash_writes_no_memory_to_the_disk_and_the_settings_are_alarmds_own() -> None:
    unit = (DEPLOYMENTS / "systemd" / "alarmd.service").read_text(encoding="utf-8").splitlines()
    assert {"LimitCORE=0", "ConfigurationDirectoryMode=0750", "StateDirectoryMode=0700", "UMask=0077"} <= set(unit)


@pytest.mark.parametrize("page", ["guide.md", "phone.md", "api.md"])
def test_no_proxy_that_is_shown_lets_more_in_than_the_webhooks(page: str) -> None:
    lines = [line.strip() for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()]
    shown = [i for i, line in enumerate(lines) if "reverse_proxy" in line or "proxy_pass" in line]
    assert shown or page != "guide.md"
    for i in shown:
        assert "/phone/twilio/" in lines[i] + lines[i - 1], lines[i]


def test_what_is_shipped_to_be_copied_lets_old_texts_go(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    small = load(Path(shutil.copy(DEPLOYMENTS / "small-site" / "alarmd.toml", tmp_path)), {})
    for settings in (small, load(copied(tmp_path / "beside"), {})):
        assert settings.store.keep_bodies == 90 * 86_400
