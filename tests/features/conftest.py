"""What goes on after requests is done when a test says so."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from httpx import AsyncClient, Response

from crm_api.api import jobs
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.jobs.crew import crew

Done = Callable[[AsyncClient, Response], Coroutine[Any, Any, dict[str, Any]]]


@pytest.fixture
def done(house: House) -> Done:
    """`await done(client, answer)`: the job that was accepted, as it is when it has ended."""

    async def done(client: AsyncClient, accepted: Response) -> dict[str, Any]:
        assert accepted.status_code == 202, accepted.text
        await do_once([crew(house, jobs)], asyncio.Event())
        read = await client.get(accepted.headers["location"].removeprefix("/v1"))
        assert read.status_code == 200, read.text
        job: dict[str, Any] = read.json()
        assert job["state"] in ("succeeded", "failed"), job
        return job

    return done
