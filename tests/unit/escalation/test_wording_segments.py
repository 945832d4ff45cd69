"""How long a text is for the network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.texts import segments
from escalation.texts.segments import Encoding, Length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", Length(encoding=Encoding.GSM7, units=0, count=1)),
        ("a" * 160, Length(encoding=Encoding.GSM7, units=160, count=1)),
        ("a" * 161, Length(encoding=Encoding.GSM7, units=161, count=2)),
        ("a" * 306, Length(encoding=Encoding.GSM7, units=306, count=2)),
        ("a" * 307, Length(encoding=Encoding.GSM7, units=307, count=3)),
        ("€" * 80, Length(encoding=Encoding.GSM7, units=160, count=1)),
        ("好" * 70, Length(encoding=Encoding.UCS2, units=70, count=1)),
        ("好" * 71, Length(encoding=Encoding.UCS2, units=71, count=2)),
        ("好" * 134, Length(encoding=Encoding.UCS2, units=134, count=2)),
        ("好" * 135, Length(encoding=Encoding.UCS2, units=135, count=3)),
        ("é" * 160, Length(encoding=Encoding.GSM7, units=160, count=1)),
        ("ç", Length(encoding=Encoding.UCS2, units=1, count=1)),
        ("𠮷" * 35, Length(encoding=Encoding.UCS2, units=70, count=1)),
    ],
)
def test_it_counts_as_the_network_does(text: str, length: Length) -> None:
    assert segments.segments(text) == length


def test_it_tears_no_pair_apart() -> None:
    for text in ("a" + "[" * 159, "a" + "𠮷" * 60):
        parts = segments.split(text)
        assert "".join(parts) == text
        assert all(segments.units(part, segments.encoding(text)) <= 153 for part in parts)
    assert segments.units(segments.split("a" + "[" * 159)[0], Encoding.GSM7) == 153
    assert segments.units(segments.split("好" * 66 + "𠮷" * 10)[0], Encoding.UCS2) == 66


@given(st.text(max_size=400))
def test_its_segments_are_the_whole_text(text: str) -> None:
    parts = segments.split(text)
    assert "".join(parts) == text
    assert segments.segments(text).count == len(parts)
