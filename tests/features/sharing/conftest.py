"""A group that tells who is known, and people who ask for customers of others."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.features.sharing.access_grants.jobs import crew as ending_grants
from crm_api.features.sharing.access_requests.jobs import crew as ending_requests
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from tests.conftest import WithKey
from tests.grouping import Group, grown

Later = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    await client.patch("/tenant", json={"tells_known_to_group": True})
    return await grown(client, with_key)


@pytest.fixture
def later(client: AsyncClient, house: House) -> Later:
    """`await later(days=30)`: so much later, when all that was due has been done."""

    async def later(days: float = 0, hours: float = 0) -> None:
        seconds = int(days * 86400 + hours * 3600)
        advanced = await client.post("/sandbox/clock/advance", json={"seconds": seconds})
        assert advanced.status_code == 200, advanced.text
        await do_once([ending_grants(house), ending_requests(house)], asyncio.Event())

    return later
