"""Money that comes in, step by step, as those who keep accounts write it down."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from tests.features.pipeline.selling import money
from tests.features.trade.ordering import Counter, Json, line


def once(**headers: str) -> dict[str, str]:
    """A name of its own for one write."""
    return {"Idempotency-Key": str(uuid4()), **headers}


def part(order: Json, amount: str, currency: str = "CNY") -> Json:
    """So much for an order."""
    return {"order_id": order["id"], "amount": money(amount, currency)}


@dataclass
class Till:
    """Where a customer pays for what was ordered at a counter."""

    ordering: Counter

    @property
    def client(self) -> AsyncClient:
        return self.ordering.client

    async def order(self, price: str = "100", **said: Any) -> Json:
        """Confirmed, of one line at this price."""
        currency = said.get("currency", "CNY")
        return await self.ordering.order(line(price, currency=currency), status="confirmed", **said)

    async def send(self, amount: str = "100", currency: str = "CNY", **said: Any) -> Response:
        named = {"customer_id": self.ordering.customer, "business_unit_id": self.ordering.unit}
        body = {**named, "amount": money(amount, currency), "method": "bank", **said}
        return await self.client.post("/receipts", json=body, headers=once())

    async def receipt(self, amount: str = "100", *paid: Json, **said: Any) -> Json:
        """Confirmed, unless something else is said, and allocated to these."""
        named = {"status": "confirmed", "allocations": list(paid), **said}
        answer = await self.send(amount, **named)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def act(self, receipt: Json, verb: str, **said: Any) -> Response:
        place = f"/receipts/{receipt['id']}/{verb}"
        return await self.client.post(place, json=said or None, headers=once())

    async def acted(self, receipt: Json, verb: str, **said: Any) -> Json:
        answer = await self.act(receipt, verb, **said)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def allocate(self, receipt: Json, *paid: Json) -> Response:
        return await self.act(receipt, "allocate", allocations=list(paid))

    async def allocated(self, receipt: Json, *paid: Json) -> Json:
        return await self.acted(receipt, "allocate", allocations=list(paid))

    async def put(self, receipt: Json, **said: Any) -> Response:
        return await self.client.patch(f"/receipts/{receipt['id']}", json=said)

    async def now(self, receipt: Json) -> Json:
        answer = await self.client.get(f"/receipts/{receipt['id']}")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def payment(self, order: Json) -> tuple[str, str]:
        """How an order is paid, and how much of it."""
        now = await self.ordering.now(order)
        return now["payment_status"], now["paid"]["amount"]

    async def upsert(self, value: str, **said: Any) -> Response:
        return await self.client.patch(f"/receipts/external/bank/{value}", json=said)
