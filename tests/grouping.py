"""A group with subsidiaries, and people who work in them, each with a key that acts as them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from tests.conftest import WithKey

Json = dict[str, Any]
TREE = {"east": "group", "shanghai": "east", "hangzhou": "east", "west": "group"}


@dataclass
class Group:
    """`admin` may do everything; `units` are ids by names: group > east > shanghai, hangzhou; and
    west."""

    admin: AsyncClient
    with_key: WithKey
    units: dict[str, str]
    roles: dict[str, str]

    async def hire(self, role: str, unit: str | None = "shanghai", **said: Any) -> "Person":
        """Somebody who holds a role in a unit, `role` by its code or id."""
        user = await made(self.admin, "/users", {"name": f"{role} {unit}"})
        await made(self.admin, f"/users/{user['id']}/activate", None, 200)
        person = Person(user["id"], await self.key_for(user["id"]))
        await self.give(person, role, unit, **said)
        return person

    async def key_for(self, user: str, *scopes: str) -> AsyncClient:
        said = {"name": "Desk", "scopes": list(scopes or ["*"]), "user_id": user}
        return await self.with_key((await made(self.admin, "/api-keys", said))["secret"])

    async def give(self, person: "Person", role: str, unit: str | None, **said: Any) -> Json:
        where = {"business_unit_id": self.units[unit]} if unit else {}
        held = {"user_id": person.id, "role_id": self.roles.get(role, role), **where, **said}
        return await made(self.admin, "/role-assignments", held)

    async def role(self, *permissions: tuple[str, str | None], **said: Any) -> str:
        """The id of a new role."""
        given = [{"scope": scope, "reach": reach} for scope, reach in permissions]
        body = {"name": "Special", "permissions": given, **said}
        return str((await made(self.admin, "/roles", body))["id"])

    async def customer(self, *units: str, **said: Any) -> str:
        """The id of a new customer of these units, made by nobody in particular."""
        name = f"Customer {uuid4().hex[:8]}"
        found = await made(self.admin, "/customers", {"kind": "person", "name": name, **said})
        for unit in units:
            await self.profile(found["id"], unit)
        return str(found["id"])

    async def profile(self, customer: str, unit: str, **said: Any) -> Json:
        place = f"/customers/{customer}/unit-profiles/{self.units[unit]}"
        answer = await self.admin.patch(place, json=said)
        assert answer.status_code in (200, 201), answer.text
        told: Json = answer.json()
        return told

    def at(self, unit: str) -> dict[str, str]:
        return {"Crm-Business-Unit": self.units[unit]}


@dataclass
class Person:
    id: str
    client: AsyncClient

    async def sees(self, path: str = "/customers", **asked: Any) -> set[str]:
        """The ids in a list."""
        return ids(await self.client.get(path, params={"limit": 200, **asked}))


async def grown(admin: AsyncClient, with_key: WithKey) -> Group:
    """A group, in the tenant of somebody who may do everything."""
    units = {
        "group": (await made(admin, "/business-units", {"name": "集团", "kind": "group"}))["id"]
    }
    for name, above in TREE.items():
        body = {"name": name, "kind": "subsidiary", "parent_id": units[above]}
        units[name] = (await made(admin, "/business-units", body))["id"]
    roles = (await admin.get("/roles")).json()["data"]
    return Group(admin, with_key, units, {role["code"]: role["id"] for role in roles})


async def made(client: AsyncClient, path: str, body: Any, status: int = 201) -> Json:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    told: Json = answer.json()
    return told


def ids(answer: Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {record["id"] for record in answer.json()["data"]}
