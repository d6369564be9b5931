"""A worker is killed in the middle of a handover: another one goes on, nothing changes twice."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.features.profiles.test_unit_profiles import made
from tests.platform.test_business_units import unit

from .killing import KILLS, done_in_spite_of_kills
from .test_commands import external, home

__all__ = ["external", "home"]
PROFILES = 6000
MANY = """
WITH made AS (
  INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
    updated_at)
  SELECT tenant_id, gen_random_uuid(), 'person', n::text, n::text, now(), '{}', now(), now()
  FROM users, generate_series(1, $4) n WHERE id = $1
  RETURNING *
), begun AS (
  INSERT INTO unit_profiles (tenant_id, id, customer_id, business_unit_id, owner_id,
    collaborator_ids, lifecycle_changed_at, created_at, updated_at)
  SELECT tenant_id, id, id, $2, $1, ARRAY[$3::text], now(), now(), now() FROM made
  RETURNING *
)
INSERT INTO unit_profile_collaborators (tenant_id, user_id, unit_profile_id)
SELECT tenant_id, $1, id FROM begun"""
OWNED = """
SELECT owner_id, collaborator_ids, version, count(*) AS number FROM unit_profiles
GROUP BY 1, 2, 3"""
TOLD = """
SELECT count(*), count(DISTINCT e.object_id), count(DISTINCT e.causation_id), min(cause.type)
FROM events e JOIN events cause ON cause.id = e.causation_id
WHERE e.type = 'unit_profile.updated'"""


async def test_every_record_changes_hands_once_however_often_the_worker_is_killed(
    home: Path, external: dict[str, str], client: AsyncClient, admin: "Admin[Any]"
) -> None:
    shop = UUID((await unit(client, "Shop"))["id"][4:])
    gone, anna = [(await made(client, "users", name=name))["id"] for name in ("李伟", "Anna")]
    await admin.execute(MANY, UUID(gone[4:]), shop, gone, PROFILES)
    body = {"rules": [{"to_user_id": anna}]}
    accepted = await client.post(f"/users/{gone}/handover", json=body)
    path = accepted.headers["location"].removeprefix("/v1")
    found = await done_in_spite_of_kills(client, home, external, path, "unit_profile", 2 * PROFILES)
    assert (found["state"], found["attempts"]) == ("succeeded", KILLS + 1)
    assert found["figures"] == {"unit_profile": 2 * PROFILES}
    told = [json.loads(line) for line in (await client.get(f"{path}/result")).text.splitlines()]
    shares = {one["role"]: one["to"] for one in told if one["noun"] == "unit_profile"}
    all_of_them = [{"user_id": anna, "records": PROFILES}]
    assert shares == {"owner": all_of_them, "collaborator": all_of_them}
    rows = [tuple(row) for row in await admin.fetch(OWNED)]
    assert rows == [(UUID(anna[4:]), [], 2, PROFILES)]
    told_of = tuple(await admin.fetchrow(TOLD) or ())
    assert told_of == (PROFILES, PROFILES, 1, "user.handed_over")
