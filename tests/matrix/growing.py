"""A group with records of every noun, some of them another unit's, and another tenant beside it."""

from typing import Any

from asyncpg import Connection
from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.users.resource import USER
from tests.grouping import Group, made
from tests.hostile.catalogue import BODIES
from tests.hostile.conftest import CUSTOMERS, UNITS, Side, job, records_of
from tests.serving import client_of

from .people import group_of, hired, key_of
from .planting import PLANTED, Ours, Theirs, planted
from .rules import CALLERS, RULES, UNLIMITED
from .sharing import share
from .telling import hide, tell
from .world import WEST, Caller, Records, World, external_id

HIDDEN = ("createCustomer", "createView", "createAccessRequest", "createAccessGrant", "createTask")
"""What makes a record that not all in the tenant see."""
KNOWN = [{"kind": "email", "value": "shared@example.com"}]


def _by_prefix(records: Records) -> Records:
    return {id[:3]: id for name, id in records.items() if name.startswith("/v1/")}


def _beside(records: Records) -> Records:
    return {name: id for name, id in records.items() if not name.startswith("/v1/")}


async def build(app: FastAPI, house: House, admin: "Connection[Any]", *sides: Side) -> World:
    ours, theirs = sides
    west = await _west(app, ours)
    group = await group_of(app, ours, west)
    callers = {name: await hired(group, ours, name) for name in CALLERS}
    records = {
        "own": {**_by_prefix(ours.records), **_beside(ours.records)},
        "archived": _by_prefix(ours.archived),
        "other_unit": _by_prefix(west),
        "other_tenant": _by_prefix(theirs.records),
    }
    world = World(app, ours, theirs, records, callers)
    await _work_together(group, world)
    await _keep_to_themselves(group, house, world)
    await share(group, world)
    await _own_field(group.admin, {**records["own"], "cus": records["other_unit"]["cus"]}, WEST)
    await _own_field(client_of(app, theirs.key), records["other_tenant"], Theirs.marker)
    await tell(house, world)
    await hide(admin, world)
    return world


async def _west(app: FastAPI, ours: Side) -> Records:
    """Records of another unit, with its marker in what others do not see."""
    client = ours.client
    assert isinstance(client, Ours)
    client.others = dict.fromkeys(HIDDEN, WEST)
    west = await records_of(client)
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
    client.records = ours.records
    return {**west, "/v1/subjects": ours.archived["/v1/subjects"]}


async def _customer(app: FastAPI, ours: Side, body: Any, marker: str) -> str:
    made = await client_of(app, ours.key).post("/customers", json=planted(body, marker))
    return str(made.json()["id"])


async def _own_field(client: AsyncClient, records: Records, marker: str) -> None:
    """A value in a field that the tenant has defined itself."""
    defined = (await client.get(f"/custom-fields/{records['fld']}")).json()["key"]
    place = f"/customers/{records['cus']}"
    given = await client.patch(place, json={"custom": {defined: marker}})
    assert given.status_code == 200, given.text


async def _work_together(group: Group, world: World) -> None:
    """Who reaches only his own works on what is the unit's."""
    own, archived = world.records["own"], world.records["archived"]["cus"]
    await group.admin.post(f"/customers/{archived}/restore")
    for customer in (own["cus"], own["shared"], archived):
        place = f"/customers/{customer}/unit-profiles/{group.units['ours']}/add-collaborators"
        added = {"collaborator_ids": [world.callers["sales"].user]}
        assert (await group.admin.post(place, json=added)).is_success
    await group.admin.post(f"/customers/{archived}/archive")


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
    made = await client_of(world.app, caller.key).post("/views", json=body)
    if not made.is_success:
        made = await group.admin.post("/views", json={**body, "shared": True})
        world.shared.add(made.json()["id"].removeprefix("viw_"))
    return str(made.json()["id"])
