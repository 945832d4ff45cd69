"""Changes bytes a little, the same way for the same seed: what CI runs, and what there is where atheris is not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

LONGEST: Final = 8_192
WORDS: Final = (
    b"\x00",
    b"\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\x80\x80\x80\x01",
    b"\r\n",
    b"\n",
    b'"',
    b",",
    b";",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"NaN",
    b"1e999",
    b"-0",
    b"true",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x8b",
    b"_at_",
    b"@",
    b"../",
    b"%00",
    b"+",
    b"#",
    b"$",
    b"/",
    b"sos",
    b"emergency",
    b"BEGIN:VEVENT",
    b"END:VEVENT",
    b"RRULE:FREQ=SECONDLY",
    b"DTSTART:",
    b"TZID=",
    b"PK\x03\x04",
    b"&",
    b"=",
    b"1 1234",
    b"9" * 40,
    b"a" * 400,
)
"""What readers look for, or stumble over."""


def mutations(corpus: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Without end: each a piece of the corpus, changed in one to four places."""
    chance = random.Random(seed)  # noqa: S311 - the same inputs in every run
    while True:
        data = bytearray(chance.choice(corpus)) if corpus else bytearray()
        for _ in range(chance.randint(1, 4)):
            _change(data, chance, corpus)
        yield bytes(data[:LONGEST])


def _change(data: bytearray, chance: random.Random, corpus: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    end = min(len(data), at + chance.randint(1, 16))
    match chance.randrange(7):
        case 0 if data:
            data[at - 1] ^= 1 << chance.randrange(8)
        case 1:
            data[at:at] = chance.choice(WORDS)
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end] * chance.choice((1, 2, 50))
        case 4:
            other = chance.choice(corpus) if corpus else b""
            data[at:] = other[chance.randint(0, len(other)) :]
        case 5:
            data[at:end] = chance.randbytes(end - at)
        case _:
            data[at:end] = chance.choice(WORDS)
