"""A desk with people, as a front end makes it."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from httpx import AsyncClient

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.agents.resource import AGENT
from crm_api.features.desk.queues.resource import QUEUE
from crm_api.features.desk.terms.rules import TicketPriority, TicketType
from crm_api.kit.catalogue import Catalogue, Link, catalogues
from crm_api.kit.fields import Own
from crm_api.kit.kinds import Choice, Kind
from tests.grouping import made

Json = dict[str, Any]
NUMBERS = count(1)
VIP: Json = {"kind": "condition", "field": "requester.tags", "op": "contains", "value": "vip"}
URGENT: Json = {"kind": "condition", "field": "priority", "op": "eq", "value": "urgent"}


def _select(name: str, kind: Any) -> Own:
    return Own(name=name, kind=Kind.select, options={one.value: Choice({}) for one in kind})


# Until there are tickets to be asked about, what rules need of them.
catalogues.setdefault(
    "tickets",
    Catalogue(
        noun="ticket",
        fields=(
            _select("priority", TicketPriority),
            _select("type", TicketType),
            Own(name="subject", kind=Kind.text),
        ),
        links={"requester": Link("requester_id", CUSTOMER.model, customers, CUSTOMER.scope)},
    ),
)


async def user(client: AsyncClient, name: str = "李娜") -> str:
    """Who can sign in."""
    id = str((await made(client, "/users", {"name": name}))["id"])
    await made(client, f"/users/{id}/activate", None, 200)
    return id


async def agent(client: AsyncClient, presence: str = "online", **said: Any) -> Json:
    """A new user who is one, and there unless something else is said."""
    found = await made(client, "/agents", {"user_id": await user(client), **said})
    if presence != "offline":
        found = await act(client, found, f"go-{presence}")
    return found


async def act(client: AsyncClient, of: Json, verb: str, body: Any = None) -> Json:
    return await made(client, f"/{of['object']}s/{of['id']}/{verb}", body, 200)


async def queue(client: AsyncClient, *members: Json, **said: Any) -> Json:
    named = {"name": f"Queue {next(NUMBERS)}", "member_ids": [one["id"] for one in members]}
    return await made(client, "/queues", {**named, **said})


async def rule(client: AsyncClient, to: Json, **said: Any) -> Json:
    body = {"name": "Rule", "position": next(NUMBERS), "queue_id": to["id"], **said}
    return await made(client, "/routing-rules", body)


async def now(client: AsyncClient, of: Json) -> Json:
    place = f"/{of['object'].replace('_', '-')}s/{of['id']}"
    found: Json = (await client.get(place)).json()
    return found


async def loads(client: AsyncClient, of: Sequence[Json]) -> list[int]:
    return [(await now(client, one))["load"] for one in of]


def known(of: Json) -> UUID:
    """The id of an agent or a queue, as services know it."""
    return (AGENT if of["object"] == "agent" else QUEUE).prefix.read(of["id"])
