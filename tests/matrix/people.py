"""Who calls: somebody with each role in one unit of a group, and a stranger of another unit."""

from collections.abc import Iterator

from fastapi import FastAPI
from httpx import AsyncClient

from tests.grouping import Group, Person
from tests.hostile.conftest import UNITS, Side
from tests.serving import client_of

from .rules import CALLERS, NOUNS
from .world import Caller, Records


async def group_of(app: FastAPI, ours: Side, west: Records) -> Group:
    async def with_key(key: str) -> AsyncClient:
        return client_of(app, key)

    client = client_of(app, ours.key)
    listed = (await client.get("/roles", params={"limit": 200})).json()["data"]
    units = {"ours": ours.records[UNITS], "west": west[UNITS]}
    group = Group(client, with_key, units, {role["code"]: role["id"] for role in listed})
    group.roles["nothing"] = await group.role()
    group.roles["looker"] = await group.role(*_seeing())
    return group


def _seeing() -> Iterator[tuple[str, str | None]]:
    """The permissions of who sees what is of the unit, and changes his own."""
    for noun in CALLERS["looker"]:
        by_reach = NOUNS[noun]["seen_by"] == "viewers"
        yield f"{noun}:read", "subtree" if by_reach else None
        if by_reach and CALLERS["looker"][noun] == "changes":
            yield f"{noun}:write", "own"


async def hired(group: Group, ours: Side, name: str) -> Caller:
    if name == "key_for_everything":
        return Caller(name, ours.key)
    person = await group.hire(name, "ours")
    return Caller(name, key_of(person), person.id)


def key_of(person: Person) -> str:
    return person.client.headers["authorization"].removeprefix("Bearer ")
