from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer

from .asking import Desk as Desk
from .asking import Json, desk

Told = Callable[[Json], Coroutine[Any, Any, list[Json]]]


@pytest.fixture
async def asking(client: AsyncClient) -> Desk:
    return await desk(client)


@pytest.fixture
def told(client: AsyncClient, house: House) -> Told:
    """`await told(ticket)`: what has happened to a ticket, first things first."""

    async def told(of: Json) -> list[Json]:
        await Sequencer(house.pool).number_all()
        path = f"/tickets/{of['id']}/history"
        answer = await client.get(path, params={"limit": 200})
        assert answer.status_code == 200, answer.text
        records: list[Json] = answer.json()["data"]
        return records[::-1]

    return told
