"""The second lock: without the filters by tenant in statements, the policies of tables hold."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from asyncpg import Connection
from fastapi import FastAPI

from crm_api.kit.watch import WatchedConnection
from crm_api.settings import Settings
from tests.hostile.catalogue import OPERATIONS
from tests.hostile.test_isolation import SHARED_TABLES
from tests.serving import applications

from .asking import Asking
from .judging import cases
from .planting import Theirs
from .sending import Asked, send
from .world import World

FILTER = re.compile(r'(?<![\w."])(?:[\w"]+\.)*tenant_id = (?:\$\d+(?:::\w+)?|[\w".]+\.tenant_id)')
UNPROTECTED = re.compile(rf"\b({'|'.join(sorted(SHARED_TABLES - {'tenants'}))})\b")
DOORS = ("execute", "fetch", "fetchval", "fetchrow", "prepare")
LISTED = Asked("GET", "/v1/customers", {"limit": "200"})


@dataclass
class Unfiltered:
    """An application that asks the database without its filters by tenant; they are counted."""

    app: FastAPI | None = None
    taken_out: int = 0
    at_rest: bool = False

    def without(self, sql: str) -> str:
        if self.at_rest or UNPROTECTED.search(sql):
            return sql
        said, count = FILTER.subn(r"(\g<0> OR true)", sql)
        self.taken_out += count
        return said


@pytest.fixture(scope="module")
async def unfiltered(settings: Settings) -> AsyncIterator[Unfiltered]:
    found = Unfiltered()
    with pytest.MonkeyPatch.context() as patch:
        for door in DOORS:
            patch.setattr(
                WatchedConnection, door, _through(found, getattr(WatchedConnection, door))
            )
        async with applications(settings) as (found.app,):
            yield found


def _through(found: Unfiltered, door: Callable[..., Any]) -> Callable[..., Any]:
    def asked(self: WatchedConnection, sql: str, *args: Any, **options: Any) -> Any:
        return door(self, found.without(sql), *args, **options)

    return asked


async def test_no_operation_needs_a_filter_to_keep_to_its_tenant(
    world: World, unfiltered: Unfiltered, digests: Callable[[], Any]
) -> None:
    assert unfiltered.app
    asking, before = Asking(replace(world, app=unfiltered.app)), await digests()
    wrong = [
        said
        for operation in OPERATIONS.values()
        for case in cases(operation)
        if case.caller in ("key_for_everything", "unit_manager")
        for said in await case.judge(asking)
    ]
    assert wrong == []
    assert unfiltered.taken_out > 1_000
    assert await digests() == before


async def test_it_is_the_policy_that_holds(
    world: World, unfiltered: Unfiltered, admin: "Connection[Any]"
) -> None:
    """Without it, what the filters were for happens."""
    assert unfiltered.app
    key, marker = world.ours.key, Theirs.marker.encode()
    assert marker not in (await send(unfiltered.app, key, LISTED)).body
    await admin.execute("ALTER TABLE customers DISABLE ROW LEVEL SECURITY")
    try:
        assert marker in (await send(unfiltered.app, key, LISTED)).body
        unfiltered.at_rest = True
        assert marker not in (await send(unfiltered.app, key, LISTED)).body
    finally:
        await admin.execute("ALTER TABLE customers ENABLE ROW LEVEL SECURITY")
