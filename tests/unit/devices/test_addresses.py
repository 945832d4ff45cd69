"""Addresses as spreadsheets and hands write them: put right where that is safe, else named with what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import devices
from devices import FAMILIES
from devices.addresses import visible
from simulators import dialects

HERE = Path(__file__).parent
INVISIBLE = ("\u200b", "\ufeff", "\u200f", "\u202a", "\u2060", "\u00ad", "\u3164", "\u2800", "\ufe0f", "\U000e0041")
BLANKS = (" ", "\u00a0", "\u3000", "\t", "\u2009")


def spoken() -> list[tuple[str, str]]:
    """Every address of every collected message."""
    found = set()
    for path in (*(HERE / "samples").glob("*.jsonl"), *(HERE / "unseen").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            payload = said["payload"]
            raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
            for signal in devices.decode(said["topic"], raw, family=path.stem):
                if signal.device is not None:
                    found.add((path.stem, signal.device))
    return sorted(found)


def test_every_address_on_the_air_is_one_that_can_be_registered_and_is_found() -> None:
    wrong = {
        (family, address): FAMILIES[family].address_fault(address)
        for family, address in spoken()
        if FAMILIES[family].registered(address) != address or FAMILIES[family].address_fault(address)
    }
    assert wrong == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_an_example_that_could_be(family: str) -> None:
    one = FAMILIES[family]
    address = one.registered(one.example_address)
    assert one.registered(address) == address
    assert one.address_fault(one.example_address) is None
    assert one.address_doubt(address) is None
    assert one.address_fault(one.registered(dialects.dialect(family).device)) is None


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sign", [*INVISIBLE, *BLANKS])
def test_what_nobody_sees_makes_no_other_device(family: str, sign: str) -> None:
    one = FAMILIES[family]
    address = one.registered(one.example_address)
    assert one.registered(f"{sign}{address}{sign}") == address
    if sign in INVISIBLE:
        assert one.registered(f"{address[:3]}{sign}{address[3:]}") == address


def test_a_picture_made_of_two_stays_one() -> None:
    assert visible("👩\u200d🦳 bed\u200b") == "👩\u200d🦳 bed"


def test_a_name_with_an_invisible_sign_on_the_air_is_the_same_device() -> None:
    (signal,) = devices.decode("zigbee2mqtt/bed\u200b_button", b'{"action":"single"}')
    assert signal.device == "bed_button"


@pytest.mark.parametrize(
    ("family", "written", "address"),
    [
        ("traccar", "'350000002108909", "350000002108909"),
        ("traccar", "\u2019350000002108909", "350000002108909"),
        ("traccar", '="350000002108909"', "350000002108909"),
        ("traccar", '"350000002108909"', "350000002108909"),
        ("traccar", "３５0000002108909", "350000002108909"),
        ("chirpstack", "24:E1:24:13:6B:50:22:17", "24e124136b502217"),
        ("chirpstack", "24\u201111\u201124\u201113\u20116b\u201150\u201122\u201117", "241124136b502217"),
        ("chirpstack", '="0004A30B001C0530"', "0004a30b001c0530"),
        ("thethingsstack", "24-E1-24-13-6B-50-22-17", "eui-24e124136b502217"),
        ("minew_g1", "ac-23-3f-c0-05-d8", "AC233FC005D8"),
        ("espruinohub", "F5-47-C8-0B-49-04", "f5:47:c8:0b:49:04"),
        ("ava4_gateway", "dcda0c5a8064", "DC:DA:0C:5A:80:64"),
        ("zigbee2mqtt", "Bad unten/Knopf", "Bad unten/Knopf"),
        ("zigbee2mqtt", "浴室按钮", "浴室按钮"),
    ],
)
def test_it_puts_right_what_is_safe(family: str, written: str, address: str) -> None:
    assert FAMILIES[family].registered(written) == address
    assert FAMILIES[family].address_fault(address) is None


@pytest.mark.parametrize(
    ("family", "written", "words"),
    [
        ("traccar", "8.68533E+14", "a spreadsheet has rounded"),
        ("traccar", "8,68533E+14", "a spreadsheet has rounded"),
        ("traccar", "3.5e14", "a spreadsheet has rounded"),
        ("kati_watch", "350000002108925.0", "did you mean 350000002108925?"),
        ("nbiot_generic", "350000002108925,00", "did you mean 350000002108925?"),
        ("chirpstack", "24e124136b50221", "has 15 digits instead of 16"),
        ("chirpstack", "4A30B001C0530", "has 13 digits instead of 16"),
        ("chirpstack", "2.4E+15", "a spreadsheet has rounded"),
        ("chirpstack", "24E124136B5O2217", "did you mean 24E124136B502217?"),
        ("chirpstack", "bath button", "write for example 24e124136b502217"),
        ("thethingsstack", "Bath Button", "write for example eui-24e124136b502217"),
        ("minew_g1", "AC233FC005D", "has 11 digits instead of 12"),
        ("ava4_gateway", "DC:DA:0C:5A:80", "has 10 digits instead of 12"),
        ("theengs_ble", "1234567890", "has 10 digits instead of 12"),
        ("theengs_ble", "AA:BB:CC:DD:EE", "has 10 digits instead of 12"),
        ("zigbee2mqtt", "zigbee2mqtt/bed_button", "the address in it is bed_button"),
        ("tasmota", "tele/kitchen/RESULT", "the address in it is kitchen"),
        ("healthdata2mqtt", "8.68533E+14", "a spreadsheet has rounded"),
        ("tasmota", "1.5E+7", "a spreadsheet has rounded"),
        ("zigbee2mqtt", "bed/+", "holds +"),
        ("shelly_gen1", "shellybutton1-#", "holds #"),
    ],
)
def test_it_names_what_cannot_be_an_address(family: str, written: str, words: str) -> None:
    fault = FAMILIES[family].address_fault(written)
    assert fault is not None
    assert words in fault.sentence.format(**fault.facts)


def test_it_doubts_an_imei_whose_last_digit_does_not_fit() -> None:
    traccar = FAMILIES["traccar"]
    assert traccar.address_fault("350000002108909") is None
    odd = traccar.address_doubt("350000002108909")
    assert odd is not None
    assert "its last digit does not fit" in odd.sentence
    assert traccar.address_doubt("350000002108906") is None
    short = traccar.address_doubt("35000000210890")
    assert short is not None
    assert "has {count} digits" in short.sentence
    assert traccar.address_doubt("3") is None, "Traccar's own number"


@pytest.mark.parametrize(
    "written",
    [
        "350,000,002,108,941",
        "IMEI:350000002108958",
        "imei 350000002108958",
        "35-000000-210896-6",
        "350 000 002 108 941",
    ],
)
@pytest.mark.parametrize("family", ["traccar", "kati_watch"])
def test_an_imei_as_on_the_box_is_its_digits(family: str, written: str) -> None:
    address = FAMILIES[family].registered(written)
    assert address == "".join(sign for sign in written if sign.isdecimal())
    assert FAMILIES[family].address_fault(written) is None


def test_what_only_looks_like_an_imei_stays_as_it_is() -> None:
    assert FAMILIES["traccar"].registered("35-000000-21089") == "35-000000-21089"
    assert FAMILIES["traccar"].registered("van 12") == "van 12"


@pytest.mark.parametrize(
    ("family", "written", "word"),
    [
        ("zigbee2mqtt", "Jan-12", "date"),
        ("zigbee2mqtt", "12-Jan", "date"),
        ("alarmd", "2026/1/12", "date"),
        ("alarmd", "1月12日", "date"),
        ("zigbee2mqtt", "TRUE", "spreadsheet"),
        ("alarmd", "liu\u2013pendant", "dash"),
        ("zigbee2mqtt", "bed_butt\u043en", "another alphabet"),
        ("rtl_433", "Generic-Remote/12345.0", "fraction"),
        ("chirpstack", "1112453531605600", "ends in 0"),
        ("minew_g1", "112233440000", "zeros"),
        ("zigbee2mqtt", "bed_button/action", "below a device"),
    ],
)
def test_what_a_spreadsheet_may_have_made_of_a_name_is_a_doubt_or_a_fault(family: str, written: str, word: str) -> None:
    one = FAMILIES[family]
    found = one.address_fault(written) or one.address_doubt(one.registered(written))
    assert found is not None
    assert word in found.sentence


@pytest.mark.parametrize(
    "written", ["bed_button", "kitchen/bed", "卧室按钮", "кнопка", "0x00158d0001a2b3c4", "12-3", "Marchbed"]
)
def test_an_ordinary_name_is_no_doubt(written: str) -> None:
    assert FAMILIES["zigbee2mqtt"].address_doubt(written) is None
