"""Customers to measure with, as rows for COPY: the columns that the API itself would write."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from crm_api.kit.actor import Tenant
from crm_api.kit.ids import uuid7
from crm_api.kit.pinyin import sort_key
from crm_api.kit.search import found_by

SURNAMES, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平",
)
COLUMNS = (
    "tenant_id id kind name sort_name family_name given_name acquired_at preferences tags "
    "search_text search_pieces contact_points custom created_at updated_at"
).split()
PREFERENCES = (
    '{"channel": null, "not_before": null, "not_after": null, "language": null, "interests": []}'
)
KEYS = """
INSERT INTO customer_keys (tenant_id, kind, value, customer_id)
SELECT tenant_id, point->>'kind', point->>'value', id
FROM customers, jsonb_array_elements(contact_points) point WHERE tenant_id = $1
UNION ALL SELECT tenant_id, 'tag', unnest(tags), id FROM customers WHERE tenant_id = $1"""
PIECES = "ix_customers_search_pieces"
DEFINED = "SELECT indexdef FROM pg_indexes WHERE indexname = $1"

BEGUN, LAST = datetime(2025, 1, 1, tzinfo=UTC), UUID(int=0)
AFTER = BEGUN + timedelta(minutes=30)
PLACE = (AFTER.isoformat(), str(LAST))
"""Where the list of the ladder goes on: among the first 1,800 customers of the tenant."""

TERMS = ("王芳", "7301", "u314")
"""What the ladder searches for."""

Driver = asyncpg.Connection  # generic in the stubs only


async def settle(
    database: "Driver[Any]",
    tenants: Sequence[tuple[Tenant, int]],
    custom: Callable[[int], str] = lambda n: "{}",
) -> None:
    """So many customers for each tenant, one a second, by COPY as the owner of the tables.

    The index of pieces is made afterwards, which is faster than row by row.
    """
    defined = await database.fetchval(DEFINED, PIECES)
    await database.execute(f"DROP INDEX {PIECES}")
    for tenant, customers in tenants:
        await database.copy_to_table(
            "customers", source=_lines(tenant.id, customers, custom), columns=COLUMNS
        )
    await database.execute(f"SET maintenance_work_mem = '1GB'; {defined}")


async def settle_keys(database: "Driver[Any]", tenant: Tenant) -> None:
    """What the tenant's customers are found by, as creates would have written it."""
    await database.execute(KEYS, tenant.id)


async def _lines(
    tenant: UUID, customers: int, custom: Callable[[int], str]
) -> AsyncIterator[bytes]:
    """In the text format of COPY."""
    for first in range(0, customers, 1000):
        chunk = (_line(tenant, n, custom(n)) for n in range(first, min(first + 1000, customers)))
        yield "".join(chunk).encode()


def _line(tenant: UUID, n: int, custom: str) -> str:
    surname, given = SURNAMES[n % 20], GIVEN[n // 20 % 20] + GIVEN[n // 400 % 20]
    email, phone = f"u{n}@example.com", f"+86138{n * 7919 % 10**8:08}"
    at, spelled = BEGUN + timedelta(seconds=n), _spelled(surname + given)
    by_name, by_rest = _found_by_name(tenant, surname + given), found_by(tenant, email, phone)
    text = f"{by_name['search_text']}\n{by_rest['search_text']}".replace("\n", "\\n")
    pieces = sorted({*by_name["search_pieces"], *by_rest["search_pieces"]})
    points = f"[{_point('email', email)}, {_point('phone', phone)}]"
    person = (tenant, uuid7(at), "person", surname + given, spelled, surname, given, at)
    rest = (PREFERENCES, f"{{t{n % 50}}}", text, _array(pieces), points, custom, at, at)
    return "\t".join(map(str, (*person, *rest))) + "\n"


def _array(numbers: list[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


@lru_cache(maxsize=8000)
def _spelled(name: str) -> str:
    return sort_key(name)


@lru_cache(maxsize=8000)
def _found_by_name(tenant: UUID, name: str) -> dict[str, Any]:
    return found_by(tenant, name, _spelled(name))


def _point(kind: str, value: str) -> str:
    return f'{{"kind": "{kind}", "value": "{value}", "label": null, "is_primary": true}}'
