"""What people do with tasks, and what happens by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import AsyncClient, Response

from crm_api.features.follow_ups.tasks.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.journal.sequencer import Sequencer
from tests.platform.test_business_units import unit

Json = dict[str, Any]
CALL: Json = {"subject": "Call back about the offer"}


def ahead(**by: float) -> str:
    return (datetime.now(UTC) + timedelta(**by)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def shop(client: AsyncClient, **said: Any) -> str:
    """The id of a new unit, for which tasks are."""
    return str((await unit(client, "Shop", **said))["id"])


async def new_task(client: AsyncClient, **said: Any) -> Json:
    if "business_unit_id" not in said:
        said["business_unit_id"] = await shop(client)
    answer = await client.post("/tasks", json=CALL | said)
    assert answer.status_code == 201, answer.text
    task: Json = answer.json()
    return task


async def read(client: AsyncClient, task: Json | str) -> Json:
    id = task if isinstance(task, str) else task["id"]
    answer = await client.get(f"/tasks/{id}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def changed(client: AsyncClient, task: Json, **said: Any) -> Json:
    return told(await client.patch(f"/tasks/{task['id']}", json=said))


async def done(client: AsyncClient, task: Json | str) -> Json:
    return told(await does(client, task, "complete"))


async def does(client: AsyncClient, task: Json | str, verb: str, **said: Any) -> Response:
    id = task if isinstance(task, str) else task["id"]
    return await client.post(f"/tasks/{id}/{verb}", json=said or None)


def told(answer: Response) -> Json:
    assert answer.status_code == 200, answer.text
    task: Json = answer.json()
    return task


async def listed(client: AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/tasks", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["data"]]


async def time_passes(house: House) -> None:
    """What is due by now happens."""
    await do_once([crew(house)], asyncio.Event())


async def advance(client: AsyncClient, house: House, **by: float) -> None:
    seconds = int(timedelta(**by).total_seconds())
    answer = await client.post("/sandbox/clock/advance", json={"seconds": seconds})
    assert answer.status_code == 200, answer.text
    await time_passes(house)


async def happened(client: AsyncClient, house: House, task: Json) -> list[str]:
    """What became of a task, oldest first."""
    await Sequencer(house.pool).number_all()
    answer = await client.get(f"/tasks/{task['id']}/history")
    assert answer.status_code == 200, answer.text
    return [one["type"].removeprefix("task.") for one in reversed(answer.json()["data"])]
