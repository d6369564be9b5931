"""A ticket, step by step, as a customer and an agent make it."""

from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from tests.features.pipeline.selling import customer, unit
from tests.features.pipeline.selling import later as later
from tests.features.pipeline.selling import user as user
from tests.features.pipeline.selling import wrong as wrong

Json = dict[str, Any]


@dataclass
class Desk:
    """Where one asks: a customer, and the unit that serves."""

    client: AsyncClient
    customer: str
    unit: str

    async def send(self, **said: Any) -> Response:
        named = {"requester_id": self.customer, "business_unit_id": self.unit}
        body = {**named, "subject": "The filler leaks", **said}
        return await self.client.post("/tickets", json=body)

    async def ticket(self, **said: Any) -> Json:
        answer = await self.send(**said)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def act(self, ticket: Json, verb: str, **said: Any) -> Response:
        return await self.client.post(f"/tickets/{ticket['id']}/{verb}", json=said)

    async def acted(self, ticket: Json, verb: str, **said: Any) -> Json:
        answer = await self.act(ticket, verb, **said)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def put(self, ticket: Json, **said: Any) -> Response:
        return await self.client.patch(f"/tickets/{ticket['id']}", json=said)

    async def now(self, ticket: Json, **asked: Any) -> Json:
        answer = await self.client.get(f"/tickets/{ticket['id']}", params=asked)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def found(self, **asked: Any) -> list[str]:
        answer = await self.client.get("/tickets", params={"limit": 200, **asked})
        assert answer.status_code == 200, answer.text
        return [ticket["id"] for ticket in answer.json()["data"]]

    async def searched(self, field: str, op: str, value: Any) -> list[str]:
        asked = {"kind": "condition", "field": field, "op": op, "value": value}
        answer = await self.client.post("/tickets/search", json={"filter": asked})
        assert answer.status_code == 200, answer.text
        return [ticket["id"] for ticket in answer.json()["data"]]


async def desk(client: AsyncClient) -> Desk:
    return Desk(client, await customer(client), await unit(client))
