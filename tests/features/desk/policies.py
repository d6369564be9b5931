"""Policies as a front end makes them."""

from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient, Response

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Link, catalogues
from tests.grouping import made

Json = dict[str, Any]
NUMBERS = count(1)
OF_VIPS = {"kind": "condition", "field": "requester.tags", "op": "contains", "value": "vip"}
SOON = {"first_response_minutes": 60, "next_response_minutes": 120, "resolution_minutes": 480}
NEVER = dict.fromkeys(SOON)
TARGETS = {"normal": SOON, "urgent": {**SOON, "first_response_minutes": 15}}


def know_tickets(patch: pytest.MonkeyPatch) -> None:
    """What may be asked of tickets, as far as policies need it here."""
    links = {"requester": Link("requester_id", CUSTOMER.model, customers, CUSTOMER.scope)}
    if "tickets" not in catalogues:
        patch.setitem(catalogues, "tickets", Catalogue(noun="ticket", fields=(), links=links))


async def policy(client: AsyncClient, name: str = "", **said: Any) -> Json:
    body = {"name": name or f"Policy {next(NUMBERS)}", "targets": TARGETS, **said}
    return await made(client, "/sla-policies", body)


async def act(client: AsyncClient, of: Json, verb: str, **said: Any) -> Response:
    return await client.post(f"/sla-policies/{of['id']}/{verb}", json=said or None)


async def put(client: AsyncClient, of: Json, **said: Any) -> Response:
    return await client.patch(f"/sla-policies/{of['id']}", json=said)


async def names(client: AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get("/sla-policies", params={"limit": 200, **asked})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["data"]]
