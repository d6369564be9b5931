"""Large results over a real socket: whoever does not take them holds nothing."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.kit import streams
from crm_api.kit.context import Context, House
from crm_api.kit.crew import do_once
from crm_api.platform.jobs.crew import crew
from crm_api.platform.jobs.models import JobFile
from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.repository import JobRepository
from crm_api.platform.jobs.run import LARGEST, Run
from crm_api.platform.jobs.service import JobService
from tests.hostile.wire import Served, served

PARTS = 200
work = Jobs()


@work.on("test.huge")
async def huge(run: Run) -> None:
    for _ in range(PARTS // 20):
        async with run.step():
            run.write(b"x" * (20 * LARGEST))


@pytest.fixture(scope="module")
async def service(app: FastAPI) -> AsyncIterator[Served]:
    async with served(app) as service:
        yield service


@pytest.fixture
async def asked(house: House, client: AsyncClient) -> bytes:
    """The request for a result of 50 MB."""
    actor = await house.doorkeeper.actor([client.headers["authorization"]])
    ctx = Context.open(house, actor, "req_test")
    made = await JobService(ctx).start("test.huge", {}, file=("text/plain", "x.txt"))
    await ctx.finish()
    await do_once([crew(house, work)], asyncio.Event())
    head = f"GET /v1/jobs/{made.name()}/result HTTP/1.1\r\nHost: test\r\nAuthorization: "
    return f"{head}{client.headers['authorization']}\r\n\r\n".encode()


async def test_whoever_takes_nothing_is_left(
    service: Served, house: House, asked: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SECONDS", 0.3)
    async with service.wire() as wire:
        wire.writer.write(asked)
        await asyncio.sleep(1.0)
        assert house.pool.free() == house.pool.size
        assert len(await wire.rest()) < PARTS * LARGEST


async def test_nothing_more_is_read_for_whoever_hangs_up(
    service: Served, asked: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, read = JobRepository.part, list[int]()

    async def counted(self: JobRepository, id: UUID, file: JobFile, number: int) -> bytes | None:
        read.append(number)
        return await part(self, id, file, number)

    monkeypatch.setattr(JobRepository, "part", counted)
    async with service.wire() as wire:
        await wire.send(asked)
        await wire.reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(1.0)
    assert 0 < len(read) < PARTS / 2


async def test_whoever_takes_it_gets_all_of_it(service: Served, asked: bytes) -> None:
    async with service.wire() as wire:
        await wire.send(asked)
        answer = await wire.answer()
    assert (answer.status, len(answer.content)) == (200, PARTS * LARGEST)
