"""A group with records of every noun, some of them another unit's, and another tenant beside it."""

from typing import Any
from uuid import uuid4

from asyncpg import Connection
from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.users.resource import USER
from tests.grouping import Group, made
from tests.hostile.catalogue import BODIES, fresh
from tests.hostile.conftest import (
    CUSTOMERS,
    HANDED_OVER,
    MESSAGES,
    RATED,
    RATINGS,
    TICKETS,
    UNDER_WAY,
    UNITS,
    Side,
    asked,
    job,
    noted,
    rated,
    records_of,
)
from tests.serving import client_of

from .people import group_of, hired, key_of
from .planting import PLANTED, Ours, Theirs, planted
from .rules import CALLERS, RULES, UNLIMITED
from .sharing import share
from .telling import hide, tell
from .world import WEST, Caller, Records, World, external_id

KNOWN = [{"kind": "email", "value": "shared@example.com"}]


def _by_prefix(records: Records) -> Records:
    return {id[:3]: id for name, id in records.items() if name.startswith("/v1/")}


def _beside(records: Records) -> Records:
    return {name: id for name, id in records.items() if not name.startswith("/v1/")}


HIDDEN = (
    "createCustomer",
    "createDeal",
    "createReceipt",
    "createOrder",
    "createShipment",
    "createReturn",
    "createActivity",
    "createTask",
    "createTicket",
    "createView",
    "createAccessRequest",
    "createAccessGrant",
)
"""What makes a record that not all in the tenant see."""


async def build(app: FastAPI, house: House, admin: "Connection[Any]", *sides: Side) -> World:
    ours, theirs = sides
    west = await _west(app, house, ours)
    group = await group_of(app, ours, west)
    callers = {name: await hired(group, ours, name) for name in CALLERS}
    records = {
        "own": {**_by_prefix(ours.records), **_beside(ours.records)},
        "archived": {**_by_prefix(ours.archived), RATED: ours.archived[RATED]},
        "other_unit": _by_prefix(west),
        "other_tenant": _by_prefix(theirs.records),
    }
    world = World(app, ours, theirs, records, callers)
    await _work_together(group, world)
    await _please_customers(house, world)
    await _keep_accounts(group, world)
    await _keep_to_themselves(group, house, world)
    await share(group, world)
    await _own_field(group.admin, {**records["own"], "cus": records["other_unit"]["cus"]}, WEST)
    await _own_field(client_of(app, theirs.key), records["other_tenant"], Theirs.marker)
    await tell(house, world)
    await hide(admin, world)
    return world


async def _west(app: FastAPI, house: House, ours: Side) -> Records:
    """Records of another unit, with its marker in what others do not see."""
    client = ours.client
    assert isinstance(client, Ours)
    client.others = dict.fromkeys(HIDDEN, WEST)
    west = await records_of(client)
    west |= await asked(house, client, west[TICKETS])
    hidden = await _customer(app, ours, PLANTED["person"], WEST)
    shared = await _customer(app, ours, {**PLANTED["person"], "contact_points": KNOWN}, Ours.marker)
    unit = f"{CUSTOMERS}/{shared}/unit-profiles/{ours.records[UNITS]}"
    begun = (await client.patch(unit, json={})).json()
    ours.records.update({"shared": shared, "shared profile": begun["id"]})
    for customer in (hidden, shared, west[CUSTOMERS]):
        place = f"{CUSTOMERS}/{customer}/unit-profiles/{west[UNITS]}"
        await client.patch(place, json={})
        moved = await client.post(f"{place}/move", json={"to": "lost", "reason": WEST})
        west["/v1/unit-profiles"] = moved.json()["id"]
    client.records, client.others = ours.records, {}
    west[MESSAGES] = await noted(client, west[TICKETS])
    return {**west, "/v1/subjects": ours.archived["/v1/subjects"]}


async def _customer(app: FastAPI, ours: Side, body: Any, marker: str) -> str:
    customer = await made(client_of(app, ours.key), "/customers", planted(body, marker))
    return str(customer["id"])


async def _own_field(client: AsyncClient, records: Records, marker: str) -> None:
    """A value in a field that the tenant has defined itself."""
    defined = (await client.get(f"/custom-fields/{records['fld']}")).json()["key"]
    place = f"/customers/{records['cus']}"
    given = await client.patch(place, json={"custom": {defined: marker}})
    assert given.status_code == 200, given.text


async def _work_together(group: Group, world: World) -> None:
    """Who reaches only his own works on what is the unit's, and is to win a quota of it."""
    own, archived = world.records["own"], world.records["archived"]
    seller, unit = world.callers["sales"].user, group.units["ours"]
    known = [f"/customers/{id}" for id in (own["cus"], own["shared"], archived["cus"])]
    places = [f"{customer}/unit-profiles/{unit}" for customer in known]
    places += [f"/activities/{id}" for id in (own["act"], archived["act"])]
    places += [f"/deals/{id}" for id in (own["dea"], archived["dea"])]
    put_away = (known[-1], places[-1])
    for record in put_away:
        assert (await group.admin.post(f"{record}/restore")).is_success
    for place in places:
        added = {"collaborator_ids": [seller]}
        assert (await group.admin.post(f"{place}/add-collaborators", json=added)).is_success
    for record in put_away:
        assert (await group.admin.post(f"{record}/archive")).is_success
    for order in (own["ord"], archived["ord"], own[UNDER_WAY], own[HANDED_OVER]):
        given = await group.admin.patch(f"/orders/{order}", json={"owner_id": seller})
        assert given.is_success, given.text
    for ticket in (own["tic"], archived["tic"], own["another ticket"]):
        given = await group.admin.patch(f"/tickets/{ticket}", json={"follower_ids": [seller]})
        assert given.is_success, given.text
    quota = {**fresh(BODIES["createQuota"]), "user_id": seller, "business_unit_id": unit}
    own["quota of the unit"] = own["qta"]
    own["qta"] = (await made(group.admin, "/quotas", quota))["id"]


async def _please_customers(house: House, world: World) -> None:
    """Who reaches only his own has resolved what customers are asked about, and have spoken of."""
    own, client = world.records["own"], world.ours.client
    seller = world.callers["sales"].user
    said = {
        "own": await asked(house, client, own["tic"], assignee_id=seller),
        "archived": await rated(client, own["tic"], assignee_id=seller),
    }
    for whose, told in said.items():
        records = world.records[whose]
        records |= {"rating of the unit": records["rat"], "rat": told[RATINGS]}
        records["ticket of the seller"] = told[RATED]


async def _keep_accounts(group: Group, world: World) -> None:
    """Who reaches only his own handles a receipt of the unit, and one that was reversed."""
    handled, client = {"handler_id": world.callers["sales"].user}, world.ours.client
    place = f"/receipts/{world.records['own']['rcp']}"
    assert (await group.admin.patch(place, json=handled)).is_success
    body = {**fresh(BODIES["createReceipt"]), **PLANTED["createReceipt"], **handled}
    body = client._own(planted({**body, "status": "confirmed"}, Ours.marker))
    receipt = await group.admin.post("/receipts", json=body, headers=_named())
    place = f"/receipts/{receipt.json()['id']}/reverse"
    gone = await group.admin.post(place, json=BODIES["reverseReceipt"], headers=_named())
    told = gone.json()
    world.records["archived"] |= {"rcp": told["id"], "reversal": told["reversed_by_id"]}


def _named() -> dict[str, str]:
    """What a write is told that must not happen twice."""
    return {"Idempotency-Key": str(uuid4())}


async def _keep_to_themselves(group: Group, house: House, world: World) -> None:
    """A view, a job and a task of each who may have them, and of somebody in another unit."""
    far = await group.hire("unit_manager", "west")
    stranger = Caller("stranger", key_of(far), far.id)
    for caller in (*world.callers.values(), stranger):
        for whose in ("own", "archived"):
            caller.own[whose] = await _own(group, house, world, caller, whose)
    sales, strangers = world.callers["sales"].user, {**stranger.own["own"], "behalf": far.id}
    world.records["own"] |= {"behalf": sales or ""}
    world.records["other_unit"] |= strangers
    for whose in ("archived", "other_tenant"):
        world.records[whose]["behalf"] = world.records[whose]["usr"]


async def _own(group: Group, house: House, world: World, caller: Caller, whose: str) -> Records:
    user = USER.prefix.read(caller.user) if caller.user else None
    worked = await job(house, world.ours.tenant, user=user, done=whose == "own")
    client, view = client_of(world.app, caller.key), await _view(group, world, caller)
    if whose == "archived":
        await group.admin.post(f"/jobs/{worked}/cancel")
        for owner in (client, group.admin):
            await owner.delete(f"/views/{view}")
    return {"job": worked, "viw": view, **await _task(group, world, caller, whose)}


async def _task(group: Group, world: World, caller: Caller, whose: str) -> Records:
    """To be done by the caller; of those who see all, by whom others act for, and where somebody
    changes his own alone, by nobody."""
    far = caller.name == "stranger"
    workers = dict.fromkeys(UNLIMITED, world.callers["sales"].user)
    workers |= dict.fromkeys(RULES["change_their_own"])
    body = planted({**BODIES["createTask"], **PLANTED["createTask"]}, WEST if far else Ours.marker)
    body["business_unit_id"] = group.units["west" if far else "ours"]
    body["assignee_id"] = workers.get(caller.name, caller.user)
    task = await made(group.admin, "/tasks", body)
    if whose == "archived":
        for verb, said in (("end-series", None), ("cancel", {})):
            await made(group.admin, f"/tasks/{task['id']}/{verb}", said, 200)
    return {"tsk": task["id"], external_id("tsk"): task["external_ids"]["erp"]}


async def _view(group: Group, world: World, caller: Caller) -> str:
    """One's own; who may have none sees those that are shared."""
    marker = WEST if caller.name == "stranger" else Ours.marker
    body = planted({**BODIES["createView"], **PLANTED["createView"]}, marker)
    own = await client_of(world.app, caller.key).post("/views", json=body)
    if own.is_success:
        return str(own.json()["id"])
    shared = await made(group.admin, "/views", {**body, "shared": True})
    world.shared.add(shared["id"].removeprefix("viw_"))
    return str(shared["id"])
