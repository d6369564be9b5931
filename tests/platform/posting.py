"""A tenant whose events are sent to a receiver on this machine, and a worker that does it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient
from standardwebhooks import Webhook

from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.metrics import Metrics
from crm_api.settings import Settings
from crm_api.worker import duties
from tests.receiving import Came, Receiver, receiver
from tests.serving import applications, client_of, tenant_and_key

Json = dict[str, Any]
PERSON: Json = {"kind": "person", "name": "Bob"}


@dataclass
class Post:
    app: FastAPI
    client: AsyncClient
    key: str
    receiver: Receiver

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    async def endpoint(self, **said: Any) -> Json:
        """An endpoint at the receiver, with its secret."""
        asked = {"url": self.receiver.url, "event_types": ["customer.*"], **said}
        response = await self.client.post("/webhook-endpoints", json=asked)
        assert response.status_code == 201, response.text
        made: Json = response.json()
        return made

    async def customer(self, **said: Any) -> Json:
        response = await self.client.post("/customers", json={**PERSON, **said})
        assert response.status_code == 201, response.text
        made: Json = response.json()
        return made

    async def work(self) -> None:
        """All that is due by now, and what follows from it."""
        await do_once(duties(self.house, Metrics()), asyncio.Event())

    async def later(self, seconds: int) -> None:
        """The clock of the tenant goes on, and what is due by then is done."""
        moved = await self.client.post("/sandbox/clock/advance", json={"seconds": seconds})
        assert moved.status_code == 200, moved.text
        await self.work()

    async def deliveries(self, endpoint: Json, **asked: Any) -> list[Json]:
        """The newest first."""
        path = f"/webhook-endpoints/{endpoint['id']}/deliveries"
        listed = await self.client.get(path, params=asked)
        assert listed.status_code == 200, listed.text
        found: list[Json] = listed.json()["data"]
        return found

    async def attempts(self, delivery: Json) -> list[Json]:
        path = f"/webhook-endpoints/{delivery['endpoint_id']}/deliveries/{delivery['id']}"
        read = await self.client.get(path)
        assert read.status_code == 200, read.text
        found: list[Json] = read.json()["attempts"]
        return found

    async def read(self, endpoint: Json) -> Json:
        read: Json = (await self.client.get(f"/webhook-endpoints/{endpoint['id']}")).json()
        return read


def verified(endpoint: Json, came: Came) -> Json:
    """Raises WebhookVerificationError where the receiver may not trust it."""
    event: Json = Webhook(endpoint["secret"]).verify(came.body, came.headers)
    return event


@asynccontextmanager
async def posting(settings: Settings, **changed: Any) -> AsyncIterator[Post]:
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(receiver())
        asked = {"egress_allow": found.allowed, **changed}
        (app,) = await stack.enter_async_context(applications(settings, **asked))
        _, key = await tenant_and_key(app.state.house)
        client = await stack.enter_async_context(client_of(app, key))
        yield Post(app, client, key, found)
