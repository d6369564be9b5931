"""What a catalogue is made of, as a front end makes it."""

from itertools import count
from typing import Any

from httpx import AsyncClient, Response

from tests.grouping import made

Json = dict[str, Any]
NUMBERS = count(1)


def money(amount: str, currency: str = "CNY") -> Json:
    return {"amount": amount, "currency": currency}


async def category(client: AsyncClient, name: str = "Machines", **said: Any) -> Json:
    body = {"name": name, "code": f"C{next(NUMBERS)}", **said}
    return await made(client, "/product-categories", body)


async def product(client: AsyncClient, name: str = "Filling machine", **said: Any) -> Json:
    return await made(client, "/products", {"sku": f"P-{next(NUMBERS)}", "name": name, **said})


def wrong(answer: Response, status: int = 422) -> list[tuple[str, str]]:
    """Where, and what."""
    assert answer.status_code == status, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def listed(client: AsyncClient, place: str, **asked: Any) -> list[Json]:
    answer = await client.get(place, params={"limit": 200, **asked})
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]
    return found


async def names(client: AsyncClient, place: str, **asked: Any) -> list[str]:
    return [one["name"] for one in await listed(client, place, **asked)]


async def book(client: AsyncClient, name: str = "Dealers", **said: Any) -> Json:
    body = {"name": name, "code": f"B{next(NUMBERS)}", "currency": "CNY", **said}
    return await made(client, "/price-books", body)


async def entry(client: AsyncClient, of: Json, what: Json, price: str, **said: Any) -> Json:
    """A price of a book."""
    priced = {"unit_price": money(price, of["currency"]), **said}
    return await made(client, "/price-entries", {**named(of, what), **priced})


def named(of: Json, what: Json) -> Json:
    return {"price_book_id": of["id"], "product_id": what["id"]}


def rule(base: str = "list_price", **said: Any) -> Json:
    return {"base": base, **said}


async def asked(client: AsyncClient, *lines: tuple[Json, str], **said: Any) -> Response:
    told = [{"product_id": what["id"], "quantity": quantity} for what, quantity in lines]
    return await client.post("/prices/resolve", json={"currency": "CNY", "lines": told, **said})


async def resolved(client: AsyncClient, what: Json, quantity: str = "1", **said: Any) -> Json:
    """The price of one line."""
    answer = await asked(client, (what, quantity), **said)
    assert answer.status_code == 200, answer.text
    [line] = answer.json()["lines"]
    told: Json = line
    return told


async def price(client: AsyncClient, what: Json, quantity: str = "1", **said: Any) -> str | None:
    told = (await resolved(client, what, quantity, **said))["unit_price"]
    return told["amount"] if told else None


async def graded(client: AsyncClient, of: str, at: str, grade: str, **said: Any) -> None:
    grades = [{"code": code, "labels": {"en": code}, "rank": n} for n, code in enumerate("AB", 1)]
    if not (await client.get("/grade-schemes")).json()["data"]:
        await made(client, "/grade-schemes", {"name": "Group", "grades": grades})
    answer = await client.patch(
        f"/customers/{of}/unit-profiles/{at}", json={"grade": grade, **said}
    )
    assert answer.status_code in (200, 201), answer.text
