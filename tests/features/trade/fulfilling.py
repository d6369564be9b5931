"""What is sent of orders and comes back, step by step, as a warehouse makes it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from tests.grouping import made

from .ordering import Counter, Json, counter, line


def some(*quantities: str, **said: Any) -> list[Json]:
    """So much of each line of an order."""
    found: list[Json] = [
        {"line": n, "quantity": quantity, **said} for n, quantity in enumerate(quantities, start=1)
    ]
    return found


def once() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


@dataclass
class Warehouse:
    """Where goods of orders leave, and come back."""

    counter: Counter

    @property
    def client(self) -> AsyncClient:
        return self.counter.client

    async def order(self, *quantities: str, price: str = "100", **said: Any) -> Json:
        """A confirmed one, with a line for each quantity."""
        lines = (line(price, quantity, tax_percent="13") for quantity in quantities or ("3",))
        return await self.counter.order(*lines, **{"status": "confirmed", **said})

    async def plan(self, order: Json, *quantities: str, **said: Any) -> Response:
        """A shipment; of all that is left, where no quantities are given."""
        lines = {"lines": some(*quantities)} if quantities else {}
        body = {"order_id": order["id"], **lines, **said}
        return await self.client.post("/shipments", json=body)

    async def planned(self, order: Json, *quantities: str, **said: Any) -> Json:
        lines = {"lines": some(*quantities)} if quantities else {}
        body = {"order_id": order["id"], "status": "ready", **lines, **said}
        return await made(self.client, "/shipments", body)

    async def sent(self, order: Json, *quantities: str, **said: Any) -> Json:
        return await self.acted(await self.planned(order, *quantities, **said), "ship")

    async def ask(self, order: Json, *quantities: str, **said: Any) -> Response:
        """For goods to come back."""
        body = {"order_id": order["id"], "lines": some(*quantities), **said}
        return await self.client.post("/returns", json=body)

    async def asked(self, order: Json, *quantities: str, **said: Any) -> Json:
        body = {"order_id": order["id"], "lines": some(*quantities), **said}
        return await made(self.client, "/returns", body)

    async def awaited(self, order: Json, *quantities: str, **said: Any) -> Json:
        return await self.acted(await self.asked(order, *quantities, **said), "approve")

    async def act(self, record: Json, verb: str, body: Json | None = None) -> Response:
        headers = once() if verb in ("ship", "receive") else {}
        return await self.client.post(f"{place(record)}/{verb}", json=body, headers=headers)

    async def acted(self, record: Json, verb: str, body: Json | None = None) -> Json:
        answer = await self.act(record, verb, body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def put(self, record: Json, **said: Any) -> Response:
        return await self.client.patch(place(record), json=said)

    async def now(self, record: Json) -> Json:
        answer = await self.client.get(place(record))
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def upsert(self, value: str, **said: Any) -> Response:
        return await self.client.patch(f"/shipments/external/wms/{value}", json=said)

    async def batch(self, *items: Json, **said: Any) -> Response:
        body = {"system": "wms", "items": list(items), **said}
        return await self.client.post("/shipments/batch-upsert", json=body)


def place(record: Json) -> str:
    return f"/{record['object']}s/{record['id']}"


def moved(order: Json) -> list[tuple[str, str]]:
    """How much of each line was shipped, and came back."""
    return [(line["shipped_quantity"], line["returned_quantity"]) for line in order["lines"]]


async def warehouse(client: AsyncClient) -> Warehouse:
    return Warehouse(await counter(client))
