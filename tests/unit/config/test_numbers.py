"""Telephone numbers as people write them."""

from __future__ import annotations

import pytest

from config.numbers import (
    EmergencyNumberError,
    NumberError,
    is_assigned,
    is_emergency,
    is_nothing,
    parse,
    parse_agreed,
    read,
)


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


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("13800138000.0", "CN", "+8613800138000"),
        ("1.3800138001E+10", "CN", "+8613800138001"),
        ("'13800138000", "CN", "+8613800138000"),
        ('="13800138000"', "CN", "+8613800138000"),
        ("\u200b138\u00a00013\u20028000\u202c", "CN", "+8613800138000"),
        ("13800138000(儿子)", "CN", "+8613800138000"),
        ("儿子：138-0013-8000", "CN", "+8613800138000"),
        ("手机:13800138000", "CN", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        ("+86 013800138000", "CN", "+8613800138000"),
        ("13,800,138,000", "CN", "+8613800138000"),
        ("2162540002", "CN", "+862162540002"),
        ("86-21-62540002", "CN", "+862162540002"),
        ("+44 (0)20 7946 0018", "GB", "+442079460018"),
        ("2079460018", "GB", "+442079460018"),
        ("442079460018", "GB", "+442079460018"),
        ("701234567", "SE", "+46701234567"),
        ("+46 (0)70-123 45 67", "SE", "+46701234567"),
        ("4915123456789", "DE", "+4915123456789"),
        ("16502530000.0", "US", "+16502530000"),
    ],
)
def test_it_mends_what_can_mean_one_number_only_and_says_so(text: str, country: str, number: str) -> None:
    assert read(text, country) == (number, True, "")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("138 0013 8000", "CN"),
        ("138-0013-8000", "CN"),
        ("021-62540002", "CN"),
        ("008613800138000", "CN"),
        ("+44 7911 123456", "CN"),
        ("(650) 253-0000", "US"),
        ("1 650 253 0000", "US"),
        ("011 46 70 123 45 67", "US"),
        ("070-123 45 67", "SE"),
        ("030/12345678", "DE"),
    ],
)
def test_it_makes_no_words_about_a_number_that_is_written_as_one_writes_it(text: str, country: str) -> None:
    assert not read(text, country).mended


@pytest.mark.parametrize(
    ("text", "country", "said"),
    [
        ("1.38001E+10", "CN", "digits are lost"),
        ("8.61380013800E+12", "CN", "digits are lost"),
        ("138OO138000", "CN", "has the letter 'O' where a digit ought to be: is it 0?"),
        ("l3800138000", "CN", "has the letter 'l' where a digit ought to be: is it 1?"),
        ("13800138000/13900139000", "CN", "holds 2 numbers"),
        ("13800138000、13900139000", "CN", "holds 2 numbers"),
        ("13800138000 13900139000", "CN", "holds 2 numbers"),
        ("021-62540002/3", "CN", "more than one number"),
        ("138 0013 8000 转 8", "CN", "has an extension"),
        ("650-253-0000 x5", "US", "has an extension"),
        ("138001380001", "CN", "has 12 digits, and a mobile number of China has 11"),
        ("+86 138001380001", "CN", "has 12 digits"),
        ("1380013800", "CN", "has 10 digits"),
        ("12800138000", "CN", "is no number of China"),
        ("021-6254000", "CN", "is no number of China"),
        ("62540002", "CN", "only within its own town"),
        ("95588", "CN", "only within its own town or network"),
        ("447911123456", "CN", "if it is one of GB, write +447911123456"),
        ("852 9123 4567", "CN", "if it is one of HK, write +85291234567"),
        ("-13800138000", "CN", "is a negative number"),
        ("1-800-FLOWERS", "US", "has letters in it"),
    ],
)
def test_it_refuses_what_would_ring_a_stranger_and_says_why(text: str, country: str, said: str) -> None:
    with pytest.raises(NumberError) as caught:
        read(text, country)
    assert said in str(caught.value)


def test_a_range_that_is_not_known_yet_is_asked_about_and_so_is_a_service_number() -> None:
    assert "no range of numbers known" in read("15412345678", "CN").doubt
    assert "service number" in read("4001234567", "CN").doubt


@pytest.mark.parametrize("text", ["120.0", "'120", "\u200b120", "1 2 0", "１２０", "021\u00a0120", '="120"'])
def test_an_emergency_number_hides_behind_no_sign(text: str) -> None:
    with pytest.raises(EmergencyNumberError):
        read(text, "CN")


def test_it_knows_how_people_write_that_there_is_none() -> None:
    assert all(is_nothing(text) for text in ("N/A", "无", "-", "—", "/", " 暂无 ", "none"))
    assert not is_nothing("13800138000")
