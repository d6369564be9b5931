"""Callers of several tenants with several roles: each knows the marks of what he may see."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from fastapi import FastAPI

from crm_api.cli.unit import new_tenant
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate

UNITS, RECORDS = ("east", "west"), 6
ROLES = {
    ("unit_manager", "east"): ("east", "owned"),
    ("unit_manager", "west"): ("west",),
    ("sales", "east"): ("owned",),
    ("service_agent", "west"): ("west",),
    ("integration", "east"): ("east", "owned"),
}
"""Whose records a role in a unit sees: the unit's, and those that its salesman owns."""
EVERYTHING = (*UNITS, "owned", "nobody")
BY_MARK = {"kind": "condition", "field": "name", "op": "contains", "value": "mark"}
Json = dict[str, Any]


@dataclass
class Asker:
    """`sees` are marks, `own` and `other` ids of customers that he sees, and does not."""

    client: httpx.AsyncClient
    sees: set[str]
    own: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def question(self, random: Random) -> tuple[str, str, Json | None]:
        """Method, path and body; some read by one statement, some in a transaction, some write."""
        own, other = random.choice(self.own), random.choice(self.other)
        tags = {"tags": [f"tag {random.randrange(20)}"]}
        questions: list[tuple[str, str, Json | None]] = [
            ("GET", "/v1/customers?limit=200&include=total", None),
            ("GET", "/v1/customers?q=mark&sort=name", None),
            ("GET", "/v1/unit-profiles?expand=customer", None),
            ("GET", f"/v1/customers/{own}", None),
            ("GET", f"/v1/customers/{other}", None),
            ("GET", f"/v1/customers/{own}/history", None),
            ("POST", "/v1/customers/search", {"filter": BY_MARK}),
            ("POST", "/v1/customers/aggregate", {"group_by": ["source"]}),
            ("POST", "/v1/customers/batch-get", {"ids": [own, other]}),
            ("POST", f"/v1/customers/{own}/add-tags", tags),
            ("POST", f"/v1/customers/{other}/add-tags", tags),
        ]
        return random.choice(questions)


class Firm:
    """One tenant: its units, and what stands in each."""

    def __init__(self, app: FastAPI, name: str, key: str) -> None:
        self.app, self.name = app, name
        self.admin = self.client(key)
        self.customers: dict[str, list[str]] = {}
        self.askers: list[Asker] = []

    def client(self, key: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://isolation",
            headers={"Authorization": f"Bearer {key}"},
        )

    def mark(self, whose: str) -> str:
        return f"mark_{self.name}_{whose}_"

    async def open(self) -> None:
        units = {unit: await self._id("business-units", name=unit, kind="shop") for unit in UNITS}
        listed = (await self.admin.get("/v1/roles")).json()["data"]
        roles = {role["code"]: role["id"] for role in listed}
        users = {}
        for role, unit in ROLES:
            users[role, unit] = user = await self._id("users", name=f"{role} {unit}")
            await self._post(f"users/{user}/activate")
            held = {"user_id": user, "role_id": roles[role], "business_unit_id": units[unit]}
            await self._post("role-assignments", **held)
        for whose in EVERYTHING:
            await self._records(whose, units.get(whose, units["east"]), users["sales", "east"])
        await self._hire(None, EVERYTHING)
        for place, seen in ROLES.items():
            await self._hire(users[place], seen)

    async def _records(self, whose: str, unit: str, owner: str) -> None:
        mark = self.mark(whose)
        said = {"kind": "person", "name": f"{mark} of {self.name}", "source": mark}
        made = [await self._id("customers", **said) for _ in range(RECORDS)]
        self.customers[whose] = made
        owned = {"owner_id": owner} if whose == "owned" else {}
        for customer in made if whose != "nobody" else ():
            place = f"/v1/customers/{customer}/unit-profiles/{unit}"
            (await self.admin.patch(place, json=owned)).raise_for_status()

    async def _hire(self, user: str | None, seen: tuple[str, ...]) -> None:
        said = {"name": "Desk", "scopes": ["*"], "user_id": user}
        key = (await self._post("api-keys", **said))["secret"]
        own = [id for whose in seen for id in self.customers[whose]]
        self.askers.append(Asker(self.client(key), {self.mark(w) for w in seen}, own))

    async def _id(self, path: str, **body: Any) -> str:
        return str((await self._post(path, **body))["id"])

    async def _post(self, path: str, **body: Any) -> Json:
        answer = await self.admin.post(f"/v1/{path}", json=body or None)
        told: Json = answer.raise_for_status().json()
        return told


async def crowd(app: FastAPI, tenants: int) -> list[Asker]:
    """In new tenants; what one asker does not see is what all the others see."""
    firms = []
    for number in range(tenants):
        made = TenantCreate(name=f"Firm {number}", kind=TenantKind.sandbox)
        _, key = await new_tenant(app.state.house, made)
        firms.append(Firm(app, f"f{number}", key))
        await firms[-1].open()
    every = {id for firm in firms for made in firm.customers.values() for id in made}
    askers = [asker for firm in firms for asker in firm.askers]
    for asker in askers:
        asker.other = sorted(every - set(asker.own))
    return list(_fit(askers))


def _fit(askers: list[Asker]) -> Iterator[Asker]:
    for asker in askers:
        assert asker.own
        assert asker.other
        yield asker
