from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alarmd.web.tokens import operator_token
from tests.support.station import READ_TOKEN, Station

READER = f'[[web.tokens]]\nname = "wall"\nrole = "read"\ntoken = "{READ_TOKEN}"'


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    async with Station(tmp_path, more=READER) as running:
        yield running


@pytest.fixture
async def operator(station: Station) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {operator_token(station.settings)}", "Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=station.url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
async def stranger(station: Station) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=station.url, trust_env=False) as client:
        yield client
