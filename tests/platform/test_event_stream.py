"""The stream of events, over real sockets: at once, for as long as one may, and at no cost."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pydantic_core import from_json

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.platform.journal import streaming
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import create, refused
from tests.hostile.wire import served
from tests.serving import figure

from .test_events import Json, events, once_and_in_order, with_key, write

Numbered = Callable[[], Awaitable[None]]
Frame = dict[str, str]
PAGE = Path("docs/how-to/follow-changes.md").read_text()
(PROGRAM,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Reader:
    """What a browser does with a stream: frames, each with its fields; comments apart."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.lines, self.comments = lines, 0
        self.frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        frame: Frame = {}
        async for line in self.lines:
            name, _, value = line.partition(":")
            if not line and frame:
                await self.frames.put(frame)
                frame = {}
            elif name:
                frame[name] = frame.get(name, "") + value.removeprefix(" ")
            elif line:
                self.comments += 1
        await self.frames.put(None)

    async def next(self, seconds: float = 5) -> Frame | None:
        """The next frame; null at the end of the stream."""
        async with asyncio.timeout(seconds):
            return await self.frames.get()

    async def event(self) -> Json:
        frame = await self.next()
        assert frame is not None
        event: Json = from_json(frame["data"])
        assert (frame["id"], frame["event"]) == (event["id"], event["type"])
        return event


@pytest.fixture(scope="module")
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with served(app) as service:
        yield f"http://127.0.0.1:{service.port}"


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    return await caller(tenant=tenant)


@pytest.fixture
async def numbering(house: House) -> AsyncIterator[None]:
    """What the worker does, all the time."""

    async def number() -> None:
        while True:
            if not await Sequencer(house.pool).number_all():
                await asyncio.sleep(0.02)

    task = asyncio.create_task(number())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


Open = Callable[..., Any]


@pytest.fixture
def opened(address: str) -> Open:
    """`async with opened(client, type="customer.*") as reader`, with the key of a client."""

    @asynccontextmanager
    async def open(
        client: AsyncClient, last: str | None = None, **asked: Any
    ) -> AsyncIterator[Reader]:
        headers = {"Authorization": client.headers["Authorization"], "Accept-Encoding": "gzip"}
        if last is not None:
            headers["Last-Event-ID"] = last
        url = f"{address}/v1/events/stream"
        async with (
            httpx.AsyncClient(timeout=30) as browser,
            browser.stream("GET", url, params=asked, headers=headers) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"] == "text/event-stream"
            assert "content-encoding" not in answer.headers
            reader = Reader(answer.aiter_lines())
            try:
                yield reader
            finally:
                reader.reading.cancel()
                await asyncio.gather(reader.reading, return_exceptions=True)

    return open


async def emptied(house: House) -> None:
    """Until nobody holds a stream."""
    async with asyncio.timeout(5):
        while house.streams.open:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("numbering")
async def test_what_happens_is_sent_at_once_as_the_feed_shows_it(
    client: AsyncClient, opened: Open, house: House
) -> None:
    await create(client, name="Before")
    async with opened(client) as reader:
        await asyncio.sleep(0.3)
        made = await create(client, name="王芳", title="a\\nb")
        begun = monotonic()
        event = await reader.event()
        while event["object_id"] != made["id"]:
            event = await reader.event()
        assert monotonic() - begun < 1
        assert event["data"] == made
        assert (await client.get(f"/events/{event['id']}")).json() == event
    await emptied(house)


@pytest.mark.usefixtures("numbering")
async def test_whoever_comes_again_misses_nothing(client: AsyncClient, opened: Open) -> None:
    async with opened(client, type="customer.*") as reader:
        await asyncio.sleep(0.2)
        await create(client, name="a")
        first = await reader.event()
    missed = [await create(client, name=name) for name in "bcd"]
    async with opened(client, last=first["id"], type="customer.created") as reader:
        assert [(await reader.event())["data"] for _ in missed] == missed
    async with opened(client, after=first["id"], type="customer.*") as reader:
        assert [(await reader.event())["data"] for _ in missed] == missed
    async with opened(client, last="", after=first["id"]) as reader:
        assert (await reader.event())["data"] == missed[0]


async def test_places_that_are_none_are_refused(client: AsyncClient, address: str) -> None:
    url = f"{address}/v1/events/stream"
    said = {"Authorization": client.headers["Authorization"]}
    async with httpx.AsyncClient() as browser:
        for last, pointer in (("zhubajie", "header:Last-Event-ID"), (f"evt_{'f' * 32}", "?after")):
            answer = await browser.get(url, headers={**said, "Last-Event-ID": last})
            problem = refused(answer, 422, "validation-failed")
            assert [error["pointer"] for error in problem["errors"]] == [pointer]
        old = await browser.get(url, params={"after": f"evt_{'0' * 32}"}, headers=said)
        refused(old, 410, "event-expired")
        refused(await browser.get(url), 401, "unauthorized")
        unknown = await browser.get(url, params={"object_id": "x"}, headers=said)
        refused(unknown, 422, "validation-failed")
        head = await browser.head(url, headers=said)
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.usefixtures("numbering")
async def test_a_stream_shows_no_more_than_a_get(
    caller: NewClient, client: AsyncClient, tenant: Tenant, opened: Open
) -> None:
    scopes = ["customers:read", "events:read"]
    masked = await with_key(caller, client, tenant, scopes=scopes, masked=True)
    stranger = await caller()
    async with opened(masked) as reader, opened(stranger) as elsewhere:
        await asyncio.sleep(0.2)
        await client.post(
            "/custom-fields", json={"resource": "customer", "key": "a", "kind": "text"}
        )
        point = {"kind": "email", "value": "wang@example.com"}
        made = await create(client, contact_points=[point])
        event = await reader.event()
        assert event["data"] == (await masked.get(f"/customers/{made['id']}")).json()
        assert event["data"]["contact_points"][0]["value"] == "w***@example.com"
        await asyncio.sleep(0.3)
        foreign = [elsewhere.frames.get_nowait() for _ in range(elsewhere.frames.qsize())]
        assert not [frame for frame in foreign if frame and made["id"] in frame["data"]]


@pytest.mark.usefixtures("numbering")
async def test_a_stream_ends_soon_after_its_key(
    caller: NewClient,
    client: AsyncClient,
    tenant: Tenant,
    opened: Open,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "CHECK_SECONDS", 0.3)
    reading = await with_key(caller, client, tenant, scopes=["events:read", "customers:read"])
    me = (await reading.get("/me")).json()
    async with opened(reading) as reader:
        await client.delete(f"/api-keys/{me['api_key_id']}")
        assert await reader.next() is None
    await emptied(house)


async def test_an_idle_stream_says_that_it_lives_and_holds_nothing(
    client: AsyncClient, opened: Open, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "ALIVE_SECONDS", 0.2)
    monkeypatch.setattr(streaming, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(house.deadlines, "seconds", 0.3)
    async with opened(client) as reader:
        await asyncio.sleep(0.9)
        assert reader.comments >= 3
        assert house.streams.open == 1
        assert house.pool.free() >= house.pool.size - 1
    await emptied(house)


async def test_streams_have_a_limit_of_their_own(
    client: AsyncClient,
    caller: NewClient,
    opened: Open,
    address: str,
    app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house: House = app.state.house
    monkeypatch.setattr(house.streams, "of_key", 2)
    url, other = f"{address}/v1/events/stream", await caller()

    async def one_more(who: AsyncClient) -> httpx.Response:
        said = {"Authorization": who.headers["Authorization"]}
        async with httpx.AsyncClient() as browser:
            return await browser.get(url, headers=said)

    async with opened(client), opened(client):
        assert figure(app, "crm_streams") == 2
        problem = refused(await one_more(client), 429, "rate-limited")
        assert figure(app, "crm_refusals_total", reason="key_streams") == 1
        assert problem["violated-policies"] == ["streams"]
        async with opened(other):
            monkeypatch.setattr(house.streams, "most", 3)
            refused(await one_more(other), 503, "unavailable")
    await emptied(house)
    async with opened(client), opened(client):
        pass
    await emptied(house)


@pytest.mark.usefixtures("numbering")
async def test_a_stream_beside_ten_writers_tells_every_event_once_and_in_order(
    client: AsyncClient, opened: Open
) -> None:
    await create(client, name="First")
    await asyncio.sleep(0.3)
    async with opened(client, type="customer.*") as reader:
        await asyncio.sleep(0.3)
        await asyncio.gather(*(write(client, f"Writer {n}") for n in range(10)))
        seen = [await reader.event() for _ in range(50)]
        assert reader.frames.empty()
    assert list(once_and_in_order(seen).values()) == 10 * [[1, 2, 3, 4, 5]]
    told = await events(client, type="customer.*", limit=200)
    assert seen == [event for event in told if event["data"]["name"] != "First"]


async def test_when_the_server_ends_so_do_its_streams(
    client: AsyncClient, opened: Open, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(client) as reader:
        await asyncio.sleep(0.1)
        monkeypatch.setattr(house.streams, "closing", True)
        assert await reader.next(2) is None
    await emptied(house)


@pytest.mark.usefixtures("numbering")
async def test_the_program_of_the_page_follows(client: AsyncClient, address: str) -> None:
    first = await create(client, name="a")
    await asyncio.sleep(0.3)
    last = (await events(client, object_id=first["id"]))[-1]["id"]
    wanted = [await create(client, name=name) for name in ("b\u2028c", "d\u0085e")]
    use = (
        "for number, event in enumerate(follow(sys.argv[1], type='customer.*')):\n"
        "    print(json.dumps(event['data']), flush=True)\n"
        "    if number == 1: break"
    )
    said = {"API": address, "KEY": client.headers["Authorization"].removeprefix("Bearer ")}
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"import sys\n{PROGRAM}\n{use}",
        last,
        env={**os.environ, **said},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await asyncio.wait_for(run.communicate(), 20)
    assert [from_json(line) for line in told.splitlines()] == wanted
