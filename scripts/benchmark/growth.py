"""What a list, a record and a search cost among few and among many customers of one tenant."""

import asyncio
import http.client
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from urllib.parse import quote
from uuid import UUID

import asyncpg

from crm_api.kit.actor import Tenant

from .people import GIVEN, SURNAMES, settle
from .serving import serving
from .world import World, cursor, new_tenants

SIZES = (10_000, 100_000, 300_000, 1_000_000)
PORT, REPEATS, PAGE = 8458, 25, 20
PLACE = (
    "SELECT created_at::text, id::text FROM customers WHERE tenant_id = $1 "
    "ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT 1"
)
SOME = "SELECT id FROM customers WHERE tenant_id = $1 LIMIT $2"
Milliseconds = dict[str, dict[int, list[float]]]


@dataclass(frozen=True)
class Grown:
    """A tenant, its key, ids of its customers, and the place before page 500 of its list."""

    size: int
    tenant: Tenant
    key: str
    ids: list[UUID]
    place: list[str]


def growth(world: World) -> Milliseconds:
    """What each question took over HTTP, one caller; the sizes in turn, question by question."""
    tenants = asyncio.run(_grown(world))
    with serving(PORT, "product:whole --factory", world) as served:
        line = http.client.HTTPConnection("127.0.0.1", served.port)
        taken = _taken(line, [(grown, _questions(world, grown)) for grown in tenants])
        line.close()
    return taken


def _taken(
    line: http.client.HTTPConnection, asked: list[tuple[Grown, dict[str, list[str]]]]
) -> Milliseconds:
    taken: Milliseconds = defaultdict(lambda: defaultdict(list))
    for what in asked[0][1]:
        for n in range(REPEATS):
            for grown, questions in asked:
                taken[what][grown.size].append(_ask(line, questions[what][n], grown.key))
    return taken


async def _grown(world: World) -> list[Grown]:
    """A tenant of each size, in the database of the ladder."""
    made = await new_tenants(world.settings, [f"{size} customers" for size in SIZES])
    database = await asyncpg.connect(world.owner_url)
    sized = list(zip((tenant for tenant, _ in made), SIZES, strict=True))
    await settle(database, sized)
    await database.execute("VACUUM ANALYZE customers")
    grown = []
    for (tenant, key), size in zip(made, SIZES, strict=True):
        ids = [row["id"] for row in await database.fetch(SOME, tenant.id, REPEATS)]
        place = await database.fetchrow(PLACE, tenant.id, 499 * PAGE - 1)
        grown.append(Grown(size, tenant, key, ids, list(place or ())))
    await database.close()
    return grown


def _questions(world: World, grown: Grown) -> dict[str, list[str]]:
    """Paths to be asked for one after the other; every search is for another text."""
    lists = f"/v1/customers?limit={PAGE}"
    page_500 = f"{lists}&cursor={cursor(world.settings, grown.tenant, grown.place)}"
    return {
        "get": [f"/v1/customers/cus_{id.hex}" for id in grown.ids],
        "list, page 1": [lists] * REPEATS,
        "list, page 500": [page_500] * REPEATS,
        "list by name": [f"{lists}&sort=name"] * REPEATS,
        **{
            what: [f"/v1/customers?q={quote(term)}" for term in terms]
            for what, terms in _terms(grown.size).items()
        },
    }


def _terms(size: int) -> dict[str, list[str]]:
    """Parts of what somebody has: names that begin with any pair, any digits, any five letters."""
    dice = random.Random(size)
    pairs = [dice.choice(SURNAMES + GIVEN) + dice.choice(GIVEN) for _ in range(REPEATS)]
    emails = [f"u{dice.randrange(1000, size)}@exa" for _ in range(REPEATS)]
    starts = [dice.randrange(len(email) - 4) for email in emails]
    return {
        "search: two Chinese characters": pairs,
        "search: four digits of a phone": [f"{dice.randrange(10**4):04}" for _ in range(REPEATS)],
        "search: five letters of an e-mail": [
            email[start : start + 5] for email, start in zip(emails, starts, strict=True)
        ],
        "search: what everybody has": (["example.com", "+86138", "@example"] * REPEATS)[:REPEATS],
    }


def _ask(line: http.client.HTTPConnection, path: str, key: str) -> float:
    begun = time.perf_counter()
    line.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = line.getresponse()
    answer.read()
    assert answer.status == http.client.OK, path
    return (time.perf_counter() - begun) * 1000


def table(taken: Milliseconds) -> str:
    heads = " | ".join(f"{size:,}" for size in SIZES)
    lines = [f"| median (slowest) ms among | {heads} |", "|---" * (len(SIZES) + 1) + "|"]
    for what, costs in taken.items():
        figures = (f"{median(costs[size]):.1f} ({max(costs[size]):.1f})" for size in SIZES)
        lines.append(f"| {what} | {' | '.join(figures)} |")
    return "\n".join(lines)
