"""How customers are asked, and what they answer, step by step."""

import asyncio
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from crm_api.features.desk.ratings.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once

from .asking import Desk, Json, desk


@dataclass
class Ratings:
    """A desk that asks, by a policy of the group."""

    asking: Desk
    house: House

    @property
    def client(self) -> AsyncClient:
        return self.asking.client

    async def policy(self, **said: Any) -> Json:
        answer = await self.client.post("/rating-policies", json={"enabled": True, **said})
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def work(self) -> None:
        """What is due by now."""
        await do_once([crew(self.house)], asyncio.Event())

    async def resolved(self, **said: Any) -> Json:
        return await self.asking.acted(await self.asking.ticket(**said), "resolve")

    async def all(self, **asked: Any) -> list[Json]:
        answer = await self.client.get("/ratings", params={"limit": 200, **asked})
        assert answer.status_code == 200, answer.text
        data: list[Json] = answer.json()["data"]
        return data

    async def of(self, ticket: Json) -> Json:
        """The last rating of a ticket."""
        return (await self.all(ticket_id=ticket["id"]))[0]

    async def asked(self, **said: Any) -> Json:
        """The rating of a ticket that is resolved now, once the customer is asked."""
        ticket = await self.resolved(**said)
        await self.work()
        rating = await self.of(ticket)
        assert rating["state"] == "sent", rating
        return rating

    async def token(self, rating: Json) -> str:
        answer = await self.client.post(f"/ratings/{rating['id']}/link")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def rate(self, ticket: Json, **said: Any) -> Response:
        return await self.client.post(f"/tickets/{ticket['id']}/rate", json=said)


async def ratings(client: AsyncClient, house: House) -> Ratings:
    return Ratings(await desk(client), house)


async def answer(customer: AsyncClient, token: str, **said: Any) -> Response:
    return await customer.post(f"/ratings/by-token/{token}", json=said)
