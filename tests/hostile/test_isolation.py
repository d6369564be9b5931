"""What one tenant may learn of another, and do to it: nothing, through any operation."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Connection
from httpx import Response

from crm_api.api import jobs
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.db import Base
from crm_api.kit.pool import Line
from crm_api.platform.jobs.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged

from .catalogue import (
    BEFORE,
    DOCUMENT,
    EXTERNAL,
    NAMING_RECORDS,
    OPERATIONS,
    TAKING_BODIES,
    Operation,
    fresh,
    read,
)
from .catalogue import title as named
from .conftest import (
    DEALS,
    DELIVERY,
    ORDERS,
    TICKETS,
    UNITS,
    Side,
    job,
    prepared,
    put_away,
)
from .refusals import pointers, refused

CATALOGUE = read("isolation.yaml")
NOBODYS = "f" * 32
NAMED = "@named@"
PERSONAL = {"request_id", "instance"}
CONDITIONS = [{}, {"if-match": '"1"'}, {"if-none-match": '"1"'}, {"if-match": "*"}]
TENANT_TABLES = sorted(
    name for name, table in Base.metadata.tables.items() if "tenant_id" in table.c
)
SHARED_TABLES = {
    "issuer_index",
    "key_index",
    "narrow_lanes",
    "sequencer_state",
    "tenants",
    "timers",
}
on_records = pytest.mark.parametrize("operation", NAMING_RECORDS, ids=lambda o: o.id)


def unknown(id: str) -> str:
    """An id of the same noun that nobody has."""
    return f"{id.partition('_')[0]}_{NOBODYS}"


def alike(one: Response, two: Response) -> None:
    """The two answers tell the same, but for the request and the address that was asked for."""
    volatile = {"request-id", "date", "ratelimit"}
    assert one.status_code == two.status_code
    assert {k: v for k, v in one.headers.items() if k not in volatile} == {
        k: v for k, v in two.headers.items() if k not in volatile
    }
    assert impersonal(one) == impersonal(two)


def impersonal(response: Response) -> Any:
    said = response.json()
    return {k: v for k, v in said.items() if k not in PERSONAL}


async def call(side: Side, operation: Operation, id: str, **said: Any) -> Response:
    given: dict[str, Any] = {"headers": operation.headers}
    given |= {"json": operation.body} if operation.takes_body else {}
    given |= said
    if (file := operation.file) and "content" not in said:
        given["headers"] = {**given["headers"], "content-type": file["type"]}
        given["content"] = file["content"]
    return await side.client.request(operation.method, side.path(operation, id), **given)


def test_what_becomes_of_an_archived_record_is_said_of_every_operation() -> None:
    assert set(CATALOGUE["archived"]) == {operation.id for operation in NAMING_RECORDS}


@on_records
async def test_an_archived_record_of_ones_own_is_read_or_restored_but_not_changed(
    own: Side, nothing_changes: Unchanged, operation: Operation
) -> None:
    """This is asked first: a field that was retired a minute ago may be purged."""
    expected, id = CATALOGUE["archived"][operation.id], own.archived[operation.collection]
    if expected.get("changes"):
        assert (await call(own, operation, id)).status_code == expected["status"]
        if operation.id.startswith(("restore", "reopen", "activateProduct")):
            await put_away(own.client, operation.collection, id)
        return
    async with nothing_changes():
        response = await call(own, operation, id)
    if expected["status"] < 300:
        state = None if expected.get("stateless") else expected.get("state", "archived")
        told = response.json()
        assert (response.status_code, told.get("state", told.get("status"))) == (200, state)
    else:
        refused(response, expected["status"], expected["code"])


@on_records
@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
async def test_a_record_of_another_tenant_is_one_that_is_not_there(
    own: Side,
    other: Side,
    nothing_changes: Unchanged,
    operation: Operation,
    condition: dict[str, str],
) -> None:
    for foreign in (other.records[operation.collection], other.archived[operation.collection]):
        async with nothing_changes():
            found = await call(own, operation, foreign, headers=condition)
            missed = await call(own, operation, unknown(foreign), headers=condition)
        refused(found, 404, "not-found")
        alike(found, missed)


@on_records
async def test_not_even_a_wrong_request_tells_whether_another_tenants_record_is_there(
    own: Side, other: Side, nothing_changes: Unchanged, operation: Operation
) -> None:
    foreign = other.records[operation.collection]
    for wrong in ({"params": {"x": "1"}}, {"json": {"tenant_id": "x"}}, {"content": b"{"}):
        async with nothing_changes():
            found = await call(own, operation, foreign, **{"json": None, **wrong})
            missed = await call(own, operation, unknown(foreign), **{"json": None, **wrong})
        assert found.status_code in (404, 415, 422)
        alike(found, missed)


@on_records
async def test_the_operation_works_on_a_record_of_ones_own(
    other: Side, house: House, operation: Operation
) -> None:
    """Without this, a door that is shut to all would pass for one that is shut to strangers."""
    creating, id = _creating(operation.collection), other.records[operation.collection]
    creating = None if DELIVERY in operation.path else creating
    if creating is not None:
        made = await other.client.post(operation.collection, json=creating.body)
        id = made.json()["id"]
    if operation.id in BEFORE:
        id = await prepared(other.client, operation)
    if operation.collection == "/v1/jobs":
        id = await job(house, other.tenant, done=operation.id == "getJobResult")
    if operation.id.startswith(("restore", "purge")):
        await put_away(other.client, operation.collection, id)
        await other.client.post("/v1/sandbox/clock/advance", json={"seconds": 60})
    response = await call(other, operation, id)
    assert response.is_success, response.text


def _creating(collection: str) -> Operation | None:
    """None for what is only read."""
    every = OPERATIONS.values()
    return next((o for o in every if (o.path, o.method) == (collection, "POST")), None)


def _schemas(node: Any, place: str = "", above: str = "") -> Iterator[tuple[str, Any]]:
    """All members of a body's schema, those in unions, arrays and objects too, by their path; what
    stands inside itself is looked at once."""
    if name := node.get("$ref", "").rpartition("/")[2]:
        node, above = {} if f" {name} " in above else named_schema(name), f"{above} {name} "
    for part in (*node.get("oneOf", ()), *filter(None, [node.get("items")])):
        yield from _schemas(part, place, above)
    for name, part in node.get("properties", {}).items():
        yield f"{place}{name}", part
        yield from _schemas(part, f"{place}{name}/", above)


def named_schema(name: str) -> Any:
    return DOCUMENT["components"]["schemas"][name]


def _names_records(schema: Any) -> bool:
    return "_[0-9a-f]{32}" in json.dumps(schema)


def test_every_reference_in_a_body_is_attacked() -> None:
    contract = {
        (operation.id, name)
        for operation in TAKING_BODIES
        for name, schema in _schemas(_body_schema(operation))
        if _names_records(schema)
    }
    kinds = ("references", "parts", "items", "later", "looked_up", "passed_over")
    cases = [case for kind in kinds for case in CATALOGUE[kind]]
    assert {(case["operation"], case["at"]) for case in cases} == contract


def _body_schema(operation: Operation) -> Any:
    said = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return said["requestBody"]["content"]["application/json"]["schema"]


def test_every_reference_in_a_query_is_attacked() -> None:
    contract = {
        (operation.id, parameter["name"])
        for operation in OPERATIONS.values()
        for parameter in DOCUMENT["paths"][operation.path][operation.method.lower()].get(
            "parameters", ()
        )
        if parameter.get("in") == "query" and _names_records(parameter)
    }
    kinds = ("filters", "figures", "filters_of_events", "places")
    cases = [case for kind in kinds for case in CATALOGUE[kind]]
    assert {(case["operation"], case["at"]) for case in cases} == contract


def _reference_id(case: Any) -> str:
    return f"{case['row']} {case['operation']} {case['at']}"


async def _made(side: Side, collection: str = "/v1/customers", body: Any = None) -> str:
    """A record that others may name."""
    made = await side.client.post(collection, json=fresh(body or CATALOGUE["named"][collection]))
    return str(made.json()["id"])


async def _named(side: Side, case: dict[str, Any]) -> str:
    id = await _made(side, case["names"], case.get("made"))
    if "then" in case:
        await _done(side, f"{case['names']}/{id}/{case['then']}")
    return id


async def _done(side: Side, place: str) -> None:
    done = await side.client.post(place)
    assert done.status_code == 200, done.text


@pytest.mark.parametrize("case", CATALOGUE["references"], ids=_reference_id)
async def test_a_reference_to_another_tenants_record_leads_nowhere(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation, foreign = OPERATIONS[case["operation"]], await _named(other, case)
    mine = await _named(own, case)
    target = await _made(own, operation.collection) if operation.names_a_record else ""
    target = await prepared(own.client, operation) if operation.id in BEFORE else target

    async def referring(id: str) -> Response:
        if case.get("new"):
            path = operation.path.replace(EXTERNAL, f"sap/n{uuid4().hex}")
            return await own.client.patch(path, json=_naming(case, id))
        return await call(own, operation, target, json=_naming(case, id))

    async with nothing_changes():
        found, missed = await referring(foreign), await referring(unknown(foreign))
    problem = refused(found, 422, "unknown-reference")
    assert pointers(problem) == {_place(case)}
    alike(found, missed)
    assert (await referring(mine)).is_success


def _naming(case: dict[str, Any], id: str) -> Any:
    """The body with an id in its place, perhaps one of several, or in the one item of a list, or in
    a part of it."""
    name, _, inner = case["at"].partition("/")
    named = [id] if case.get("several") else id
    if inner and "item" in case:
        return fresh({**case.get("body", {}), name: [{**case["item"], inner: named}]})
    if inner:
        return fresh({**case["body"], name: {inner: named}})
    return fresh({**case["body"], name: named})


def _place(case: dict[str, Any]) -> str:
    name, _, inner = case["at"].partition("/")
    within = f"{'/0' * ('item' in case)}/{inner}" * bool(inner)
    return f"/{name}{within}{'/0' * bool(case.get('several'))}"


@pytest.mark.parametrize("case", CATALOGUE["parts"], ids=_reference_id)
async def test_a_part_of_another_tenants_record_is_one_that_is_not_there(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation, foreign = OPERATIONS[case["operation"]], other.records[case["names"]]
    target = await prepared(own.client, operation)
    async with nothing_changes():
        found, missed = [
            await call(own, operation, target, json={**operation.body, case["at"]: [id]})
            for id in (foreign, unknown(foreign))
        ]
    assert pointers(refused(found, 422, "unknown-reference")) == {f"/{case['at']}/0"}
    alike(found, missed)


@pytest.mark.parametrize("case", CATALOGUE["passed_over"], ids=_reference_id)
async def test_what_need_not_be_there_tells_nothing_of_another_tenants_record(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation, foreign = OPERATIONS[case["operation"]], await _made(other, case["names"])
    target = await prepared(own.client, operation)
    kept = operation.needs_a_name  # with its name, so it is rehearsed
    rehearsed = {"headers": {"crm-dry-run": "true"}} if kept else {}
    async with nothing_changes():
        found, missed = [
            await call(own, operation, target, json={case["at"]: [id]}, **rehearsed)
            for id in (foreign, unknown(foreign))
        ]
    assert found.is_success
    alike(found, missed)


@pytest.mark.parametrize("case", CATALOGUE["items"], ids=_reference_id)
async def test_an_item_that_refers_to_another_tenants_record_fails_as_if_it_were_nobodys(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation, foreign = OPERATIONS[case["operation"]], await _named(other, case)
    mine, external = await _named(own, case), uuid4().hex
    is_known = case["at"].startswith("items/data/")
    inside = {**case, "at": case["at"].removeprefix("items/").removeprefix("data/")}

    async def referring(id: str, **options: Any) -> Response:
        said = _naming(inside, id)
        item = {"external_id": external, "data": said} if is_known else said
        system = {"system": "sap"} if is_known else {}
        return await call(own, operation, "", json={**system, "items": [item], **options})

    async with nothing_changes():
        for options in ({}, {"atomic": True}):
            found = await referring(foreign, **options)
            missed = await referring(unknown(foreign), **options)
            assert _told(found) == _told(missed)
            assert found.status_code == missed.status_code
    (outcome,) = (await referring(foreign)).json()["data"]
    assert (outcome["outcome"], outcome["problem"]["code"]) == ("failed", "unknown-reference")
    assert pointers(outcome["problem"]) == {f"{'/data' * is_known}{_place(inside)}"}
    assert (await referring(mine)).status_code == 200


def _told(response: Response) -> str:
    """The answer but for what names the request."""
    return response.text.replace(response.headers["request-id"], "")


@pytest.mark.parametrize("case", CATALOGUE["later"], ids=_reference_id)
async def test_a_job_does_nothing_to_another_tenants_record(
    own: Side, other: Side, house: House, case: dict[str, Any]
) -> None:
    operation, foreign = OPERATIONS[case["operation"]], await _made(other)
    target = await _made(own)
    before = (await other.client.get(f"/v1/customers/{foreign}")).content

    async def told(id: str) -> dict[str, Any]:
        """What the result says of the one record that was named."""
        inside = {"values": {"parent_id": id}, "ids": [target]}
        named = {"ids": [id]} if case["at"] == "ids" else inside
        accepted = await own.client.post(operation.path, json={**case["body"], **named})
        await do_once([crew(house, jobs)], asyncio.Event())
        result = await own.client.get(f"{accepted.headers['location']}/result")
        return dict(json.loads(result.text)["problem"])

    found, missed = await told(foreign), await told(unknown(foreign))
    assert found["code"] == missed["code"] == case["code"]
    assert {k: v for k, v in found.items() if k not in PERSONAL} == {
        k: v for k, v in missed.items() if k not in PERSONAL
    }
    assert (await other.client.get(f"/v1/customers/{foreign}")).content == before


@pytest.mark.parametrize("case", CATALOGUE["looked_up"], ids=_reference_id)
async def test_a_record_of_another_tenant_is_missing_like_one_of_nobody(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation, mine = OPERATIONS[case["operation"]], own.records[case["names"]]
    async with nothing_changes():
        for foreign in (other.records[case["names"]], other.archived[case["names"]]):
            found, missed = [
                await call(own, operation, "", json={case["at"]: [id, mine]})
                for id in (foreign, unknown(foreign))
            ]
            assert found.status_code == 200, found.text
            assert found.json()["missing"] == [foreign]
            assert [item["id"] for item in found.json()["data"]] == [mine]
            assert found.text.replace(foreign, unknown(foreign)) == missed.text


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
async def test_an_external_id_of_another_tenant_is_one_that_nobody_knows(
    own: Side, other: Side, nothing_changes: Unchanged, condition: dict[str, str]
) -> None:
    theirs = "/v1/customers/external/sap/theirs"
    await other.client.patch(theirs, json={"kind": "person", "name": "A"})
    async with nothing_changes():
        for method, body in (("GET", None), ("PATCH", {"name": "B"})):
            found, missed = [
                await own.client.request(
                    method,
                    path,
                    json=body,
                    headers=condition,
                    params={"if_missing": "fail"} if body else {},
                )
                for path in (theirs, theirs.replace("theirs", "nobody"))
            ]
            refused(found, 404, "not-found")
            alike(found, missed)


async def test_an_external_id_of_another_tenant_is_free_for_records_of_ones_own(
    own: Side, other: Side
) -> None:
    path, body = "/v1/customers/external/sap/both", {"kind": "person", "name": "Theirs"}
    theirs = await other.client.patch(path, json=body)
    await other.client.patch(theirs.headers["location"], json={"external_ids": {"sap": "renamed"}})
    kept = (await other.client.get(path)).content
    mine = await own.client.patch(path, json={**body, "name": "Mine"})
    assert (mine.status_code, mine.json()["name"]) == (201, "Mine")
    item = {"external_id": "renamed", "data": {**body, "name": "Mine too"}}
    batch = await own.client.post(
        "/v1/customers/batch-upsert", json={"system": "sap", "items": [item]}
    )
    assert batch.json()["data"][0]["outcome"] == "created"
    assert (await other.client.get(path)).content == kept


@pytest.mark.parametrize("case", CATALOGUE["filters"], ids=_reference_id)
async def test_a_filter_by_another_tenants_record_finds_nothing(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation = OPERATIONS[case["operation"]]
    parent = await _found_by(other, operation, case)

    async def asking(side: Side, id: str) -> Response:
        return await side.client.get(operation.path, params={case["at"]: id})

    async with nothing_changes():
        found, missed = await asking(own, parent), await asking(own, unknown(parent))
    assert (found.status_code, found.content) == (200, missed.content)
    assert found.json()["data"] == []
    assert len((await asking(other, parent)).json()["data"]) == case.get("finds", 1)


async def _found_by(side: Side, operation: Operation, case: dict[str, Any]) -> str:
    """A record of which the query finds another."""
    if "profile" in case or "rates" in case:
        return await (_profiled if "profile" in case else _rated)(side, case)
    if case.get("asks"):
        return await _asking(side)
    if case.get("acts"):
        return await _acting(side, operation)
    if case.get("itself"):
        return await _made(side, case["names"])
    if case["names"] == "a stage":
        return await _staged(side)
    return await _below(side, operation, case) if "body" in case else await _linked(side)


async def _profiled(side: Side, case: dict[str, Any]) -> str:
    """What a new profile names, or is of."""
    named = await _made(side, case["names"])
    at = {place: await _made(side, place) for place in ("/v1/customers", "/v1/business-units")}
    at[case["names"]] = named
    path = f"/v1/customers/{at['/v1/customers']}/unit-profiles/{at['/v1/business-units']}"
    body = json.loads(json.dumps(case["profile"]).replace(NAMED, named))
    assert (await side.client.patch(path, json=body)).status_code == 201
    return named


async def _rated(side: Side, case: dict[str, Any]) -> str:
    """What a ticket names of which a customer speaks, or the ticket itself."""
    named = await _made(side, case["names"])
    said = {**CATALOGUE["named"][TICKETS], case["rates"]: named}
    ticket = named if case["names"] == TICKETS else await _made(side, TICKETS, said)
    for verb, body in (("resolve", {}), ("rate", {"score": 5})):
        done = await side.client.post(f"{TICKETS}/{ticket}/{verb}", json=body)
        assert done.is_success, done.text
    return named


async def _asking(side: Side) -> str:
    """A user who asked for access, and was given it."""
    asking = OPERATIONS["createAccessRequest"]
    user, asked = await _by_somebody(side, asking)
    assert (await side.client.post(f"{asking.path}/{asked}/approve", json={})).is_success
    return user


async def _acting(side: Side, operation: Operation) -> str:
    """A user who made a record."""
    creating = _creating(operation.collection)
    assert creating
    return (await _by_somebody(side, creating))[0]


async def _by_somebody(side: Side, creating: Operation) -> tuple[str, str]:
    """A user who may do everything, and the record that the user made."""
    user = await prepared(side.client, OPERATIONS["suspendUser"])
    roles = await side.client.get("/v1/roles", params={"code": "group_administrator"})
    held = {"user_id": user, "role_id": roles.json()["data"][0]["id"]}
    await side.client.post("/v1/role-assignments", json=held)
    made = await side.client.post(
        creating.path, json=creating.body, headers={"Crm-On-Behalf-Of": user}
    )
    assert made.status_code == 201, made.text
    return user, str(made.json()["id"])


async def _below(side: Side, operation: Operation, case: dict[str, Any]) -> str:
    """A record that another one names, as the case says."""
    parent = await _named(side, case)
    if case.get("joins"):
        place = f"{operation.path}/{await _made(side, operation.path)}/add-members"
        assert (await side.client.post(place, json={case["joins"]: [parent]})).is_success
        return parent
    below = fresh(json.loads(json.dumps(case["body"]).replace(NAMED, parent)))
    if "sells" in case:
        below["order_id"] = await _sold(side, case["sells"], parent)
    elif NAMED not in json.dumps(case["body"]):
        below[case.get("by", case["at"])] = [parent] if case.get("several") else parent
    assert (await side.client.post(case.get("into", operation.path), json=below)).is_success
    return parent


async def _sold(side: Side, body: Any, named: str) -> str:
    """An order that was handed over."""
    order = await _made(side, ORDERS, json.loads(json.dumps(body).replace(NAMED, named)))
    await _done(side, f"{ORDERS}/{order}/complete")
    return order


async def _staged(side: Side) -> str:
    """The stage where a new deal is, of a new pipeline."""
    said = {**CATALOGUE["named"][DEALS], "pipeline_id": await _made(side, "/v1/pipelines")}
    return str((await side.client.post(DEALS, json=said)).json()["stage_id"])


@pytest.mark.parametrize("case", CATALOGUE["figures"], ids=_reference_id)
async def test_figures_of_another_tenants_records_are_those_of_nobodys(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    operation = OPERATIONS[case["operation"]]
    named, pipeline = await _figured(other, case)

    async def asking(side: Side, id: str) -> Any:
        of = pipeline if side is other else ""
        path = side.path(operation, of or await _default_pipeline(side))
        return (await side.client.get(path, params={case["at"]: id})).json()

    async with nothing_changes():
        assert await asking(own, named) == await asking(own, unknown(named))
        assert await asking(other, named) != await asking(other, unknown(named))


async def _figured(side: Side, case: dict[str, Any]) -> tuple[str, str]:
    """What a deal names, or a rated ticket, of which figures tell; and the deal's pipeline."""
    if "rates" in case:
        return await _rated(side, case), ""
    named = await _made(side, case["names"])
    deal = {**CATALOGUE["named"][DEALS], case.get("by", case["at"]): named}
    deal["amount"], deal["expected_close_on"] = {"amount": "7", "currency": "CNY"}, "2020-01-01"
    return named, (await side.client.post(DEALS, json=deal)).json()["pipeline_id"]


async def _default_pipeline(side: Side) -> str:
    asked = {"default_in": side.records[UNITS]}
    (found,) = (await side.client.get("/v1/pipelines", params=asked)).json()["data"]
    return str(found["id"])


async def _linked(side: Side) -> str:
    """A subject that a user is linked to."""
    user = await prepared(side.client, OPERATIONS["unlinkUser"])
    return str((await side.client.get(f"/v1/users/{user}")).json()["subject_id"])


@pytest.mark.parametrize("case", CATALOGUE["filters_of_events"], ids=_reference_id)
async def test_what_happened_to_or_by_another_tenants_record_is_not_told(
    own: Side, other: Side, house: House, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    path, theirs = OPERATIONS[case["operation"]].path, other.records.get(case["names"], "")
    if case["names"] == "me":
        theirs = (await other.client.get("/v1/me")).json()["api_key_id"]
    elif case["names"] == "a cause":
        theirs = await _cause(other, house)

    async def asking(side: Side, id: str) -> Response:
        return await side.client.get(path, params={case["at"]: id})

    async with nothing_changes():
        found, missed = await asking(own, theirs), await asking(own, unknown(theirs))
    assert (found.status_code, found.content) == (200, missed.content)
    assert found.json()["data"] == []
    assert (await asking(other, theirs)).json()["data"]


async def _cause(side: Side, house: House) -> str:
    """An event from which another one followed."""
    gone = await _made(side, "/v1/users")
    await side.client.post("/v1/users", json={"name": "A", "manager_id": gone})
    await side.client.post(f"/v1/users/{gone}/handover", json=OPERATIONS["handOverUser"].body)
    await do_once([crew(house, jobs)], asyncio.Event())
    while await Sequencer(house.pool).number_all():
        pass  # it takes a batch of each tenant, and there are many events by now
    asked = {"type": "user.handed_over", "object_id": gone}
    (told,) = (await side.client.get("/v1/audit-records", params=asked)).json()["data"]
    return str(told["id"])


@pytest.mark.parametrize("case", CATALOGUE["places"], ids=_reference_id)
async def test_another_tenants_event_is_no_place_to_go_on_from(
    own: Side, other: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    path, theirs = OPERATIONS[case["operation"]].path, other.records[case["names"]]
    async with nothing_changes():
        found, missed = [
            await own.client.get(path, params={case["at"]: id}) for id in (theirs, unknown(theirs))
        ]
    assert pointers(refused(found, 422, "validation-failed")) == {f"?{case['at']}"}
    alike(found, missed)


@pytest.mark.parametrize("operation", TAKING_BODIES, ids=lambda o: o.id)
@pytest.mark.parametrize("name", ["tenant_id", "account_id", "owner_id"])
async def test_nothing_is_moved_to_another_tenant(
    own: Side, other: Side, nothing_changes: Unchanged, operation: Operation, name: str
) -> None:
    id = own.records.get(operation.collection, "")
    for tenant in (str(other.tenant.id), f"ten_{other.tenant.id.hex}"):
        async with nothing_changes():
            response = await call(own, operation, id, json={**operation.body, name: tenant})
        assert pointers(refused(response, 422, "validation-failed")) == {f"/{name}"}


@pytest.mark.parametrize("case", CATALOGUE["natural_keys"], ids=named)
async def test_what_is_unique_in_one_tenant_is_free_in_another(
    own: Side, other: Side, case: dict[str, Any]
) -> None:
    path, query = OPERATIONS[case["operation"]].path, case.get("query", {})
    made = []
    for side in (own, other):
        before = await side.client.get(path, params=query)
        response = await side.client.post(path, json=case["body"])
        assert response.status_code == 201, response.text
        made.append(response.json()["id"])
        if query:
            assert before.json()["data"] == []
            after = await side.client.get(path, params=query)
            assert [item["id"] for item in after.json()["data"]] == made[-1:]


async def test_lists_hold_only_what_is_ones_own(own: Side, other: Side) -> None:
    for operation in OPERATIONS.values():
        if not operation.id.startswith("list"):
            continue
        ids = [
            {
                item["id"]
                for item in (
                    await side.client.get(side.path(operation), params={"limit": 200})
                ).json()["data"]
            }
            for side in (own, other)
        ]
        assert ids[0]
        assert ids[1]
        assert not ids[0] & ids[1], operation.id


async def test_a_cursor_is_good_for_one_question_of_one_tenant(
    own: Side, other: Side, nothing_changes: Unchanged
) -> None:
    for side in (own, other):
        for _ in range(2):
            await side.client.post("/v1/customers", json={"kind": "person", "name": "A"})
    first = (await own.client.get("/v1/customers", params={"limit": 1})).json()
    asked = {"limit": 1, "cursor": first["next_cursor"]}
    async with nothing_changes():
        foreign = await other.client.get("/v1/customers", params=asked)
        keys = await own.client.get("/v1/api-keys", params=asked)
        sorted_ = await own.client.get("/v1/customers", params={**asked, "sort": "name"})
        filtered = await own.client.get("/v1/customers", params={**asked, "kind": "person"})
        edited = first["next_cursor"][:-2] + "AA"
        forged = await own.client.get("/v1/customers", params={"cursor": edited})
    for response in (foreign, keys, sorted_, filtered, forged):
        refused(response, 400, "invalid-cursor")
    assert (await own.client.get("/v1/customers", params=asked)).status_code == 200


async def test_an_old_tag_an_old_id_and_an_old_key_open_nothing(
    own: Side, nothing_changes: Unchanged
) -> None:
    made = await own.client.post("/v1/customers", json={"kind": "person", "name": "A"})
    path, tag = made.headers["location"], made.headers["etag"]
    await own.client.patch(path, json={"name": "B"}, headers={"if-match": tag})
    key = await own.client.post("/v1/api-keys", json={"name": "Old", "scopes": ["*"]})
    assert (await own.client.delete(key.headers["location"])).status_code == 204
    again = await own.client.post("/v1/api-keys", json={"name": "Old", "scopes": ["*"]})
    assert again.json()["id"] != key.json()["id"]
    old = {"authorization": f"Bearer {key.json()['secret']}"}
    async with nothing_changes():
        late = await own.client.patch(path, json={"name": "C"}, headers={"if-match": tag})
        gone = await own.client.get(key.headers["location"])
        revoked = await own.client.get("/v1/me", headers=old)
    refused(late, 412, "precondition-failed")
    refused(gone, 404, "not-found")
    refused(revoked, 401, "unauthorized")


async def as_tenant(line: Line, side: Side) -> None:
    await line.driver.execute(f"SELECT set_config('app.tenant', '{side.tenant.id}', true)")


async def refused_by_the_database(
    house: House, side: Side, error: type[Exception], sql: str, *values: Any
) -> None:
    """As crm_app, in a transaction of the tenant that is rolled back in any case."""
    async with house.pool.line() as line:
        await line.driver.execute("BEGIN")
        try:
            await as_tenant(line, side)
            with pytest.raises(error):
                await line.driver.execute(sql, *values)
        finally:
            await line.driver.execute("ROLLBACK")


@pytest.mark.parametrize("table", [name for name in TENANT_TABLES if name not in SHARED_TABLES])
async def test_a_row_that_carries_another_tenants_id_is_refused_by_the_policy(
    house: House, own: Side, other: Side, nothing_changes: Unchanged, table: str
) -> None:
    body = {"kind": "person", "name": "A", "tags": ["a"], "external_ids": {}}
    await own.client.post("/v1/customers", json=body, headers={"Idempotency-Key": table})
    columns = Base.metadata.tables[table].c
    given = ", ".join(f'"{column.name}"' for column in columns if column.computed is None)
    copied = f"""INSERT INTO {table} ({given}) SELECT {given} FROM (SELECT (jsonb_populate_record(r,
        jsonb_build_object('tenant_id', $1::text))).* FROM {table} r LIMIT 1) made"""
    empty = f"""INSERT INTO {table} ({given}) SELECT {given} FROM (SELECT (jsonb_populate_record(
        NULL::{table}, jsonb_build_object('tenant_id', $1::text))).*) made"""
    moved = f"UPDATE {table} SET tenant_id = $1::text::uuid"
    foreign = str(other.tenant.id)
    async with nothing_changes():
        for sql in (copied, empty, moved):
            await refused_by_the_database(
                house, own, asyncpg.InsufficientPrivilegeError, sql, foreign
            )


@pytest.mark.parametrize("table", [name for name in TENANT_TABLES if name not in SHARED_TABLES])
async def test_rows_of_another_tenant_are_neither_seen_nor_touched(
    house: House,
    own: Side,
    other: Side,
    nothing_changes: Unchanged,
    admin: "Connection[Any]",
    table: str,
) -> None:
    body = {"kind": "person", "name": "A", "tags": ["a"], "external_ids": {"crm": table}}
    await other.client.post("/v1/customers", json=body, headers={"Idempotency-Key": table})
    theirs = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"
    assert await admin.fetchval(theirs, other.tenant.id) > 0
    async with nothing_changes(), house.pool.line() as line:
        await line.driver.execute("BEGIN")
        try:
            await as_tenant(line, own)
            assert await line.driver.fetchval(theirs, other.tenant.id) == 0
            if table not in ("events", "audit_checkpoints"):
                deleted = f"DELETE FROM {table} WHERE tenant_id = $1"
                assert await line.driver.execute(deleted, other.tenant.id) == "DELETE 0"
        finally:
            await line.driver.execute("ROLLBACK")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE customers SET parent_id = $2 WHERE id = $1",
        "INSERT INTO customer_keys SELECT tenant_id, 'tag', 'x', $2 FROM customers WHERE id = $1",
    ],
)
async def test_a_child_of_another_tenants_row_is_refused_by_its_foreign_key(
    house: House, own: Side, other: Side, nothing_changes: Unchanged, sql: str
) -> None:
    mine, theirs = [UUID((await _made(side))[4:]) for side in (own, other)]
    async with nothing_changes():
        await refused_by_the_database(
            house, own, asyncpg.ForeignKeyViolationError, sql, mine, theirs
        )


async def test_what_stands_beside_a_record_is_of_its_tenant(own: Side, other: Side) -> None:
    """Expansions read under the same policy; a parent of another tenant cannot even be named."""
    seen: dict[str, set[str]] = {}
    for side in (own, other):
        above = {"kind": "organization", "name": "Group"}
        group = (await side.client.post("/v1/customers", json=above)).json()
        below = {"kind": "organization", "name": "Below", "parent_id": group["id"]}
        assert (await side.client.post("/v1/customers", json=below)).status_code == 201
        listed = await side.client.get("/v1/customers", params={"expand": "parent", "limit": 200})
        seen[side.key] = {one["parent"]["id"] for one in listed.json()["data"] if one["parent"]}
        assert group["id"] in seen[side.key]
    assert not seen[own.key] & seen[other.key]
