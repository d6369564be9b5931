"""Posting the demo's bodies to the API, with a progress bar."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID

from .trouble import Trouble

AT_ONCE = 8
ORGANIZATIONS = {"kind": "organization", "source": "demo", "state": ["live", "archived"]}
out = Console(soft_wrap=True)


@dataclass(frozen=True)
class Sample:
    persons: list[dict[str, Any]]
    organizations: list[dict[str, Any]]
    shift_weeks: int

    @property
    def size(self) -> int:
        return len(self.persons) + len(self.organizations)


async def load(api: httpx.AsyncClient, sample: Sample) -> None:
    """Raises: Trouble where a body is refused for anything but being there already."""
    with Progress(console=out) as progress:
        bar = progress.add_task("Demo customers", total=sample.size)
        loading = Loading(api, progress, bar)
        await loading.organizations(sample.organizations)
        queue = iter(sample.persons)
        await asyncio.gather(*(loading.persons(queue) for _ in range(AT_ONCE)))


@dataclass(frozen=True)
class Loading:
    """A body whose external id or tax number is taken counts as loaded."""

    api: httpx.AsyncClient
    progress: Progress
    bar: TaskID

    async def persons(self, queue: Iterator[dict[str, Any]]) -> None:
        for body in queue:
            await self._create(body)

    async def organizations(self, bodies: list[dict[str, Any]]) -> None:
        """Parents come first; `parent` names one by its external id `demo`."""
        ids = await self._known()
        for body in bodies:
            parent = ids.get(body.pop("parent", ""))
            if created := await self._create(body | {"parent_id": parent}):
                ids[body["external_ids"]["demo"]] = created

    async def _known(self) -> dict[str, str]:
        answer = await self.api.get("/customers", params=ORGANIZATIONS)
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"The API does not list organizations: {answer.text}")
        rows = answer.json()["data"]
        return {r["external_ids"]["demo"]: r["id"] for r in rows if "demo" in r["external_ids"]}

    async def _create(self, body: dict[str, Any]) -> str | None:
        """The id that was given to it; none where it was there already."""
        answer = await self.api.post("/customers", json=body)
        said: dict[str, Any] = answer.json()
        if answer.status_code != httpx.codes.CREATED and said["code"] != "duplicate-value":
            raise Trouble(f"The API refused a demo customer: {answer.text}")
        self.progress.advance(self.bar)
        return said.get("id")
