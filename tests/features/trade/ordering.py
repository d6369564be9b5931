"""An order, step by step, as a front end and a shop make it."""

from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from tests.features.catalogue.shelf import product
from tests.features.pipeline.selling import customer, money, unit
from tests.features.pipeline.selling import rate as rate
from tests.features.pipeline.selling import wrong as wrong
from tests.grouping import made

Json = dict[str, Any]


def line(price: str = "100", quantity: str = "1", currency: str = "CNY", **said: Any) -> Json:
    """Of something that no product describes."""
    named = {"name": "Filling machine", "unit_price": money(price, currency)}
    return {**named, "quantity": quantity, **said}


def given(amount: str, tax: str | None = None, currency: str = "CNY", **said: Any) -> Json:
    """A line as an outside system has reckoned it."""
    taxed = {} if tax is None else {"tax_amount": money(tax, currency)}
    return {"name": "Milk", "amount": money(amount, currency), **taxed, **said}


@dataclass
class Counter:
    """Where one orders: a customer, a unit, and something on the shelf."""

    client: AsyncClient
    customer: str
    unit: str

    async def send(self, *lines: Json, **said: Any) -> Response:
        named = {"customer_id": self.customer, "business_unit_id": self.unit}
        body = {**named, "lines": list(lines), **said}
        return await self.client.post("/orders", json=body)

    async def order(self, *lines: Json, **said: Any) -> Json:
        answer = await self.send(*lines, **said)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def product(self, **said: Any) -> Json:
        return await product(self.client, **said)

    async def act(self, order: Json, verb: str, **said: Any) -> Response:
        return await self.client.post(f"/orders/{order['id']}/{verb}", json=said or None)

    async def acted(self, order: Json, verb: str, **said: Any) -> Json:
        answer = await self.act(order, verb, **said)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def put(self, order: Json, *, seen: bool = True, **said: Any) -> Response:
        headers = {"If-Match": f'"{order["version"]}"'} if seen else {}
        return await self.client.patch(f"/orders/{order['id']}", json=said, headers=headers)

    async def now(self, order: Json) -> Json:
        answer = await self.client.get(f"/orders/{order['id']}")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def upsert(self, value: str, **said: Any) -> Response:
        return await self.client.patch(f"/orders/external/shop/{value}", json=said)

    async def batch(self, *items: Json, **said: Any) -> Response:
        body = {"system": "shop", "items": list(items), **said}
        return await self.client.post("/orders/batch-upsert", json=body)


async def counter(client: AsyncClient) -> Counter:
    return Counter(client, await customer(client), await unit(client))


async def registered(client: AsyncClient, country: str = "CN") -> str:
    """A unit that belongs to a legal entity of a country."""
    entity = await made(client, "/legal-entities", {"name": "Sunrise Ltd", "country": country})
    return await unit(client, legal_entity_id=entity["id"])
