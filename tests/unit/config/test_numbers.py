"""Telephone numbers as people write them."""

from __future__ import annotations

import pytest

from config.numbers import EmergencyNumberError, NumberError, is_assigned, is_emergency, parse, parse_agreed


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("138 0013 8001", "CN", "+8613800138001"),
        ("+86-138-0013-8001", "GB", "+8613800138001"),
        ("(021) 6254 0001", "CN", "+862162540001"),
        ("１３８００１３８００１", "CN", "+8613800138001"),
        ("020 7946 0018", "GB", "+442079460018"),
    ],
)
def test_it_reads_national_and_international_forms(text: str, country: str, number: str) -> None:
    assert parse(text, country) == number


@pytest.mark.parametrize("text", ["", "abc", "12", "+999 1", "12345", "138001380011234567", "+86 21 6254 0001 ext 5"])
def test_it_refuses_what_nobody_can_have(text: str) -> None:
    with pytest.raises(NumberError):
        parse(text, "CN")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("120", "CN"),
        (" 1 2 0 ", "CN"),
        ("１２０", "CN"),
        ("+86 120", "DE"),
        ("＋86120", "CN"),
        ("86120", "CN"),
        ("0086120", "CN"),
        ("010120", "CN"),
        ("+86 755 120", "CN"),
        ("911", "CN"),
        ("+1-911", "CN"),
        ("999", "CN"),
        ("000", "CN"),
        ("112", "US"),
        ("15", "FR"),
        ("+33 15", "CN"),
    ],
)
def test_it_recognises_an_emergency_number_in_any_dress(text: str, country: str) -> None:
    assert is_emergency(text, country)
    with pytest.raises(EmergencyNumberError):
        parse(text, country)
    assert parse_agreed(text, country).lstrip("+").isdigit()


@pytest.mark.parametrize("text", ["13800138120", "+862162540120", "+44 20 7946 0999", "02162541120", "+15005550911"])
def test_it_takes_no_ordinary_number_for_one(text: str) -> None:
    assert not is_emergency(text, "CN")
    assert parse(text, "CN") == parse_agreed(text, "CN")


def test_it_knows_which_ranges_are_in_use() -> None:
    assert is_assigned("+8613800138001")
    assert not is_assigned("+8610000000000")
