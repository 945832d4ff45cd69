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
    for path in (*(HERE / "families").glob("*.jsonl"), *(HERE / "unseen").glob("*.jsonl")):
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
        ("traccar", "350,000,002,108,941", "350000002108941"),
        ("traccar", "350 000 002 108 941", "350000002108941"),
        ("traccar", "350.000.002.108.941", "350000002108941"),
        ("traccar", "350'000'002'108'941", "350000002108941"),
        ("traccar", "IMEI:350000002108958", "350000002108958"),
        ("traccar", "imei no. 35 000000 210895 8", "350000002108958"),
        ("traccar", "IMEI：350000002108958", "350000002108958"),
        ("traccar", "IMEI号：350000002108958", "350000002108958"),
        ("traccar", "35-000000-210896-6", "350000002108966"),
        ("traccar", "35\u2013000000\u2013210896\u20136", "350000002108966"),
        ("kati_watch", "35/000000/210896/6", "350000002108966"),
        ("chirpstack", "DevEUI: 24E1 2413 6B50 2217", "24e124136b502217"),
        ("chirpstack", "EUI-24E124136B502217", "24e124136b502217"),
        ("chirpstack", "24,e1,24,13,6b,50,22,17", "24e124136b502217"),
        ("minew_g1", "MAC: AC-23-3F-C0-05-D8", "AC233FC005D8"),
        ("minew_g1", "ac23.3fc0.05d8", "AC233FC005D8"),
        ("zigbee2mqtt", "350,000,002,108,941", "350,000,002,108,941"),
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
        ("zigbee2mqtt", "bed_button/action", "leave /action away and write bed_button"),
        ("zigbee2mqtt", "bed_button/set", "leave /set away and write bed_button"),
        ("zigbee2mqtt", "bed_button/get", "leave /get away and write bed_button"),
        ("zigbee2mqtt", "hall/bed_button/availability", "leave /availability away and write hall/bed_button"),
        ("tasmota", "kitchen/RESULT", "leave /RESULT away and write kitchen"),
        ("tasmota", "kitchen/LWT", "leave /LWT away and write kitchen"),
        *(
            (family, date, "is a date that a spreadsheet has made of it")
            for family in ("zigbee2mqtt", "chirpstack", "traccar", "thethingsstack", "rtl_433", "theengs_ble")
            for date in ("Jan-12", "12-Jan", "2026/1/12", "2026-01-12", "12.01.2026", "1/12/26", "1月12日", "Jan-2026")
        ),
        *(
            (family, word, "is a word of a spreadsheet's own")
            for family in ("zigbee2mqtt", "chirpstack", "traccar", "rtl_433")
            for word in ("TRUE", "false", "#N/A", "#REF!", "#NAME?", "########")
        ),
        ("zigbee2mqtt", "bed_butt\u043en", "did you mean bed_button?"),
        ("zigbee2mqtt", "\u0412ed_button", "did you mean Bed_button?"),
        ("tasmota", "kitch\u03bfn", "which is a Greek letter that looks Latin"),
        ("rtl_433", "Generic-Remote/12345.0", "did you mean Generic-Remote/12345?"),
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
    "name", ["кнопка", "Κουμπί", "кровать 2", "浴室按钮", "Küche", "bed кнопка", "may-room", "4 bath"]
)
def test_names_in_ones_own_letters_stay(name: str) -> None:
    assert FAMILIES["zigbee2mqtt"].registered(name) == name
    assert FAMILIES["zigbee2mqtt"].address_fault(name) is None


@pytest.mark.parametrize(
    ("family", "address", "words"),
    [
        ("zigbee2mqtt", "liu\u2013pendant", "is it liu-pendant with a plain hyphen"),
        ("tasmota", "bath\u2014button", "is it bath-button with a plain hyphen"),
        ("chirpstack", "1112453531605600", "ends in zeros"),
        ("chirpstack", "1112453531605650", "ends in zeros"),
        ("thethingsstack", "eui-1112453531605600", "ends in zeros"),
        ("minew_g1", "112233440000", "ends in zeros"),
        ("ava4_gateway", "11:22:33:44:00:00", "ends in zeros"),
        ("traccar", "350000002100000", "ends in zeros"),
    ],
)
def test_it_doubts_what_may_be_right(family: str, address: str, words: str) -> None:
    assert FAMILIES[family].address_fault(address) is None
    doubt = FAMILIES[family].address_doubt(address)
    assert doubt is not None
    assert words in doubt.sentence.format(**doubt.facts)


@pytest.mark.parametrize(
    ("family", "address"), [("chirpstack", "24e1245382230000"), ("minew_g1", "AC233FC00000"), ("zigbee2mqtt", "bed-1")]
)
def test_it_does_not_doubt_what_no_spreadsheet_made(family: str, address: str) -> None:
    assert FAMILIES[family].address_doubt(address) is None
