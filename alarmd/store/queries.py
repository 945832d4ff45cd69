"""SQL is data: named blocks in ``alarmd/store/sql/*.sql``, each beginning with ``-- name: what_it_does``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

_BLOCK = re.compile(r"^-- name: (?P<name>\w+)[^\n]*\n(?P<sql>.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


def _load() -> Mapping[str, str]:
    queries: dict[str, str] = {}
    for file in sorted(resources.files("alarmd.store").joinpath("sql").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".sql"):
            continue
        for block in _BLOCK.finditer(file.read_text(encoding="utf-8")):
            if block["name"] in queries:
                raise ValueError(f"{file.name}: {block['name']} is named twice")
            queries[block["name"]] = block["sql"].strip()
    return MappingProxyType(queries)


QUERIES: Mapping[str, str] = _load()
