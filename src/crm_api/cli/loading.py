"""Posting the demo's customers to the API, with a progress bar."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID

from .trouble import Trouble

if TYPE_CHECKING:
    from .households import Basket, Good

AT_ONCE = 8
ALL = ["live", "archived"]
SYSTEM = "complete_journey"
ORGANIZATIONS = {"kind": "organization", "source": "demo", "state": ALL}
Json = dict[str, Any]
Known = dict[str, Json]
out = Console(soft_wrap=True)


@dataclass(frozen=True)
class Sample:
    persons: list[Json]
    organizations: list[Json]
    shift_weeks: int
    goods: "Sequence[Good]" = ()
    baskets: "Sequence[Basket]" = ()

    @property
    def size(self) -> int:
        return len(self.persons) + len(self.organizations)


async def every(api: httpx.AsyncClient, path: str, **asked: Any) -> AsyncIterator[Json]:
    """The records of a list, page by page. Raises: Trouble where the API refuses it."""
    cursor: dict[str, str] = {}
    while True:
        answer = await api.get(path, params={"limit": 200, **asked, **cursor})
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"The API does not list {path}: {answer.text}")
        page = answer.json()
        for record in page["data"]:
            yield record
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


async def known_households(api: httpx.AsyncClient) -> Known:
    """Those that are live customers already, by their numbers."""
    return await _known(api, SYSTEM, source=SYSTEM)


async def _known(api: httpx.AsyncClient, system: str, **asked: Any) -> Known:
    rows = every(api, "/customers", **asked)
    return {row["external_ids"][system]: row async for row in rows if system in row["external_ids"]}


async def load(api: httpx.AsyncClient, sample: Sample, households: Known) -> None:
    """Adds to the households that are known already those that are created. What was there stays
    as it is. Raises: Trouble where a body is refused for anything but being there already.
    """
    with Progress(console=out) as progress:
        bar = progress.add_task("Demo customers", total=sample.size)
        loading = Loading(api, progress, bar, households)
        await loading.organizations(sample.organizations)
        queue = iter(sample.persons)
        await asyncio.gather(*(loading.persons(queue) for _ in range(AT_ONCE)))


@dataclass(frozen=True)
class Loading:
    """A body whose external id or tax number is taken counts as loaded."""

    api: httpx.AsyncClient
    progress: Progress
    bar: TaskID
    households: Known

    async def persons(self, queue: Iterator[Json]) -> None:
        for body in queue:
            household = body["external_ids"][SYSTEM]
            if household in self.households:
                self.progress.advance(self.bar)
            elif created := await self._create(body):
                self.households[household] = created

    async def organizations(self, bodies: list[Json]) -> None:
        """Parents come first; `parent` names one by its external id `demo`."""
        there = await _known(self.api, "demo", **ORGANIZATIONS)
        for body in bodies:
            parent = there.get(body.pop("parent", ""), {}).get("id")
            if created := await self._create(body | {"parent_id": parent}):
                there[body["external_ids"]["demo"]] = created

    async def _create(self, body: Json) -> Json | None:
        """None where it was there already."""
        answer = await self.api.post("/customers", json=body)
        said: Json = answer.json()
        is_new = answer.status_code == httpx.codes.CREATED
        if not is_new and said["code"] != "duplicate-value":
            raise Trouble(f"The API refused a demo customer: {answer.text}")
        self.progress.advance(self.bar)
        return said if is_new else None
