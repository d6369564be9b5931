"""Every committed event gets a number: each tenant 1, 2, 3, without a gap, whoever writes."""

import asyncio
from typing import Any

from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient
from tests.features.test_customers import create

NUMBERS = """
SELECT tenant_id, array_agg(sequence ORDER BY sequence) AS numbers, count(*) AS events
FROM events GROUP BY tenant_id"""
IN_ORDER = """
SELECT count(*) FROM (
  SELECT version, lag(version) OVER (PARTITION BY object_id ORDER BY sequence) AS before FROM events
) e WHERE before >= version"""


async def write(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client))['id']}"
    for name in ("Ada", "Eve"):
        await client.patch(path, json={"name": name})


async def test_numbers_have_no_gap_while_many_write_and_two_number(
    house: House, caller: NewClient, admin: "Admin[Any]"
) -> None:
    clients = [await caller(), await caller()]
    sequencers = [Sequencer(house.pool), Sequencer(house.pool)]
    writing = asyncio.gather(*(write(clients[n % 2]) for n in range(40)))
    while not writing.done():
        await asyncio.gather(*(sequencer.number_all() for sequencer in sequencers))
    await writing
    while await sequencers[0].number_all():
        pass
    rows = await admin.fetch(NUMBERS)
    assert len(rows) == 2
    for row in rows:
        assert row["numbers"] == list(range(1, row["events"] + 1))
    assert await admin.fetchval(IN_ORDER) == 0
