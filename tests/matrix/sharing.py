"""What stands between two units: what either has asked for and been given, as it is and ended."""

from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient

from tests.grouping import Group, made
from tests.serving import client_of

from .planting import PLANTED, Ours, planted
from .world import WEST, World

LENT, SOUGHT, WANTED = "lent@example.com", f"{WEST}.sought@example.com", "wanted@example.com"


async def share(group: Group, world: World) -> None:
    """Ours and west ask each other by references; somebody who may do everything decides."""
    told = await group.admin.patch("/tenant", json={"tells_known_to_group": True})
    assert told.is_success, told.text
    far = await group.hire("unit_manager", "west")
    sales = client_of(world.app, world.callers["sales"].key)
    sharing = Sharing(group, sales, far.client)
    wanted = await sharing.known(Ours.marker, WANTED, "ours")
    place = f"/customers/{wanted}/unit-profiles/{group.units['ours']}/add-collaborators"
    await made(group.admin, place, {"collaborator_ids": [world.callers["sales"].user]}, 200)
    profile = await group.admin.get(f"/customers/{wanted}/unit-profiles/{group.units['ours']}")
    world.records["own"] |= {"wanted": wanted, "wanted profile": profile.json()["id"]}
    world.records["for_us"] = await sharing.for_us(world)
    world.records["of_us"] = await sharing.of_us(world, wanted)
    await sharing.within_ours(world, wanted)


@dataclass
class Sharing:
    group: Group
    sales: AsyncClient
    far: AsyncClient

    async def for_us(self, world: World) -> dict[str, str]:
        """A customer of west whom ours sees by a grant; and one whom it has seen, and asks for."""
        world.records["own"]["lent"] = await self.known(Ours.marker, LENT, "west")
        await self.known(WEST, SOUGHT, "west")
        lent = await self.approved(await self.ask(self.sales, **await told(self.sales, LENT)))
        past = await self.approved(await self.ask(self.sales, **await told(self.sales, SOUGHT)))
        await self.revoked(past["access_grant_id"])
        return {
            "arq": (await self.ask(self.sales, **await told(self.sales, SOUGHT)))["id"],
            "agr": lent["access_grant_id"],
            "arq lent": lent["id"],
            "arq past": past["id"],
            "agr past": past["access_grant_id"],
        }

    async def of_us(self, world: World, wanted: str) -> dict[str, str]:
        """What west asks for; and what others have asked for and been given, when all began."""
        own, archived = world.records["own"], world.records["archived"]
        return {
            "arq": (await self.ask(self.far, **await told(self.far, WANTED)))["id"],
            "agr": await self.granted(wanted, "west"),
            "arq before": own["arq"],
            "arq ended before": archived["arq"],
            "agr ended before": archived["agr"],
        }

    async def within_ours(self, world: World, wanted: str) -> None:
        """Of its own customer, by who sells there: withdrawn, and asked for again."""
        withdrawn = await self.ask(self.sales, customer_id=wanted)
        await made(self.sales, f"/access-requests/{withdrawn['id']}/withdraw", None, 200)
        world.records["archived"] |= {
            "arq": withdrawn["id"],
            "agr": await self.revoked(await self.granted(wanted, "ours")),
        }
        world.records["own"]["arq"] = (await self.ask(self.sales, customer_id=wanted))["id"]

    async def known(self, marker: str, email: str, unit: str) -> str:
        points = [{"kind": "email", "value": email}]
        body = planted({**PLANTED["person"], "contact_points": points}, marker)
        customer = (await made(self.group.admin, "/customers", body))["id"]
        await self.group.profile(customer, unit)
        return str(customer)

    async def ask(self, client: AsyncClient, **named: str) -> dict[str, Any]:
        body = planted(PLANTED["createAccessRequest"], Ours.marker)
        return await made(client, "/access-requests", {**body, **named})

    async def approved(self, asked: dict[str, Any]) -> dict[str, Any]:
        return await made(self.group.admin, f"/access-requests/{asked['id']}/approve", {}, 200)

    async def granted(self, customer: str, unit: str) -> str:
        body = planted(PLANTED["createAccessGrant"], Ours.marker)
        named = {"customer_id": customer, "business_unit_id": self.group.units[unit]}
        return str((await made(self.group.admin, "/access-grants", {**body, **named}))["id"])

    async def revoked(self, grant: str) -> str:
        await made(self.group.admin, f"/access-grants/{grant}/revoke", {}, 200)
        return grant


async def told(client: AsyncClient, email: str) -> dict[str, str]:
    """The reference of somebody whom the caller does not see."""
    answer = await made(client, "/customers/resolve", {"email": email}, 200)
    assert (answer["data"], answer["known_to_group"]) == ([], True)
    return {"reference": answer["reference"]}
