"""A worker that is killed in the middle of a job, and another one that goes on."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

from httpx import AsyncClient

from .test_commands import _command, _environment

KILLS = 1


async def done_in_spite_of_kills(
    client: AsyncClient, home: Path, external: dict[str, str], path: str, figure: str, whole: int
) -> dict[str, Any]:
    """The job as it ends; a figure of it that grows to a `whole` says when to kill."""
    for n in range(1, KILLS + 1):
        killed = _worker(home, external)
        found = await _until(client, path, figure, n * whole // (KILLS + 1))
        killed.kill()
        killed.wait()
        assert found["state"] == "running", found
    last = _worker(home, external)
    try:
        return await _until(client, path, figure, whole + 1)
    finally:
        last.terminate()
        last.wait()


def _worker(home: Path, external: dict[str, str]) -> "subprocess.Popen[bytes]":
    quiet = {**external, "CRM_LOG_LEVEL": "error"}
    return subprocess.Popen(_command("worker"), env=_environment(home, quiet))


async def _until(client: AsyncClient, path: str, figure: str, number: int) -> dict[str, Any]:
    """Until the figure is that high, or the job has ended."""
    async with asyncio.timeout(120):
        while True:
            found: dict[str, Any] = (await client.get(path)).json()
            if found["figures"].get(figure, 0) >= number or found["finished_at"]:
                return found
            await asyncio.sleep(0.02)
