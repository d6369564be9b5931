"""A worker is killed in the middle of a file: another one goes on, no line has two fates."""

import asyncio
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from asyncpg import Connection as Admin
from httpx import AsyncClient

from .test_commands import _command, _environment, external, home

__all__ = ["external", "home"]
LINES, KILLS = 1000, 1


def worker(home: Path, external: dict[str, str]) -> "subprocess.Popen[bytes]":
    quiet = {**external, "CRM_LOG_LEVEL": "error"}
    return subprocess.Popen(_command("worker"), env=_environment(home, quiet))


async def job(client: AsyncClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(path)).json()
    return found


async def until(client: AsyncClient, path: str, lines: int) -> dict[str, Any]:
    """Until so many lines are done, or all that there are."""
    async with asyncio.timeout(120):
        while True:
            found = await job(client, path)
            if found["figures"].get("lines", 0) >= lines or found["finished_at"]:
                return found
            await asyncio.sleep(0.02)


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
    for n in range(1, KILLS + 1):
        killed = worker(home, external)
        found = await until(client, path, n * LINES // (KILLS + 1))
        killed.kill()
        killed.wait()
        assert found["state"] == "running", found
    last = worker(home, external)
    try:
        found = await until(client, path, LINES + 1)
    finally:
        last.terminate()
        last.wait()
    assert (found["state"], found["attempts"]) == ("succeeded", KILLS + 1)
    assert found["figures"] == {"lines": LINES, "created": LINES - 1, "failed": 1}
    told = [json.loads(line) for line in (await client.get(f"{path}/result")).text.splitlines()]
    assert [one["line"] for one in told] == list(range(1, LINES + 1))
    assert Counter(one["outcome"] for one in told) == {"created": LINES - 1, "failed": 1}
    made = "SELECT count(*), count(DISTINCT object_id) FROM events WHERE type = 'customer.created'"
    assert tuple(await admin.fetchrow(made) or ()) == (LINES - 1, LINES - 1)
