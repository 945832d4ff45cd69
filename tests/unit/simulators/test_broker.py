"""Reading a broker's address."""

from __future__ import annotations

import pytest

from simulators.broker import Broker


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://127.0.0.1", Broker(host="127.0.0.1", port=1883)),
        ("mqtt://127.0.0.1:1884", Broker(host="127.0.0.1", port=1884)),
        ("mqtts://example.org", Broker(host="example.org", port=8883, tls=True)),
        ("mqtt://button:p%40ss@host:1883", Broker(host="host", port=1883, user="button", password="p@ss")),
    ],
)
def test_it_reads_an_address(url: str, expected: Broker) -> None:
    assert Broker.at(url) == expected


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://host", "mqtt://", ""])
def test_it_says_how_an_address_is_written(url: str) -> None:
    with pytest.raises(ValueError, match=r"mqtt://127\.0\.0\.1:1883"):
        Broker.at(url)


def test_it_keeps_the_password_out_of_what_is_printed() -> None:
    assert "secret" not in repr(Broker.at("mqtt://u:secret@host"))
