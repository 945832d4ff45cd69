"""A row of devices.csv: its address and how often the device reports."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from alarmd.directory import rows
from alarmd.directory.files.cells import Cells
from alarmd.directory.rotas import Book
from config.settings import Settings
from escalation.people import Device
from tests.support.duty import rota

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOOK = Book(Settings.model_validate({"mqtt": {"listen": "127.0.0.1:1883"}}), partial(rota, days=10), NOON)
CONTEXT = rows.Context(country="CN", plans=(), today=NOON.date(), duty=BOOK)


def read(**cells: str) -> tuple[Device, list[str], list[str]]:
    row = Cells(
        2, {"id": "d1", "family": "zigbee2mqtt", "address": "bed", "resident": "r1", "kind": "button"} | cells, "CN"
    )
    device = rows.device(row, CONTEXT)
    return device, [str(fault) for fault in row.faults], [str(fault) for fault in row.warnings]


def test_it_names_a_spoilt_address_by_line_and_column() -> None:
    _, faults, _ = read(family="traccar", address="8.68533E+14")
    (fault,) = faults
    assert fault.startswith("line 2, address: 8.68533E+14 is a number that a spreadsheet has rounded")


def test_it_mends_what_nobody_sees() -> None:
    device, faults, warnings = read(address="\ufeffbed_button\u200b")
    assert (device.address, faults, warnings) == ("bed_button", [], [])


def test_it_warns_of_an_odd_imei_and_keeps_it() -> None:
    device, faults, warnings = read(family="traccar", address="'350000002108909")
    assert (device.address, faults) == ("350000002108909", [])
    assert "its last digit does not fit the others" in warnings[0]


@pytest.mark.parametrize("text", ["1", "5", "29"])
def test_it_refuses_a_time_in_which_nothing_is_heard(text: str) -> None:
    _, faults, _ = read(report_every=text)
    (fault,) = faults
    assert fault.startswith(f"line 2, report_every: {text} is {text} seconds, too short a time to call a device silent")


def test_it_refuses_a_time_after_which_it_is_too_late() -> None:
    _, faults, _ = read(report_every="9999h")
    assert "is 416 days, too long a time" in faults[0]


def test_it_doubts_seconds_where_hours_are_usual() -> None:
    device, faults, warnings = read(report_every="60")
    assert (device.report_every, faults) == (60, [])
    assert "are heard every few hours" in warnings[0]
    assert read(report_every="25h")[1:] == ([], [])
    assert read(family="alarmd", report_every="60")[1:] == ([], [])
