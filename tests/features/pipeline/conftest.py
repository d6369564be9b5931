"""Time passes, and what waits for it is done."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.features.pipeline.moves.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import WithKey
from tests.grouping import Group, grown

from .selling import Json, later, shop
from .selling import Shop as Shop

Passing = Callable[..., Coroutine[Any, Any, None]]
Told = Callable[[Json], Coroutine[Any, Any, list[Json]]]


@pytest.fixture
async def selling(client: AsyncClient) -> Shop:
    return await shop(client)


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


@pytest.fixture
def passing(client: AsyncClient, house: House) -> Passing:
    """`await passing(days=30)`: so much later, when all that was due has been done."""

    async def passing(days: float = 0) -> None:
        if days:
            await later(client, int(days * 86400))
        await do_once([crew(house)], asyncio.Event())

    return passing


@pytest.fixture
def told(client: AsyncClient, house: House) -> Told:
    """`await told(deal)`: what has happened to a deal or a pipeline, first things first."""

    async def told(of: Json) -> list[Json]:
        await Sequencer(house.pool).number_all()
        collection = {"dea": "deals", "pip": "pipelines"}[of["id"][:3]]
        answer = await client.get(f"/{collection}/{of['id']}/history", params={"limit": 200})
        assert answer.status_code == 200, answer.text
        records: list[Json] = answer.json()["data"]
        return records[::-1]

    return told
