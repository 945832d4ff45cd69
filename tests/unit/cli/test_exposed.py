from __future__ import annotations

import secrets

import pytest

from alarmd.cli.exposed import is_weak


@pytest.mark.parametrize(
    "secret",
    [
        "aaaaaaaaaaaaaaaa", "abababababababab", "1234567890123456", "abcdefghijklmnop", "passwordpassword",
        "changeme12345678", "0000000000000001", "AbCdAbCdAbCdAbCd", "alarmd-token-0001", "qwertyqwertyqwerty",
        "look-alike-token", "read-read-read-read-read", "                ", "nightdesk-token-1", "zyxwvutsrqponmlk",
        "ßßßßßßßßßßßßßßßß", "", "correcthorsebatterystaple", "P@ssw0rdP@ssw0rd1", "zhongguo2026zhongguo",
        "1q2w3e4r5t6y7u8i9o0p", "00112233445566778899aabbccddeeff", "deadbeefdeadbeefdeadbeefdeadbeef",
        "wangxiuying19490112", "alarmd-operator-token",
    ],
)  # fmt: skip
def test_it_knows_what_somebody_would_guess(secret: str) -> None:
    assert is_weak(secret)


def test_what_was_drawn_is_never_called_weak() -> None:
    for _ in range(200):
        assert not is_weak(secrets.token_hex(32))
        assert not is_weak(secrets.token_urlsafe(24))
