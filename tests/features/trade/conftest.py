from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer

from .fulfilling import Warehouse as Warehouse
from .fulfilling import warehouse
from .ordering import Counter as Counter
from .ordering import Json, counter

Told = Callable[[Json], Coroutine[Any, Any, list[Json]]]
COLLECTIONS = {"ord": "orders", "shp": "shipments", "ret": "returns", "rcp": "receipts"}


@pytest.fixture
async def ordering(client: AsyncClient) -> Counter:
    return await counter(client)


@pytest.fixture
async def stock(client: AsyncClient) -> Warehouse:
    return await warehouse(client)


@pytest.fixture
def told(client: AsyncClient, house: House) -> Told:
    """`await told(order)`: what has happened to a record, first things first."""

    async def told(of: Json) -> list[Json]:
        await Sequencer(house.pool).number_all()
        path = f"/{COLLECTIONS[of['id'][:3]]}/{of['id']}/history"
        answer = await client.get(path, params={"limit": 200})
        assert answer.status_code == 200, answer.text
        records: list[Json] = answer.json()["data"]
        return records[::-1]

    return told
