"""What has happened, for those who follow it; and what of it no answer may tell a caller."""

from collections.abc import Iterator
from typing import Any

from asyncpg import Connection
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.webhook_deliveries.delivering import crew as deliverers
from crm_api.platform.webhook_deliveries.following import Following
from tests.serving import client_of

from .places import KNOWN_ELSEWHERE
from .planting import Theirs
from .rules import BETWEEN, RULES, UNLIMITED, holds, is_between, sees
from .sending import hexadecimals
from .world import WEST, Caller, Records, World, external_id

HIDDEN = """
SELECT object_id, id FROM events WHERE tenant_id = $1
AND split_part(type, '.', 1) IN ('customer', 'unit_profile', 'access_request', 'access_grant',
    'activity', 'task', 'job', 'view', 'deal', 'order', 'shipment', 'return', 'receipt',
    'quota', 'ticket', 'ticket_message', 'rating')"""
OURS = ("own", "archived", *BETWEEN)
THEIRS = "SELECT object_id, id FROM events WHERE tenant_id = $1"


async def tell(house: House, world: World) -> None:
    """What has happened, to be followed; and what other systems call the records."""
    await Sequencer(house.pool).number_all()
    await Following(house).turn()
    sending = deliverers(house)
    await sending.turn()
    await sending.leave()
    for whose, records in world.records.items():
        side = world.theirs if whose == "other_tenant" else world.ours
        if "cus" in records:
            records |= await _told_of(client_of(world.app, side.key), records)


async def _told_of(client: AsyncClient, records: Records) -> Records:
    """An event of the customer, a stage, external ids, and what was sent to the endpoint."""
    customer = records["cus"]
    events = (await client.get("/events", params={"object_id": customer})).json()["data"]
    pipeline = (await client.get(f"/pipelines/{records['pip']}")).json()
    told = {"evt": events[0]["id"], "stg": pipeline["stages"][0]["id"]}
    for place, prefix in KNOWN_ELSEWHERE.items():
        record = await client.get(f"{place.removeprefix('/v1')}/{records[prefix]}")
        told[external_id(prefix)] = record.json()["external_ids"]["erp"]
    sent = await client.get(f"/webhook-endpoints/{records['whe']}/deliveries")
    return told | ({"dlv": sent.json()["data"][0]["id"]} if sent.is_success else {})


async def hide(admin: "Connection[Any]", world: World) -> None:
    """What each caller must not meet: all of the other tenant's, and, of what not all see, all that
    is not his."""
    theirs = await admin.fetch(THEIRS, world.theirs.tenant.id)
    reached = await admin.fetch(HIDDEN, world.ours.tenant.id)
    foreign = {id.hex for row in theirs for id in row}
    for caller in world.callers.values():
        caller.hidden, caller.markers = set(foreign), (Theirs.marker.encode(),)
        if caller.name not in UNLIMITED:
            seen = _seen(world, caller)
            rows = (row for row in reached if row["object_id"].hex not in seen)
            caller.hidden |= {id.hex for row in rows for id in row}
            caller.markers += (WEST.encode(),)


def _seen(world: World, caller: Caller) -> set[str]:
    named = {id for whose in OURS for id in _shown(caller.name, whose, world.records[whose])}
    named |= {id for records in caller.own.values() for id in records.values()}
    named |= {
        records["tsk"]
        for other in world.callers.values()
        if _works_on_tasks_of(caller, other)
        for records in other.own.values()
    }
    return hexadecimals(" ".join(named).encode()) | world.shared


def _works_on_tasks_of(caller: Caller, other: Caller) -> bool:
    """Those of the unit, or of others only what is to be done by whom they act for."""
    if caller.name not in RULES["own_tasks"]:
        return True
    return caller.name == RULES["behalf"]["own"] and other.name in UNLIMITED


def _shown(caller: str, whose: str, records: Records) -> Iterator[str]:
    """What stands between units is there for those who may see that noun, and it; a task of the
    unit for those who do not see their own alone."""
    for id in records.values():
        noun = RULES["prefixes"].get(id[:3], "")
        if noun == "tasks" and caller in RULES["own_tasks"]:
            continue
        if not is_between(noun) or (holds(caller, noun, "sees") and sees(caller, noun, whose)):
            yield id
