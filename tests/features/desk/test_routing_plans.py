"""Who is given a ticket is found by indexes, under row level security, however many agents the
others have."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from sqlalchemy import ClauseElement

from crm_api.features.desk.loads.repository import (
    GIVE,
    GIVE_BACK,
    HOLD,
    OF_USERS,
    RECOUNT,
    RELEASE,
)
from crm_api.features.desk.queues.repository import DEFAULT
from crm_api.features.desk.routing.repository import QUEUE, SHOWN, TAKE, USER
from crm_api.features.desk.routing_rules.repository import OF_UNIT
from crm_api.kit.context import House
from crm_api.kit.statement import DIALECT
from tests.contract.test_plans import check, plan

MANY = """
INSERT INTO users (tenant_id, id, name, sort_name, state, created_at, updated_at)
SELECT md5((n % 20)::text)::uuid, gen_random_uuid(), n::text, n::text, 'active', now(), now()
FROM generate_series(1, 20000) n;
INSERT INTO agents (tenant_id, id, user_id, capacity, presence, created_at, updated_at)
SELECT tenant_id, id, id, 10, 'online', created_at, created_at FROM users;
INSERT INTO agent_loads (tenant_id, agent_id, turn)
SELECT tenant_id, id, row_number() OVER () FROM agents;
INSERT INTO queues (tenant_id, id, name, sort_name, strategy, created_at, updated_at)
SELECT tenant_id, id, id::text, name, 'round_robin', created_at, created_at FROM users;
INSERT INTO queue_members (tenant_id, agent_id, queue_id) SELECT tenant_id, id, id FROM users;
INSERT INTO business_units (tenant_id, id, name, sort_name, code, kind, periods, created_at,
  updated_at)
SELECT tenant_id, id, 'name', name, name, 'shop', '[]', created_at, created_at FROM users;
INSERT INTO business_unit_lines (tenant_id, ancestor_id, unit_id, depth)
SELECT tenant_id, id, id, 0 FROM business_units;
INSERT INTO routing_rules (tenant_id, id, name, position, business_unit_id, queue_id, created_at,
  updated_at)
SELECT tenant_id, id, name, name::int, id, id, created_at, created_at FROM users;
ANALYZE users, agents, agent_loads, queues, queue_members, routing_rules, business_unit_lines"""


@pytest.fixture(scope="module", autouse=True)
async def crowded(admin: "Admin[Any]") -> None:
    """Twenty tenants with a thousand agents each."""
    await admin.execute(MANY)


LOADS = {
    "give": GIVE,
    "give back": GIVE_BACK,
    "release": RELEASE,
    "hold": HOLD,
    "of users": OF_USERS,
    "recount": RECOUNT,
}


@pytest.mark.parametrize(
    "asked",
    [*TAKE.values(), *SHOWN.values(), *LOADS.values(), QUEUE, USER, DEFAULT, OF_UNIT],
    ids=[
        *(f"take {way}" for way in TAKE),
        *(f"show {way}" for way in SHOWN),
        *LOADS,
        *("queue", "user", "default", "rules"),
    ],
)
async def test_a_choice_walks_indexes(house: House, asked: ClauseElement) -> None:
    check(await plan(house, str(asked.compile(dialect=DIALECT))))
