"""What a list, a record and a search cost among few and among many customers of one tenant."""

import http.client
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import quote

import asyncpg

from crm_api.cli.unit import new_tenant, opened
from crm_api.features.customers.schemas import CustomerQuery
from crm_api.kit import cursor as cursors
from crm_api.kit.actor import Tenant
from crm_api.kit.ids import uuid7
from crm_api.kit.search import found_by
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

SIZES = (10_000, 100_000, 300_000)
REPEATS = 25
SURNAMES, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平",
)
COLUMNS = (
    "tenant_id id kind name sort_name acquired_at preferences search_text search_pieces "
    "contact_points created_at updated_at"
).split()
PREFERENCES = (
    '{"channel": null, "not_before": null, "not_after": null, "language": null, "interests": []}'
)
PLACE = (
    "SELECT created_at::text, id::text FROM customers WHERE tenant_id = $1 "
    "ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT 1"
)
ONE = "SELECT id FROM customers WHERE tenant_id = $1 LIMIT 1"
Costs = dict[str, float]


async def grown(settings: Settings, owner_url: str) -> dict[int, tuple[Tenant, str]]:
    """A tenant of each size and its key."""
    database = await asyncpg.connect(owner_url)
    made = {}
    async with opened(settings) as house:
        for size in SIZES:
            data = TenantCreate(name=f"{size} customers", kind=TenantKind.sandbox)
            made[size] = tenant, _ = await new_tenant(house, data)
            rows = _rows(tenant, size)
            await database.copy_records_to_table("customers", records=rows, columns=COLUMNS)
    await database.execute("VACUUM ANALYZE customers")
    await database.close()
    return made


def _rows(tenant: Tenant, size: int) -> Iterator[tuple[Any, ...]]:
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    for n in range(size):
        name = SURNAMES[n % 20] + GIVEN[n // 20 % 20] + GIVEN[n // 400 % 20]
        email, phone = f"u{n}@example.com", f"+86138{n * 7919 % 10**8:08}"
        found = found_by(tenant.id, name, email, phone)
        at = begun + timedelta(seconds=n)
        points = (
            f'[{{"kind": "email", "value": "{email}", "label": null, "is_primary": true}}, '
            f'{{"kind": "phone", "value": "{phone}", "label": null, "is_primary": true}}]'
        )
        yield (
            *(tenant.id, uuid7(), "person", name, name, at, PREFERENCES),
            *(found["search_text"], found["search_pieces"], points, at, at),
        )


async def costs(
    port: int, settings: Settings, owner_url: str, tenant: Tenant, key: str, size: int
) -> Costs:
    """Median milliseconds over HTTP, one caller."""
    database = await asyncpg.connect(owner_url)
    page = 500 if size > 500 * 50 else size // 100
    found = await database.fetchrow(PLACE, tenant.id, page * 50)
    assert found is not None
    place = list(found)
    one = await database.fetchval(
        "SELECT id FROM customers WHERE tenant_id = $1 LIMIT 1", tenant.id
    )
    await database.close()
    question = f"{tenant.id}{CustomerQuery().question()}"
    cursor = cursors.write(settings.signing_secret(), question, place)
    paths = {
        "get": f"/v1/customers/cus_{one.hex}",
        "list, page 1": "/v1/customers",
        "list, page 500": f"/v1/customers?cursor={cursor}",
        "list by name": "/v1/customers?sort=name",
        "search 王芳": f"/v1/customers?q={quote('王芳')}",
        "search 7301": "/v1/customers?q=7301",
        "search u3141": "/v1/customers?q=u3141",
        "search example.com": "/v1/customers?q=example.com",
    }
    return {what: _median(port, path, key) for what, path in paths.items()}


def _median(port: int, path: str, key: str) -> float:
    line = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        line.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = line.getresponse()
        answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status == http.client.OK, path
    line.close()
    return median(taken)


def table(grown: dict[int, Costs]) -> str:
    sizes = list(grown)
    heads = " | ".join(f"{size:,}" for size in sizes)
    lines = [f"| median ms among | {heads} |", "|---" * (len(sizes) + 1) + "|"]
    for what in grown[sizes[0]]:
        figures = " | ".join(f"{grown[size][what]:.1f}" for size in sizes)
        lines.append(f"| {what} | {figures} |")
    return "\n".join(lines)
