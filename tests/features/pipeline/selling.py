"""A sale, step by step, as a front end makes it."""

from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from tests.grouping import made

Json = dict[str, Any]
CNY = "CNY"


async def customer(client: AsyncClient, name: str = "旭日机械") -> str:
    return str((await made(client, "/customers", {"kind": "organization", "name": name}))["id"])


async def unit(client: AsyncClient, name: str = "Shanghai", **said: Any) -> str:
    body = {"name": name, "kind": "subsidiary", **said}
    return str((await made(client, "/business-units", body))["id"])


async def user(client: AsyncClient, name: str = "李娜") -> str:
    return str((await made(client, "/users", {"name": name}))["id"])


async def pipeline(client: AsyncClient, **said: Any) -> Json:
    """With the stages of a common sale: contact, needs, proposal, contract."""
    return await made(client, "/pipelines", {"name": "Sales", "is_default": True, **said})


def money(amount: str, currency: str = CNY) -> Json:
    return {"amount": amount, "currency": currency}


async def deal(client: AsyncClient, of: str, at: str, **said: Any) -> Json:
    """With a customer, of a unit."""
    named = {"name": "Packaging line", "customer_id": of, "business_unit_id": at}
    return await made(client, "/deals", {**named, **said})


def seen(deal: Json) -> dict[str, str]:
    return {"If-Match": f'"{deal["version"]}"'}


async def act(client: AsyncClient, deal: Json, verb: str, **said: Any) -> Response:
    """`move`, `win`, `lose` or `reopen`, by whoever has seen the deal as it is given."""
    return await client.post(f"/deals/{deal['id']}/{verb}", json=said, headers=seen(deal))


async def acted(client: AsyncClient, deal: Json, verb: str, **said: Any) -> Json:
    answer = await act(client, deal, verb, **said)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def stays(client: AsyncClient, deal: Json) -> list[Json]:
    """Where a deal has been, in order."""
    answer = await client.get(f"/deals/{deal['id']}/stage-history", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    listed: list[Json] = answer.json()["data"]
    return listed


async def later(client: AsyncClient, seconds: int) -> None:
    advanced = await client.post("/sandbox/clock/advance", json={"seconds": seconds})
    assert advanced.status_code == 200, advanced.text


def stage(code: str, probability: int = 50, **said: Any) -> Json:
    """An open one."""
    return {"code": code, "labels": {"en": code}, "probability": probability, **said}


def ends() -> list[Json]:
    return [{"code": kind, "labels": {"en": kind}, "kind": kind} for kind in ("won", "lost")]


def way(*codes: str, **said: Json) -> list[Json]:
    """Open stages, of which some say more, and their ends."""
    return [*(stage(code, **said.get(code, {})) for code in codes), *ends()]


async def rate(client: AsyncClient, currency: str, text: str, on: str = "2020-01-01") -> Json:
    said = {"currency": currency, "rate": text, "valid_from_on": on}
    return await made(client, "/exchange-rates", said)


@dataclass
class Shop:
    """Where one sells: a customer, a unit, and the pipeline of its deals."""

    client: AsyncClient
    customer: str
    unit: str
    pipeline: Json

    async def deal(self, **said: Any) -> Json:
        return await deal(self.client, self.customer, self.unit, **said)

    async def now(self, deal: Json) -> Json:
        answer = await self.client.get(f"/deals/{deal['id']}")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def change(self, deal: Json, **said: Any) -> Json:
        answer = await self.client.patch(f"/deals/{deal['id']}", json=said)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def other_way(self, *codes: str, **said: Json) -> Json:
        """Another pipeline."""
        return await pipeline(self.client, is_default=False, stages=way(*codes, **said))

    async def restage(self, pipeline: Json, stages: list[Json]) -> Response:
        return await self.client.patch(f"/pipelines/{pipeline['id']}", json={"stages": stages})


async def shop(client: AsyncClient, **said: Any) -> Shop:
    at = {"customer": await customer(client), "unit": await unit(client)}
    return Shop(client, **at, pipeline=await pipeline(client, **said))


def wrong(answer: Response, status: int = 422) -> list[tuple[str, str]]:
    """Where, and what."""
    assert answer.status_code == status, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
