from __future__ import annotations

import os

import pytest

from alarmd import local_user


def test_it_is_whom_the_system_knows() -> None:
    assert local_user.login({}).startswith(f"uid:{os.getuid()}")


def test_behind_sudo_it_is_both() -> None:
    found = local_user.login({"SUDO_UID": "4711", "SUDO_USER": "ma"})
    assert found == f"{local_user.login({})} (sudo: uid:4711)"


@pytest.mark.parametrize("odd", ["", "-1", "x", "٣", "99999999999999999999", "1; rm"])
def test_what_is_no_number_breaks_nothing(odd: str) -> None:
    assert local_user.login({"SUDO_UID": odd}).startswith(f"uid:{os.getuid()}")
