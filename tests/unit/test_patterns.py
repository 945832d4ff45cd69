"""Every regular expression of the tree takes time in proportion to the text, whatever somebody writes.

Whoever may send a text, a topic or a file could else stop the daemon with it: a pattern is matched with the
interpreter's lock held, often inside the only write transaction. Where a pattern fails here, write it so that each
place of the text is tried from one beginning only: a look-behind before what repeats, a bound, or a plain split.
"""

from __future__ import annotations

import ast
import importlib
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]  # the interpreter's own reading of a pattern
from re import _parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("alarmd", "config", "devices", "escalation")
SMALL, LARGE = 750, 3_000  # characters: what four times as many cost is compared
MOST = 9.0  # times as long for four times as many: 4 is linear, 16 quadratic
NOISE_S = 0.003  # what takes less is not worth the measuring
TOO_LONG_S = 1.0  # of processor time, for a few thousand characters
FEW = 40  # characters on which what grows exponentially shows itself
ENOUGH = 40  # hostile texts for one pattern
WHOLE = {"match", "fullmatch"}
REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}


class Found(NamedTuple):
    """A pattern, where it stands, and whether it is only ever matched from the beginning of a text."""

    where: str
    pattern: re.Pattern[Any]
    anchored: bool


class TooSlowError(Exception):
    """The processor's time for one text is used up."""


# ---------------------------------------------------------------- which patterns there are


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[-1] != "__main__" and "migrations" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _patterns(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for one in value.values():
            yield from _patterns(one, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _patterns(one, depth - 1)
    elif depth and hasattr(value, "__struct_fields__") and not isinstance(value, type):
        for name in value.__struct_fields__:
            yield from _patterns(getattr(value, name), depth - 1)


def _uses(tree: ast.AST) -> dict[str, set[str]]:
    """How each name is used: ``_CODE.fullmatch(…)`` is ``{"_CODE": {"fullmatch"}}``."""
    uses: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            uses.setdefault(node.value.id, set()).add(node.attr)
    return uses


def _written_out(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Patterns that stand in the call itself: ``re.sub(r"…", …)``."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        first = node.args[0]
        literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and literal:
            assert isinstance(first, ast.Constant)
            yield node.lineno, node.func.attr, str(first.value)


def all_patterns() -> list[Found]:
    """Every pattern of the tree, once for each place."""
    found: dict[tuple[str, Any, int], Found] = {}
    for name, path in _modules():
        source = path.read_text(encoding="utf-8")
        if "re." not in source and "_any(" not in source:
            continue
        tree = ast.parse(source)
        uses = _uses(tree)
        for attribute, value in vars(importlib.import_module(name)).items():
            used = uses.get(attribute, set())
            for pattern in _patterns(value):
                anchored = bool(used) and used <= WHOLE
                found.setdefault(
                    (name, pattern.pattern, pattern.flags), Found(f"{name}:{attribute}", pattern, anchored)
                )
        for line, method, text in _written_out(tree):
            if method != "compile":
                pattern = re.compile(text)
                key = (name, pattern.pattern, pattern.flags)
                found.setdefault(key, Found(f"{name}:{line}", pattern, method in WHOLE))
    return list(found.values())


# ---------------------------------------------------------------- what is hostile to one


def _of_set(items: Iterable[Any], negated: str = "aA1 -_.:/é中") -> str:
    wanted = []
    for op, argument in items:
        if op is sre.NEGATE:
            taken = {chr(a) for o, a in items if o is sre.LITERAL}
            return next((c for c in negated if c not in taken), "~")
        wanted.append(_one(op, argument))
    return wanted[0] if wanted else "a"


_CATEGORIES = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_NOT_WORD: "-",
}


def _one(op: Any, argument: Any) -> str:
    """One text that a single element matches."""
    if op is sre.LITERAL:
        return chr(argument)
    if op is sre.RANGE:
        return chr(argument[0])
    if op is sre.CATEGORY:
        return _CATEGORIES[argument]
    if op is sre.IN:
        return _of_set(argument)
    return {sre.NOT_LITERAL: "b" if argument == ord("a") else "a", sre.ANY: "a"}.get(op, "")


def _samples(items: Any, most: int = 4) -> list[str]:
    """Some texts that a piece of a pattern matches, each alternative once where there are few."""
    texts = [""]
    for op, argument in items:
        if op is sre.BRANCH:
            pieces = [sample for branch in argument[1] for sample in _samples(branch, 1)]
        elif op is sre.SUBPATTERN:
            pieces = _samples(argument[3], most)
        elif op is sre.ATOMIC_GROUP:
            pieces = _samples(argument, most)
        elif op in REPEATS:
            pieces = [sample * max(1, argument[0]) for sample in _samples(argument[2], most)]
        else:
            pieces = [_one(op, argument)]
        if len(texts) == 1:
            texts = [texts[0] + piece for piece in pieces]
        else:
            texts = [text + pieces[i % len(pieces)] for i, text in enumerate(texts)]
    return texts[: max(most, 1) * 12] if most > 1 else texts[:1]


def _bodies(items: Any) -> Iterator[str]:
    """What stands in each repetition."""
    for op, argument in items:
        if op in REPEATS:
            yield from _samples(argument[2])
            yield from _bodies(argument[2])
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from _bodies(branch)
        elif op is sre.SUBPATTERN:
            yield from _bodies(argument[3])


def _pumps(items: Any) -> Iterator[str]:
    """What to write again and again: the body of each repetition, each alternative, each single sign."""
    for op, argument in items:
        if op in REPEATS:
            yield from _samples(argument[2])
            yield from _pumps(argument[2])
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from _samples(branch, 1)
                yield from _pumps(branch)
        elif op is sre.SUBPATTERN:
            yield from _pumps(argument[3])
        elif op is sre.ATOMIC_GROUP:
            yield from _pumps(argument)
        elif op is sre.IN:
            yield from (_one(*one) for one in argument if one[0] is not sre.NEGATE)
            yield _of_set(argument)
        else:
            yield _one(op, argument)


def hostile(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """A beginning and what to write behind it again and again, made of what the pattern itself looks for."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parsed = _parser.parse(text, pattern.flags & ~re.DEBUG)
    whole = _samples(parsed)
    pumps = [*dict.fromkeys(p for p in [" ", *_bodies(parsed), "a", "1", *whole, *_pumps(parsed)] if p)]
    step = max(1, len(pumps) // ENOUGH)
    few = pumps[:12] + pumps[12::step]
    # a beginning: what stands in front of each repetition at the top of the pattern
    fronts = [*dict.fromkeys(_samples(parsed[:i], 1)[0] for i, (op, _) in enumerate(parsed) if op in REPEATS)]
    texts = [("", pump) for pump in few] + [("", f"{pump} ") for pump in few]
    # many beginnings, none of them ended: each looks for its end through all the others
    texts += [("", front) for front in fronts if front]
    return texts + [(front, pump) for front in fronts[:6] if front for pump in few[:10]]


# ---------------------------------------------------------------- how long it takes


def _spent(work: Callable[[str], object], text: str) -> float:
    before = time.thread_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, TOO_LONG_S)
    try:
        work(text)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.thread_time() - before


def _work(found: Found) -> Callable[[str], object]:
    pattern = found.pattern
    binary = isinstance(pattern.pattern, bytes)

    def work(text: str) -> None:
        given: Any = text.encode("utf-8", "replace") if binary else text
        if found.anchored:
            pattern.fullmatch(given)
            pattern.match(given)
        else:
            pattern.sub(b"" if binary else "", given)

    return work


def grows(found: Found) -> str | None:
    """A hostile text on which a pattern takes more than its share; None where there is none."""
    work = _work(found)
    for front, pump in hostile(found.pattern):
        for end in ("", "\x00!"):

            def text(size: int, front: str = front, pump: str = pump, end: str = end) -> str:
                return front + pump * max(2, size // len(pump)) + end

            named = f"{front!r} + {pump!r} × n + {end!r}"
            try:
                _spent(work, text(FEW))
                large = _spent(work, text(LARGE))
                if large < NOISE_S:
                    continue
                small = min(_spent(work, text(SMALL)) for _ in range(3))
                large = min(large, *(_spent(work, text(LARGE)) for _ in range(2)))
            except TooSlowError:
                return f"never comes back from {named}"
            if large > NOISE_S and large > MOST * small:
                return f"{large / small:.0f} times as long for four times as many of {named} ({large * 1000:.0f} ms)"
    return None


PATTERNS = all_patterns()

OURS = {"alarmd.store.queries:_BLOCK": "reads the SQL that alarmd brings along"}
"""What no foreign text is ever given to, and why."""


def _ring(_: int, __: FrameType | None) -> None:
    raise TooSlowError


@pytest.fixture
def bounded() -> Iterator[None]:
    """The processor's time for one text is bounded: the interpreter looks for signals while it matches."""
    before = signal.signal(signal.SIGVTALRM, _ring)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("package", PACKAGES)
def test_every_pattern_takes_time_in_proportion_to_the_text(package: str) -> None:
    patterns = [found for found in PATTERNS if found.where.startswith(f"{package}.") and found.where not in OURS]
    slow = {found.where: why for found in patterns if (why := grows(found)) is not None}
    assert not slow
    assert patterns


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "pattern",
    [
        r"\bnot(?: (?:to|call)| to call)* help",
        r"-{2,} ?original",
        r"\s*;\s*",
        r"(?:a+)+$",
        r"\w+?_at_\w+?_com",
        r"[(].*?[)]",
        r"<row\b[^>]*?\bhidden=",
    ],
)
def test_a_pattern_that_takes_more_is_found(pattern: str) -> None:
    assert grows(Found("here", re.compile(pattern), anchored=False)) is not None


def test_patterns_in_tables_and_in_calls_are_found_too() -> None:
    where = {found.where.partition(":")[0] for found in PATTERNS}
    assert {
        "escalation.menu",
        "escalation.spelling",
        "devices.shared.wording",
        "alarmd.privacy",
        "config.numbers",
    } <= where
    assert len(PATTERNS) > 250
