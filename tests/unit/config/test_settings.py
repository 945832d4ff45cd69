"""What an operator writes, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.faults import nearest
from config.sections import Address, Broker
from config.settings import Settings, SettingsError, load

WHOLE = """\
[mqtt]
url = "mqtts://alarmd:s3cret@broker.example"
listen = "[::1]:1883"
users_file = "users"

[store]
url = "sqlite:///data/alarmd.db"

[web]
listen = "0.0.0.0:8080"
public_url = "https://alarm.example.org/"

[[web.tokens]]
name = "desk"
role = "operator"
token_file = "desk.token"

[[phone]]
account_sid = "AC1"
auth_token_file = "twilio.token"
numbers = ["138 0013 8001"]

[[phone]]
kind = "twilio"
account_sid = "AC2"
auth_token = "t0ken-two"
auth_token_second = "t0ken-old"
numbers = ["+1 500 555 0006", "021-6254 0001"]
calls_per_second = 2

[ambulance]
mode = "line"
phone = "021 6254 0120"
confirm_within = "2m"

[service]
timezone = "Asia/Shanghai"
desk_phones = ["13800138009"]
reach_within = "12m30s"

[log]
format = "console"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "twilio.token").write_text("t0ken-one\n", encoding="utf-8")
    (tmp_path / "desk.token").write_text("desk-t0ken-desk-t0ken\n", encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str) -> Path:
    file = folder / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """The sentences, without the folder's path."""
    file = written(folder, text)
    with pytest.raises(SettingsError) as caught:
        load(file, environ or {})
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_it_reads_every_section(folder: Path) -> None:
    settings = load(written(folder, WHOLE), {})
    assert settings.mqtt.broker == Broker("broker.example", 8883, tls=True, username="alarmd")
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "s3cret"
    assert settings.mqtt.door == Address("::1", 1883)
    assert settings.store.url == f"sqlite:///{folder}/data/alarmd.db"
    assert settings.web.base_url == "https://alarm.example.org"
    assert settings.web.tokens[0].token.get_secret_value() == "desk-t0ken-desk-t0ken"
    first, second = settings.phone
    assert (first.auth_token.get_secret_value(), first.numbers) == ("t0ken-one", ("+8613800138001",))
    assert second.numbers == ("+15005550006", "+862162540001")
    assert settings.ambulance.phone == "+862162540120"
    assert (settings.ambulance.confirm_within, settings.service.reach_within) == (120, 750)
    assert settings.service.desk_phones == ("+8613800138009",)
    assert settings.path == folder / "alarmd.toml"


def test_it_needs_no_more_than_a_place_to_listen(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[mqtt]\nlisten = "127.0.0.1:1883"\n'), {})
    assert settings.store.url == f"sqlite:///{tmp_path}/alarmd.db"
    assert settings.web.base_url == "http://127.0.0.1:8080"
    assert (settings.service.country, settings.service.language, settings.service.plan) == ("CN", "zh-CN", "standard")
    assert settings.phone == ()


def test_it_shows_no_secret(folder: Path) -> None:
    settings = load(written(folder, WHOLE), {})
    for secret in ("s3cret", "t0ken-one", "t0ken-two", "t0ken-old", "desk-t0ken-desk-t0ken"):
        assert secret not in repr(settings)
        assert secret not in str(settings)


BROKER = '[mqtt]\nurl="mqtt://h"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[mqtt]\nlisten = "127.0.0.1:1"\nfamlies = []',
            'alarmd.toml:3: mqtt.famlies: unknown key; did you mean "families"?',
        ),
        ('[mqtt]\nlisten = "127.0.0.1:1"\n[servce]', 'alarmd.toml:3: servce: unknown section; did you mean "service"?'),
        ("[mqtt]\nlisten = 1883", "alarmd.toml:2: mqtt.listen: input should be a valid string"),
        (
            '[mqtt]\nlisten = "1883"',
            "alarmd.toml:2: mqtt.listen: '1883' is not host:port; write for example 127.0.0.1:1883",
        ),
        ("[mqtt]\n", "alarmd.toml:1: mqtt: has neither url nor listen"),
        ("[log]\n", "alarmd.toml: mqtt: has neither url nor listen"),
        ('[mqtt]\nlisten="a:1"\ntls_cert="c"', "alarmd.toml:1: mqtt: tls_cert and tls_key belong together"),
        ('[mqtt]\nurl="http://u:pass@h"', "alarmd.toml:2: mqtt.url: 'http://…@h' is not a broker's address"),
        (BROKER + 'topics={"home/#/x"="tasmota"}', "'home/#/x' is not a topic filter; write for example home/zigbee/#"),
        (BROKER + 'topics={"home/#"="tasmotta"}', "'tasmotta' is not a device family; did you mean 'tasmota'?"),
        (BROKER + 'families=["zigbe2mqtt"]', "'zigbe2mqtt' is not a device family; did you mean 'zigbee2mqtt'?"),
        (BROKER + 'users_file="u"', "are for alarmd's own door; set listen too"),
        ('[mqtt]\nurl="mqtt://u:p@h"\npassword="q"', "a password in url and another in password"),
        (BROKER + '[store]\nurl="postgresql://h/d"', "alarmd.toml:4: store.url: PostgreSQL comes in a later version"),
        (BROKER + '[ambulance]\nmode="push"', 'alarmd.toml:3: ambulance: mode = "push" (structured formats)'),
        (BROKER + '[ambulance]\nmode="line"', "needs phone, the number of the contracted ambulance line"),
        (
            BROKER + '[ambulance]\nmode="lines"',
            "alarmd.toml:4: ambulance.mode: input should be 'desk', 'line' or 'push'",
        ),
        (BROKER + '[service]\ntimezone="Asia/Shanghi"', "did you mean 'Asia/Shanghai'?"),
        (BROKER + '[service]\nreach_within="soon"', "'soon' is not a duration; write for example 60s, 15m or 1h30m"),
        (BROKER + "[service]\nreach_within=true", "True is not a duration"),
        (
            BROKER + '[service]\ncountry="China"',
            "alarmd.toml:4: service.country: 'China' is not a country's two-letter code",
        ),
        (
            BROKER + '[service]\ndesk_phones=["13800138009","12"]',
            "alarmd.toml:4: service.desk_phones[2]: '12' has too many or too few digits",
        ),
        (
            BROKER + '[[phone]]\naccount_sid="a"\nauth_token="x"\nnumbers=["+15005550006"]\n'
            '[[phone]]\nauth_token="x"\nnumbers=["+15005550006"]',
            "alarmd.toml:7: phone[2].account_sid: is missing",
        ),
        (
            BROKER + '[[web.tokens]]\nname="a"\ntoken="1234567890123456"\nrole="boss"',
            "alarmd.toml:6: web.tokens[1].role: input should be 'operator', 'admin' or 'read'",
        ),
        (
            BROKER + '[service]\nplan = "standrad"',
            "alarmd.toml:4: service.plan: there is no plan 'standrad'; did you mean \"standard\"?",
        ),
        ('[mqtt\nurl="mqtt://h"', "alarmd.toml:1: the closing ] is missing"),
    ],
)
def test_it_names_the_file_the_line_the_key_and_what_is_meant(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in sentence for sentence in refused(tmp_path, text)), refused(tmp_path, text)


def test_it_says_every_fault_at_once(tmp_path: Path) -> None:
    text = '[mqtt]\nlisten = "x"\nfoo = 1\n[log]\nformat = "xml"\nlevle = "info"\n'
    assert [sentence.split(": ")[1] for sentence in refused(tmp_path, text)] == [
        "mqtt.listen",
        "mqtt.foo",
        "log.format",
        "log.levle",
    ]


@pytest.mark.parametrize(
    "number", ["110", "112", "119", "120", "122", "911", "999", "000", "+86120", "0086 120", "021-120"]
)
def test_it_refuses_a_public_emergency_number_unless_an_agreement_is_named(tmp_path: Path, number: str) -> None:
    base = '[mqtt]\nurl = "mqtt://h"\n[ambulance]\nmode = "line"\nphone = "{0}"\n{1}[service]\ndesk_phones = ["{0}"]\n'
    said = refused(tmp_path, base.format(number, ""))
    assert [sentence.split(": ")[1] for sentence in said] == ["ambulance.phone", "service.desk_phones[1]"]
    assert all("public emergency number" in sentence and "ambulance.agreement" in sentence for sentence in said)
    agreed = load(written(tmp_path, base.format(number, 'agreement = "沪急救协字2026-17号"\n')), {})
    assert agreed.ambulance.phone == "".join(c for c in number if c in "+0123456789")


def test_it_never_takes_an_emergency_number_as_its_own(tmp_path: Path) -> None:
    text = '[mqtt]\nurl="mqtt://h"\n[ambulance]\nagreement="x"\n[[phone]]\naccount_sid="a"\nauth_token="x"\nnumbers=["120"]'
    assert "phone[1].numbers[1]: '120' is a public emergency number" in refused(tmp_path, text)[0]


def test_it_puts_the_environment_above_the_file(folder: Path) -> None:
    environ = {
        "ALARMD_MQTT__URL": "mqtt://elsewhere",
        "ALARMD_SERVICE__DESK_PHONES": "13800138003, +8613800138004",
        "ALARMD_SERVICE__REACH_WITHIN": "10m",
        "ALARMD_PHONE__AUTH_TOKEN_SECOND": "rotated",
        "ALARMD_TOKEN": "somebody else's",
        "HOME": "/root",
    }
    settings = load(written(folder, WHOLE), environ)
    assert settings.mqtt.broker == Broker("elsewhere", 1883, tls=False, username=None)
    assert settings.service.desk_phones == ("+8613800138003", "+8613800138004")
    assert settings.service.reach_within == 600
    assert settings.phone[0].auth_token_second is not None
    assert settings.phone[0].auth_token_second.get_secret_value() == "rotated"
    assert len(settings.phone) == 2


def test_it_names_the_variable_at_fault(folder: Path) -> None:
    assert refused(folder, WHOLE, {"ALARMD_LOG__FORMAT": "xml"}) == [
        "ALARMD_LOG__FORMAT (environment): input should be 'json' or 'console'"
    ]
    assert refused(folder, WHOLE, {"ALARMD_MQTT__LISTEM": "x"}) == [
        'ALARMD_MQTT__LISTEM (environment): unknown key; did you mean "listen"?'
    ]
    assert "unknown section 'sevice'" in refused(folder, WHOLE, {"ALARMD_SEVICE__PLAN": "x"})[0]


def test_the_environment_may_give_a_duration_in_seconds(folder: Path) -> None:
    settings = load(written(folder, WHOLE), {"ALARMD_SERVICE__REACH_WITHIN": "600"})
    assert settings.service.reach_within == 600


def test_it_can_live_on_the_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(None, {"ALARMD_MQTT__LISTEN": "127.0.0.1:1883", "ALARMD_PHONE__ACCOUNT_SID": "AC1",
                           "ALARMD_PHONE__AUTH_TOKEN": "x", "ALARMD_PHONE__NUMBERS": '["+15005550006"]'})  # fmt: skip
    assert settings.phone[0].numbers == ("+15005550006",)
    assert settings.path is None


def test_it_looks_for_the_file_in_the_order_of_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"name a file with -c, set \$ALARMD_CONFIG, or write ./alarmd.toml"):
        load(None, {})
    for name, port in (("alarmd.toml", 1), ("named.toml", 2), ("given.toml", 3)):
        (tmp_path / name).write_text(f'[mqtt]\nlisten = "127.0.0.1:{port}"\n', encoding="utf-8")
    environ = {"ALARMD_CONFIG": "named.toml"}
    assert load(None, {}).mqtt.door == Address("127.0.0.1", 1)
    assert load(None, environ).mqtt.door == Address("127.0.0.1", 2)
    assert load(Path("given.toml"), environ).mqtt.door == Address("127.0.0.1", 3)
    with pytest.raises(SettingsError, match=r"gone\.toml: there is no such file"):
        load(Path("gone.toml"), environ)


def test_it_says_which_secret_cannot_be_read(tmp_path: Path) -> None:
    phone = '[mqtt]\nurl="mqtt://h"\n[[phone]]\naccount_sid="a"\nnumbers=["+15005550006"]\n'
    missing = refused(tmp_path, phone + 'auth_token_file = "gone"')
    assert missing == ["alarmd.toml:6: phone[1].auth_token_file: gone: No such file or directory"]
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    assert "is empty" in refused(tmp_path, phone + 'auth_token_file = "empty"')[0]
    assert "keep one" in refused(tmp_path, phone + 'auth_token = "x"\nauth_token_file = "empty"')[0]


def test_it_takes_settings_made_by_hand_and_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALARMD_SERVICE__LANGUAGE", "en")
    settings = Settings.model_validate({"mqtt": {"listen": "127.0.0.1:0"}, "service": {"desk_phones": ["13800138009"]}})
    assert settings.service.language == "zh-CN"
    assert settings.service.desk_phones == ("+8613800138009",)


@given(text=st.text(max_size=200))
def test_it_never_fails_but_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = written(tmp_path_factory.mktemp("settings"), text.encode("utf-8", "ignore").decode())
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    assert str(file) in str(caught.value)


def test_it_says_faults_of_every_kind_in_one_round(folder: Path) -> None:
    text = (
        '[mqtt]\nlisten = "x"\nfoo = 1\n'
        '[[phone]]\naccount_sid = "a"\nauth_token_file = "gone"\nnumbers = ["12"]\n'
        '[service]\ndesk_phones = ["13800138009", "1380013800"]\nplan = "standrad"\ntimezone = "Asia/Lhasa"\n'
        '[ambulence]\nmode = "desk"\n'
    )
    said = refused(folder, text, {"ALARMD_SEVICE__PLAN": "x"})
    assert [sentence.split(": ")[0] for sentence in said] == [
        "ALARMD_SEVICE__PLAN (environment)",
        "alarmd.toml:2",
        "alarmd.toml:3",
        "alarmd.toml:6",
        "alarmd.toml:7",
        "alarmd.toml:9",
        "alarmd.toml:10",
        "alarmd.toml:11",
        "alarmd.toml:12",
    ]
    assert "gone: No such file" in said[3]
    assert "has 10 digits" in said[5]
    assert "did you mean 'Asia/Shanghai'?" in said[7]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plan = “standard”", "has the quotation marks of a word processor (“)"),
        ('plan = "standard";', "ends with ';'; leave it out"),
        ("plan = standard", 'a text stands in quotes: "standard"'),
        ('plan = "standard', "a quotation mark is missing"),
        ('plan : "standard"', 'write it with =: plan = "standard"'),
        ("plan ＝ 'x'", "has the full-width sign ＝; write ="),
        ("plan = Yes", "write true"),
        ('plan = "C:\\users"', "has a backslash in it; write the text in single quotes"),
        ("pl\u200ban = 'x'", "holds a sign that cannot be seen"),
        ("language = 'zh'", "stands twice"),
        ("[servic", "the closing ] is missing"),
    ],
)
def test_it_says_by_line_what_to_write_in_the_place_of_what_is_not_toml(tmp_path: Path, line: str, said: str) -> None:
    text = f'[mqtt]\nlisten = "127.0.0.1:1883"\n[service]\nlanguage = "en"\n{line}\ncountry = "CN"\n'
    (sentence,) = refused(tmp_path, text)
    assert sentence.startswith("alarmd.toml:5: ")
    assert said in sentence


def test_it_says_every_line_that_is_not_toml_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, '[mqtt]\nlisten = "a:1";\n[service]\nlanguage = “en”\nplan = standard\n')
    assert [sentence.split(": ")[0] for sentence in said] == ["alarmd.toml:2", "alarmd.toml:4", "alarmd.toml:5"]


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Lhasa", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Beijing", "did you mean 'Asia/Shanghai'?"),
        ("UTC+8", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Urumchi", "did you mean 'Asia/Urumqi'?"),
        ("CST", "China's time or America's"),
        ("UTC+5", "write a city's"),
        ("Asia/Foo", "write a city's"),
    ],
)
def test_it_guesses_a_time_zone_by_its_clock_and_not_by_its_letters(tmp_path: Path, zone: str, said: str) -> None:
    assert said in refused(tmp_path, f'[mqtt]\nlisten = "a:1"\n[service]\ntimezone = "{zone}"\n')[0]


def test_it_guesses_only_what_is_near() -> None:
    assert nearest("famlies", ["families", "topics"]) == 'did you mean "families"?'
    for key, choices in (
        ("longitude", ["language", "lon"]),
        ("kind", ["intruder", "standard"]),
        ("mobile", ["mobility"]),
    ):
        assert nearest(key, choices).startswith("allowed here: ")


def test_what_needs_no_secret_goes_without_one_that_cannot_be_read(folder: Path) -> None:
    text = (
        '[mqtt]\nurl_file = "gone"\nlisten = "127.0.0.1:1"\n[watch]\nping_url_file = "gone"\n'
        '[[phone]]\naccount_sid = "a"\nauth_token_file = "gone"\nnumbers = ["+15005550006"]\n'
        '[[web.tokens]]\nname = "desk"\ntoken_file = "gone"\n[service]\ncountry = "GB"\n'
    )
    settings = load(written(folder, text), {}, secrets=False)
    assert settings.service.country == "GB"
    assert (settings.phone, settings.web.tokens) == ((), ())
    assert len(refused(folder, text)) == 4


def test_a_country_that_is_none_hides_no_other_fault(tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    file.write_text(
        '[mqtt]\nlisten = "127.0.0.1:1883"\npasword = "x"\n[web]\nlisten = "127.0.0.1:99999"\n'
        '[service]\ncountry = "中国"\ntimezone = "Asia/Lhasa"\ndesk_phones = ["120"]\n[ambulance]\nmode = "dsk"\n',
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    told = str(caught.value)
    for key in ("mqtt.pasword", "web.listen", "service.country", "service.timezone", "desk_phones", "ambulance.mode"):
        assert key in told, key
