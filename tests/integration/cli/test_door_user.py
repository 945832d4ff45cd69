"""Users of the door, set by command and let in by the real check."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alarmd.cli import application
from alarmd.cli.errors import UserError
from alarmd.door.users import Users
from devices import FAMILIES
from tests.support.commands import alarmd
from tests.support.station import fill, write_settings


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = write_settings(tmp_path)
    text = file.read_text(encoding="utf-8").replace("[mqtt]\n", '[mqtt]\nusers_file = "door.users"\n')
    file.write_text(text, encoding="utf-8")
    return file


def door_user(settings: Path, *words: str, password: str = "") -> str:
    result = CliRunner().invoke(application(), ["door-user", "-c", str(settings), *words], input=f"{password}\n")
    if isinstance(result.exception, UserError):
        return str(result.exception)
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_it_sets_a_user_who_then_may_publish_her_own_signals(settings: Path) -> None:
    assert "pendant-7 set" in door_user(settings, "pendant-7", password="gran's garden")
    file = settings.parent / "door.users"
    users = Users(file)
    grants = await users.verify("pendant-7", b"gran's garden")
    assert grants is not None
    assert grants.may_publish("alarmd/v1/pendant-7/signal")
    assert not grants.may_publish("alarmd/v1/pendant-8/signal")
    assert await users.verify("pendant-7", b"wrong") is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_new_password_keeps_the_topics(settings: Path) -> None:
    door_user(settings, "gateway", "--topics", "zigbee2mqtt/#,r homeassistant/#", password="one")
    door_user(settings, "gateway", password="two")
    users = Users(settings.parent / "door.users")
    assert await users.verify("gateway", b"one") is None
    grants = await users.verify("gateway", b"two")
    assert grants is not None
    assert grants.may_publish("zigbee2mqtt/bed_button")
    assert not grants.may_publish("homeassistant/x")


async def test_the_same_password_again_leaves_the_line_and_who_is_connected(settings: Path) -> None:
    file = settings.parent / "door.users"
    door_user(settings, "gateway", "--topics", "zigbee2mqtt/#", password="one")
    before = file.read_text(encoding="utf-8")
    assert "gateway set" in door_user(settings, "gateway", password="one")
    assert file.read_text(encoding="utf-8") == before
    door_user(settings, "gateway", "--topics", "home2/#", password="one")
    assert file.read_text(encoding="utf-8") == before.replace("zigbee2mqtt", "home2")
    cheap = "$7$101$" + before.split("$", 3)[3]
    file.write_text(f"gateway:{cheap}", encoding="utf-8")
    door_user(settings, "gateway", password="one")
    assert Users(file).cheap == [], "one of few rounds is hashed anew"
    assert await Users(file).verify("gateway", b"one") is not None


def test_a_second_gateway_of_a_family_gets_a_base_topic_of_its_own(settings: Path) -> None:
    door_user(settings, "gw1", "--families", "zigbee2mqtt", password="one")
    found = door_user(settings, "gw2", "--families", "zigbee2mqtt", password="two")
    assert "gw1 publishes zigbee2mqtt/# already" in found
    assert '--topics "gw2/zigbee2mqtt/#"' in found
    door_user(settings, "gw2", "--families", "zigbee2mqtt", "--topics", "gw2/zigbee2mqtt/#", password="two")
    door_user(settings, "gw1", "--families", "zigbee2mqtt", password="three")  # its own are no other's
    grants = Users(settings.parent / "door.users").grants
    assert {name: one.publish for name, one in grants.items()} == {
        "gw1": ("zigbee2mqtt/#",),
        "gw2": ("gw2/zigbee2mqtt/#",),
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gateway_gets_the_usual_base_topic_of_its_family_and_no_other(settings: Path, family: str) -> None:
    found = door_user(settings, "gw", "--families", family, password="one")
    if "no usual base topic" in found:
        assert not FAMILIES[family].usual_bases
        return
    (grants,) = Users(settings.parent / "door.users").grants.values()
    assert grants.publish
    assert not [pattern for pattern in grants.publish if pattern.startswith(("+", "#"))]


def test_it_takes_a_user_out(settings: Path) -> None:
    door_user(settings, "gateway", password="one")
    assert "taken out" in door_user(settings, "gateway", "--remove")
    assert "no user 'gateway'" in door_user(settings, "gateway", "--remove")


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (("gateway",), "", "no password came"),
        (("gateway", "--topics", "a/#/b"), "one", "not a topic filter"),
        (("a/b",), "one", "cannot stand in a topic"),
        (("a:b",), "one", "cannot be a user's name"),
        (("#a",), "one", "cannot be a user's name"),
        (("a\nb",), "one", "cannot be a user's name"),
    ],
)
def test_it_writes_nothing_the_door_could_not_read(
    settings: Path, words: tuple[str, ...], password: str, said: str
) -> None:
    assert said in door_user(settings, *words, password=password)
    assert not (settings.parent / "door.users").exists()


def test_it_says_what_to_set_where_there_is_no_users_file(tmp_path: Path) -> None:
    assert "users_file" in door_user(write_settings(tmp_path), "gateway", password="one")


# Only root can give files away; who is not root keeps them.
UID, GID = (4711, 4712) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


def test_it_leaves_the_file_to_its_owner_and_its_rights_though_root_writes_it(settings: Path) -> None:
    file = settings.parent / "door.users"
    door_user(settings, "gateway", password="one")
    os.chown(file, UID, GID)
    file.chmod(0o640)
    for words, password in ((("gateway",), "two"), (("pendant",), "three"), (("pendant", "--remove"), "")):
        door_user(settings, *words, password=password)
        found = file.stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (UID, GID, 0o640), words


def test_a_first_file_that_root_makes_belongs_to_who_has_the_folder(settings: Path) -> None:
    os.chown(settings.parent, UID, GID)
    door_user(settings, "gateway", password="one")
    found = (settings.parent / "door.users").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (UID, GID, 0o600)


@pytest.mark.parametrize(("mode", "rights"), [(0o750, 0o640), (0o700, 0o600)])
def test_in_a_folder_of_roots_own_the_services_group_may_read_it(settings: Path, mode: int, rights: int) -> None:
    """As packages leave `/etc/alarmd`: the service enters by its group, and could not read its users' file else."""
    owner, rights = (0, rights) if os.geteuid() == 0 else (UID, 0o600)
    os.chown(settings.parent, owner, GID)
    settings.parent.chmod(mode)
    door_user(settings, "gateway", password="one")
    found = (settings.parent / "door.users").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (owner, GID, rights)


def test_a_link_to_the_file_stays_a_link(settings: Path) -> None:
    place = settings.parent / "secrets"
    place.mkdir()
    (settings.parent / "door.users").symlink_to(place / "real")
    door_user(settings, "gateway", password="one")
    assert (settings.parent / "door.users").is_symlink()
    assert "gateway:" in (place / "real").read_text(encoding="utf-8")


def test_nothing_is_left_beside_the_file_where_it_cannot_be_used(settings: Path) -> None:
    door_user(settings, "gateway", password="one")
    before = sorted(settings.parent.iterdir())
    assert "is not a topic filter" in door_user(settings, "pendant", "--topics", "a/#/b", password="x")
    assert sorted(settings.parent.iterdir()) == before


@pytest.mark.broker
def test_a_file_of_mosquittos_works_as_it_is_and_check_says_how_its_hashes_are_made_better(settings: Path) -> None:
    file = settings.parent / "door.users"
    tool = shutil.which("mosquitto_passwd")
    assert tool is not None
    subprocess.run([tool, "-c", "-b", str(file), "button", "one"], check=True)  # `-c` makes a new file
    file.chmod(0o600)
    assert "$7$101$" in file.read_text(encoding="utf-8")
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '[service]\ndesk_phones = ["+441174960300"]\n' * ("desk_phones" not in text))
    before = alarmd("check", "-c", settings, "--settings-only")
    assert (before.code, "fewer than 10,000 rounds" in before.out) == (0, True), before.out
    assert "button" in before.out
    assert "button set" in door_user(settings, "button", password="one")
    after = alarmd("check", "-c", settings, "--settings-only")
    assert (after.code, "rounds" in after.out) == (0, False), after.out


@pytest.mark.parametrize("how", ["import", "restore"])
def test_a_store_that_root_begins_belongs_to_who_has_the_folder(settings: Path, how: str) -> None:
    """`sudo alarmd import` before the first start: the daemon could not open what it made."""
    if how == "import":
        people = settings.parent / "circles.csv"
        people.write_text("id,name,tier\nlane,Lane,street\n", encoding="utf-8")
        os.chown(settings.parent, UID, GID)
        assert alarmd("import", "-c", settings, people).code == 0
    else:
        fill(settings.parent / "alarmd.db")
        assert alarmd("backup", "-c", settings, settings.parent / "copy.db").code == 0
        for file in settings.parent.glob("alarmd.db*"):
            file.unlink()
        os.chown(settings.parent, UID, GID)
        assert alarmd("restore", "-c", settings, settings.parent / "copy.db").code == 0
    for file in settings.parent.glob("alarmd.db*"):
        found = file.stat()
        assert (found.st_uid, found.st_gid) == (UID, GID), file
        assert stat.S_IMODE(found.st_mode) == 0o600, file
