"""Writes that are repeated, mixed up, late or half rehearsed, and nothing changes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import Connection
from httpx import Response

from crm_api.kit.context import House
from tests.conftest import Unchanged

from .catalogue import BEFORE, DOCUMENT, NAMED, OPERATIONS, SEEN, Operation, read, repeated, title
from .conftest import Side, job, prepared, put_away
from .refusals import pointers, refused

CATALOGUE: dict[str, list[dict[str, Any]]] = read("repetitions.yaml")
KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
TAG = {"$ref": "#/components/parameters/IfMatch"}


def taking(*parameters: dict[str, str]) -> Iterator[Operation]:
    """One of these."""
    for operation in OPERATIONS.values():
        said = DOCUMENT["paths"][operation.path][operation.method.lower()]
        if any(parameter in said.get("parameters", []) for parameter in parameters):
            yield operation


WRITES, CONDITIONAL = list(taking(KEY, NAMED)), list(taking(TAG, SEEN))
SENDING = "testWebhookEndpoint"  # it holds no connection, and so no turn, while it sends
AT_ONCE = ("create", "start", "take", "replay", "changeCustomers", SENDING)
LONGER = [operation for operation in WRITES if not operation.id.startswith(AT_ONCE)]
each_write = pytest.mark.parametrize("operation", WRITES, ids=lambda o: o.id)


def each(kind: str) -> pytest.MarkDecorator:
    cases = [
        pytest.param(text, id=f"{title(case)} {text:.12}")
        for case in CATALOGUE[kind]
        for text in (case.get("values") or [repeated(case["repeat"])])
    ]
    return pytest.mark.parametrize("text", cases)


async def sent(own: Side, operation: Operation, body: Any = None, **said: str) -> Response:
    """The operation with its valid body, or another, and with headers: `If_Match="1"`."""
    given = {name.replace("_", "-").lower(): text for name, text in said.items()}
    named = (operation.headers | given).items()
    headers = [(name.encode(), text.encode()) for name, text in named]
    content = operation.body if body is None else body
    if operation.takes_body:
        headers.append((b"content-type", b"application/json"))
    written = json.dumps(content) if operation.takes_body else None
    if file := operation.file:
        headers.append((b"content-type", file["type"].encode()))
        written = file["content"]
    return await own.client.request(
        operation.method, own.path(operation), headers=headers, content=written
    )


async def ready(own: Side, house: House, operation: Operation) -> Side:
    """With a job that still waits, a record that is prepared, or a custom field: what is restored
    was retired, and purged a minute later."""
    if operation.id in BEFORE:
        made = {operation.collection: await prepared(own.client, operation)}
        return replace(own, records={**own.records, **made})
    if operation.collection == "/v1/jobs":
        return replace(own, records={**own.records, "/v1/jobs": await job(house, own.tenant)})
    place, verb = operation.collection, operation.id.removesuffix("CustomField")
    if verb not in ("retire", "restore", "purge"):
        return own
    field = await own.client.post(place, json=OPERATIONS["createCustomField"].body)
    if verb != "retire":
        await put_away(own.client, place, field.json()["id"])
        await own.client.post("/v1/sandbox/clock/advance", json={"seconds": 60})
    return replace(own, records={**own.records, place: field.json()["id"]})


FOUND = (
    "Customers",
    "UnitProfiles",
    "Deals",
    "Receipts",
    "Products",
    "Orders",
    "Activities",
    "Tasks",
    "Tickets",
)


def test_every_write_of_the_contract_may_be_repeated_and_rehearsed() -> None:
    reads = {"getCustomers", "searchCustomers", "searchUnitProfiles", "aggregateCustomers"}
    reads |= {"addBusinessTime", "measureBusinessTime", "previewBusinessUnitMove"}
    reads |= {"previewUserHandover", "explainAccess", "resolveCustomers", "resolvePrices"}
    reads |= {"tryRoutingRules", "trySlaPolicy"}
    reads |= {f"{does}{noun}" for does in ("search", "aggregate") for noun in FOUND}
    wanted = {o.id for o in OPERATIONS.values() if o.method != "GET"} - reads
    assert {operation.id for operation in WRITES} == wanted


@each("keys")
async def test_what_is_no_key_is_refused_by_every_write(
    own: Side, nothing_changes: Unchanged, text: str
) -> None:
    async with nothing_changes():
        for operation in WRITES:
            problem = refused(
                await sent(own, operation, Idempotency_Key=text), 400, "idempotency-key-invalid"
            )
            assert pointers(problem) == {"header:Idempotency-Key"}


@each_write
async def test_a_key_of_another_request_does_nothing(
    own: Side, admin: "Connection[Any]", nothing_changes: Unchanged, operation: Operation
) -> None:
    """The key is known, with the fingerprint of something else."""
    key = str(uuid4())
    await admin.execute(
        "INSERT INTO idempotency_keys (tenant_id, operation, key, fingerprint, status, body, "
        "created_at) VALUES ($1, $2, $3, 'another', 200, '{}', now())",
        own.tenant.id,
        operation.id,
        key,
    )
    async with nothing_changes():
        answer = await sent(own, operation, Idempotency_Key=key)
        refused(answer, 422, "idempotency-key-reused")


@each_write
async def test_an_erased_answer_is_gone_and_nothing_is_done_again(
    own: Side,
    house: House,
    admin: "Connection[Any]",
    nothing_changes: Unchanged,
    operation: Operation,
) -> None:
    if operation.method == "DELETE":
        return
    own = await ready(own, house, operation)
    key, body = str(uuid4()), operation.body
    first = await sent(own, operation, body, Idempotency_Key=key)
    assert first.is_success, first.text
    await admin.execute("UPDATE idempotency_keys SET body = NULL WHERE key = $1", key)
    async with nothing_changes():
        refused(await sent(own, operation, body, Idempotency_Key=key), 410, "gone")


@pytest.mark.parametrize("operation", LONGER, ids=lambda o: o.id)
async def test_who_is_busy_with_the_same_key_elsewhere_is_not_overtaken(
    own: Side, house: House, nothing_changes: Unchanged, operation: Operation
) -> None:
    """Another process holds the key of a transaction."""
    key = str(uuid4())
    turn = f"{own.tenant.id} {operation.id} {key}"
    lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
    async with nothing_changes(), house.pool.line() as line, line.driver.transaction():
        await line.driver.execute(lock, turn)
        answer = await sent(own, operation, Idempotency_Key=key, Crm_Dry_Run="false")
        refused(answer, 409, "request-in-progress")
        assert answer.headers["retry-after"] == "1"


@each("tags")
async def test_a_tag_that_does_not_fit_stops_every_conditional_write(
    own: Side, nothing_changes: Unchanged, text: str
) -> None:
    async with nothing_changes():
        for operation in CONDITIONAL:
            late = await sent(own, operation, If_Match=text)
            problem = refused(late, 412, "precondition-failed")
            assert problem["current_version"] >= 1
            assert problem["changed"] is None


@each("rehearsals")
async def test_half_a_rehearsal_is_none(own: Side, nothing_changes: Unchanged, text: str) -> None:
    async with nothing_changes():
        for operation in WRITES:
            problem = refused(
                await sent(own, operation, Crm_Dry_Run=text), 422, "validation-failed"
            )
            assert pointers(problem) == {"header:Crm-Dry-Run"}


@each_write
async def test_a_rehearsal_changes_nothing(
    own: Side, house: House, nothing_changes: Unchanged, operation: Operation
) -> None:
    own = await ready(own, house, operation)
    async with nothing_changes():
        answer = await sent(own, operation, Crm_Dry_Run="true", Idempotency_Key=str(uuid4()))
    if (
        operation.id.startswith("restore") and operation.id != "restoreCustomField"
    ):  # it is live, and the rehearsal says so
        refused(answer, 409, "invalid-transition")
    else:
        assert answer.is_success, answer.text
        assert answer.headers["crm-dry-run"] == "true"


@each_write
async def test_a_write_that_is_repeated_is_done_once(
    own: Side, house: House, nothing_changes: Unchanged, operation: Operation
) -> None:
    if operation.method == "DELETE":
        return
    own = await ready(own, house, operation)
    key, body = str(uuid4()), operation.body
    first = await sent(own, operation, body, Idempotency_Key=key)
    assert first.is_success, first.text
    async with nothing_changes():
        again = await sent(own, operation, body, Idempotency_Key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
