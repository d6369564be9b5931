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
