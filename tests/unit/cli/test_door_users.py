"""What `alarmd check` says of users of the door that are gateways."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarmd.cli.door_users import findings
from alarmd.door.users import Users, hash_password

SECRET = hash_password("secret")


def said(folder: Path, *lines: str) -> list[str]:
    file = folder / "users"
    file.write_text("".join(f"{name}:{SECRET}:{field}\n" for name, _, field in (line.partition(":") for line in lines)))
    return [one.text for one in findings(Users(file))]


def test_it_says_how_devices_behind_a_base_topic_of_ones_own_are_registered(tmp_path: Path) -> None:
    (found,) = said(tmp_path, "gw1:zigbee2mqtt/#,f zigbee2mqtt", "gw2:home2/zigbee2mqtt/#,f zigbee2mqtt")
    assert found.endswith("home2//bed_button, unless their own address holds it: gw2 (home2/zigbee2mqtt)")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("zigbee2mqtt/#,f zigbee2mqtt", "zigbee2mqtt/#,f zigbee2mqtt", True),
        ("zigbee2mqtt/#,f zigbee2mqtt", "#,f zigbee2mqtt", True),
        ("application/#,f chirpstack", "application/1/#,f chirpstack", True),
        ("home/#,f zigbee2mqtt", "home/#,f theengs_ble", False),
        ("home/#,f zigbee2mqtt", "home2/#,f zigbee2mqtt", False),
        ("zigbee2mqtt/#,f zigbee2mqtt", "r zigbee2mqtt/#,f zigbee2mqtt", False),
    ],
)
def test_it_names_gateways_that_could_speak_for_each_others_devices(
    tmp_path: Path, one: str, other: str, *, shared: bool
) -> None:
    found = [text for text in said(tmp_path, f"a:{one}", f"b:{other}") if "each other's devices" in text]
    assert bool(found) is shared
    assert all("base topic: a, b;" in text for text in found)


PRESS, ANSWER, HEAR = "may press in the name", "may tell other users' buttons", "hear when other users' buttons"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("alarmd/v1/#,f alarmd", {PRESS, ANSWER, HEAR}),
        ("alarmd/v1/#", {PRESS, ANSWER, HEAR}),
        ("w +/+/+/signal,f alarmd", {PRESS}),
        ("w +/v1/+/+", {PRESS, ANSWER}),
        ("w #", {PRESS, ANSWER}),
        ("w #,f zigbee2mqtt", {ANSWER}),  # what it publishes is not read as a button's
        ("r #", {HEAR}),
        ("r alarmd/+/+/reply/#", {HEAR}),
        ("w alarmd/v1/other/signal", {PRESS}),
        ("r alarmd/v1/other/#", {HEAR}),
        ("w alarmd/v1/hall/signal,r alarmd/v1/hall/reply", set()),  # one device with two buttons
        ("alarmd/v1/me/#", set()),
        ("zigbee2mqtt/#", set()),
        ("+/zigbee2mqtt/#", set()),
        ("alarmd/v1/+/signal/more", set()),
        ("alarmd/v1/+", set()),
        ("alarmd/v2/#", set()),
    ],
)
def test_it_names_who_may_press_answer_or_hear_for_other_users(tmp_path: Path, field: str, found: set[str]) -> None:
    file = tmp_path / "users"
    file.write_text(f"me:{SECRET}:{field}\nother:{SECRET}\n")
    told = [one for one in findings(Users(file)) if "other users' buttons" in one.text]
    assert {what for what in (PRESS, ANSWER, HEAR) if any(what in one.text for one in told)} == found
    assert all(one.ok is None and "me (" in one.text and "other (" not in one.text for one in told)


def test_of_one_gateway_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert said(tmp_path, "gw1:zigbee2mqtt/#,f zigbee2mqtt", "hub:shellies/#,f shelly_gen1") == []
