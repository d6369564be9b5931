"""A worker is killed in the middle of a file: another one goes on, no line has two fates."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from asyncpg import Connection as Admin
from httpx import AsyncClient

from .killing import KILLS, done_in_spite_of_kills
from .test_commands import external, home

__all__ = ["external", "home"]
LINES = 1000


async def test_every_line_has_one_outcome_however_often_the_worker_is_killed(
    home: Path, external: dict[str, str], client: AsyncClient, admin: "Admin[Any]"
) -> None:
    item = {"kind": "person", "name": "Bob", "tags": ["a"]}
    items = [{"external_id": str(n), "data": item} for n in range(LINES)]
    items[77]["data"] = {"kind": "robot"}
    accepted = await client.post(
        "/imports",
        params={"resource": "customers", "system": "erp"},
        content="".join(json.dumps(one) + "\n" for one in items),
        headers={"content-type": "application/x-ndjson"},
    )
    path = accepted.headers["location"].removeprefix("/v1")
    found = await done_in_spite_of_kills(client, home, external, path, "lines", LINES)
    assert (found["state"], found["attempts"]) == ("succeeded", KILLS + 1)
    assert found["figures"] == {"lines": LINES, "created": LINES - 1, "failed": 1}
    told = [json.loads(line) for line in (await client.get(f"{path}/result")).text.splitlines()]
    assert [one["line"] for one in told] == list(range(1, LINES + 1))
    assert Counter(one["outcome"] for one in told) == {"created": LINES - 1, "failed": 1}
    made = "SELECT count(*), count(DISTINCT object_id) FROM events WHERE type = 'customer.created'"
    assert tuple(await admin.fetchrow(made) or ()) == (LINES - 1, LINES - 1)
