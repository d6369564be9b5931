"""Whoever changes, removes or adds an event behind our back is found; who erases values is not
taken for one. The mutations are made as the owner of the database, whom no policy holds.

CRM_TEST_MUTATIONS says how many random ones are tried.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection as Admin

from crm_api.cli.unit import new_tenant, operator
from crm_api.features.customers.schemas import CustomerUpdate, PersonCreate, Unmasking
from crm_api.features.customers.service import CustomerService
from crm_api.kit.context import House
from crm_api.kit.failures import as_problem
from crm_api.kit.ids import uuid7
from crm_api.platform.audit import rules
from crm_api.platform.audit.verifier import Verdict, Verifier
from crm_api.platform.journal import sequencer as numbering
from crm_api.platform.journal.rules import BEGINNING, FACTS, Place, link
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from tests.conftest import NewClient
from tests.features.test_customers import create

MUTATIONS = int(os.environ.get("CRM_TEST_MUTATIONS", "20"))
EVENTS = 25
LAST = 0
MAX = "SELECT max(sequence) FROM events WHERE tenant_id = $1"
Mutate = Callable[["Admin[Any]", UUID, Random], Awaitable[str]]
RANDOM = {
    "text": "'x' || gen_random_uuid()::text",
    "uuid": "gen_random_uuid()",
    "integer": "1000 + (random() * 1e6)::int",
    "bigint": "1000 + (random() * 1e6)::int",
    "bytea": "uuid_send(gen_random_uuid())",
    "timestamp with time zone": "now() + random() * interval '9 days'",
}
COLUMNS = """SELECT column_name, data_type, is_nullable = 'YES' AS is_nullable
FROM information_schema.columns WHERE table_name = $1 AND column_name <> ALL($2::text[])"""
# Values that go, to wherever, are erased. How an event is to be read is no fact of the chain.
NOT_EDITED = {"events": ["schema_version", "causation_depth"], "event_values": ["tenant_id"]}
NEVER_NULL = {"data"}
OLD: dict[str, Any] = {
    "id": "019a2b7c-4d5e-7f60-a1b2-c3d4e5f60718",
    "type": "customer.updated",
    "object_id": "019a2b7c-4d5e-7f60-a1b2-c3d4e5f60719",
    "version": 2,
    "actor_id": "019a2b7c-4d5e-7f60-a1b2-c3d4e5f60720",
    "request_id": "req_019a2b7c4d5e7f60a1b2c3d4e5f60718",
    "causation_id": None,
    "created_at": "2026-11-25T16:45:42.255Z",
    "digest": bytes(range(32)),
    "user_id": None,
}
OLD_HASH = "93fa6553dda74df50d6bf00b5421b90da46b4d1536e4dcfa6d47f335a458fa9c"
ALONE_BEFORE = """
SELECT set_config('app.tenant', $1::text, true) IS NOT NULL
AND pg_try_advisory_xact_lock(hashtextextended('sequence ' || $1::text, 0))"""


async def run(house: House, **settled: Any) -> None:
    while await Sequencer(house.pool, **settled).number_all():
        pass


async def verified(admin: "Admin[Any]", tenant: UUID, at_once: int = 10) -> Verdict:
    return await Verifier(admin, tenant, at_once).verify()


def said(verdict: Verdict) -> tuple[int | None, str] | None:
    return (verdict.wrong.sequence, verdict.wrong.said) if verdict.wrong else None


@pytest.fixture(scope="module")
async def chain(house: House) -> UUID:
    """A tenant with a chain of events, some of users, that ends in a checkpoint."""
    tenant, _ = await new_tenant(house, TenantCreate(name="A", kind=TenantKind.sandbox))
    for number in range(EVENTS // 2):
        ctx = operator(house, tenant)
        ctx.actor = replace(ctx.actor, user_id=uuid7() if number % 2 else None)
        made = await CustomerService(ctx).create(PersonCreate(kind="person", name=f"Bob {number}"))
        await ctx.finish()
        ctx = operator(house, tenant)
        await CustomerService(ctx).update(made.id, CustomerUpdate(name=f"Rob {number}"))
        await ctx.finish()
    ctx = operator(house, tenant)
    await CustomerService(ctx).unmask(made.id, Unmasking(reason="Ticket 4711"))
    await ctx.finish()
    await run(house, checkpoint_events=1)
    return tenant.id


@pytest.fixture
async def rolled_back(admin: "Admin[Any]") -> AsyncIterator["Admin[Any]"]:
    transaction = admin.transaction()
    await transaction.start()
    yield admin
    await transaction.rollback()


async def some(admin: "Admin[Any]", tenant: UUID, random: Random, count: int) -> list[Any]:
    rows = await admin.fetch(
        "SELECT id, sequence FROM events WHERE tenant_id = $1 ORDER BY sequence", tenant
    )
    return random.sample(rows, count)


async def edit(admin: "Admin[Any]", tenant: UUID, random: Random, table: str, id: str) -> str:
    (event,) = await some(admin, tenant, random, 1)
    column = random.choice(await admin.fetch(COLUMNS, table, NOT_EDITED[table]))
    value = RANDOM[column["data_type"]]
    name = column["column_name"]
    known = await admin.fetchval(
        f"SELECT {name} IS NULL FROM {table} WHERE tenant_id = $1 AND {id} = $2",
        tenant,
        event["id"],
    )
    is_nullable = column["is_nullable"] and name not in NEVER_NULL
    if is_nullable and not known and random.random() < 0.3:
        value = "NULL"
    await admin.execute(
        f"UPDATE {table} SET {name} = {value} WHERE tenant_id = $1 AND {id} = $2",
        tenant,
        event["id"],
    )
    return f"{name} of {event['sequence']} set to {value}"


async def edit_event(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    return await edit(admin, tenant, random, "events", "id")


async def edit_values(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    return await edit(admin, tenant, random, "event_values", "event_id")


async def delete_event(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    (event,) = await some(admin, tenant, random, 1)
    await admin.execute("DELETE FROM events WHERE tenant_id = $1 AND id = $2", tenant, event["id"])
    if random.random() < 0.5:  # and whoever does so may close the gap
        await move(admin, tenant, event["sequence"], -1)
    return f"{event['sequence']} deleted"


async def move(admin: "Admin[Any]", tenant: UUID, after: int, by: int) -> None:
    rows = await admin.fetch(
        "SELECT id, sequence FROM events WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence",
        tenant,
        after,
    )
    for row in rows if by < 0 else reversed(rows):
        await admin.execute(
            "UPDATE events SET sequence = $3 WHERE tenant_id = $1 AND id = $2",
            tenant,
            row["id"],
            row["sequence"] + by,
        )


async def swap_events(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    """Two events change places; their hashes go with them, or stay."""
    one, other = await some(admin, tenant, random, 2)
    moved = "sequence = v.sequence"
    if random.random() < 0.5:
        moved += ", hash = v.hash"
    await admin.execute(
        "CREATE TEMPORARY TABLE swapped ON COMMIT DROP AS "
        "SELECT * FROM events WHERE tenant_id = $1 AND id IN ($2, $3)",
        tenant,
        one["id"],
        other["id"],
    )
    await admin.execute("UPDATE events SET sequence = NULL WHERE id IN ($1, $2)", *ids(one, other))
    await admin.execute(
        f"UPDATE events e SET {moved} FROM swapped v WHERE e.id IN ($1, $2) "
        "AND v.id IN ($1, $2) AND v.id <> e.id",
        *ids(one, other),
    )
    await admin.execute("DROP TABLE swapped")
    return f"{one['sequence']} and {other['sequence']} swapped: {moved}"


def ids(*events: Any) -> list[UUID]:
    return [event["id"] for event in events]


async def swap_values(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    one, other = await some(admin, tenant, random, 2)
    await admin.execute(
        "UPDATE event_values v SET data = o.data, changes = o.changes, salt = o.salt "
        "FROM event_values o WHERE v.tenant_id = $1 AND o.tenant_id = $1 "
        "AND v.event_id IN ($2, $3) AND o.event_id IN ($2, $3) AND v.event_id <> o.event_id",
        tenant,
        *ids(one, other),
    )
    return f"values of {one['sequence']} and {other['sequence']} swapped"


async def insert_event(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    """A copy of an event, in a place that is made for it, or at the end, or far beyond it."""
    (event,) = await some(admin, tenant, random, 1)
    place = random.choice([event["sequence"], "end", "beyond"])
    if place == event["sequence"]:
        await move(admin, tenant, event["sequence"] - 1, 1)
    await admin.execute(
        "INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, user_id, "
        "request_id, causation_id, created_at, sequence, hash, values_digest) SELECT tenant_id, "
        "gen_random_uuid(), type, object_id, version, actor_id, user_id, request_id, causation_id, "
        "created_at, CASE $3 WHEN 'end' THEN 1 + (SELECT max(sequence) FROM events WHERE "
        "tenant_id = $1) WHEN 'beyond' THEN 10000 ELSE $4::bigint END, hash, values_digest "
        "FROM events WHERE tenant_id = $1 AND id = $2",
        tenant,
        event["id"],
        str(place),
        event["sequence"],
    )
    return f"copy of {event['sequence']} inserted: {place}"


async def insert_values(admin: "Admin[Any]", tenant: UUID, random: Random) -> str:
    await admin.execute(
        "INSERT INTO event_values (tenant_id, event_id, data) VALUES ($1, $2, '{}')",
        tenant,
        UUID(int=random.getrandbits(128)),
    )
    return "values of no event inserted"


MUTATING: tuple[Mutate, ...] = (
    edit_event,
    edit_event,
    edit_values,
    edit_values,
    delete_event,
    swap_events,
    swap_values,
    insert_event,
    insert_values,
)


@pytest.mark.parametrize("seed", range(MUTATIONS))
async def test_whatever_is_changed_is_found(
    rolled_back: "Admin[Any]", chain: UUID, seed: int
) -> None:
    random = Random(seed)
    assert (await verified(rolled_back, chain)).wrong is None
    mutate = MUTATING[seed % len(MUTATING)]
    done = await mutate(rolled_back, chain, random)
    assert (await verified(rolled_back, chain)).wrong is not None, done


async def test_a_chain_that_nobody_touched_is_right_on_pages_of_any_size(
    admin: "Admin[Any]", chain: UUID
) -> None:
    count = await admin.fetchval("SELECT count(*) FROM events WHERE tenant_id = $1", chain)
    for at_once in (1, 7, 1000):
        assert await verified(admin, chain, at_once) == Verdict(0, count)


@pytest.mark.parametrize(
    ("sql", "place", "expected"),
    [
        ("UPDATE events SET actor_id = object_id WHERE {event} = 5", 5, rules.EDITED),
        ("UPDATE events SET version = 7 WHERE {event} = 1", 1, rules.EDITED),
        ("UPDATE events SET hash = NULL WHERE {event} = 5", 5, rules.UNHASHED),
        ("UPDATE events SET hash = NULL WHERE {event} = {last}", LAST, rules.UNHASHED),
        ("UPDATE events SET sequence = NULL WHERE {event} = {last}", LAST, rules.TRUNCATED),
        ("DELETE FROM events WHERE {event} > {last} - 3", LAST, rules.TRUNCATED),
        ("DELETE FROM events WHERE {event} = 5", 5, "is missing: it was deleted"),
        ("DELETE FROM events WHERE {event} BETWEEN 5 AND 8", 5, "those up to 8 are missing"),
        ("UPDATE events SET sequence = sequence + 100 WHERE {event} = 9", 9, "is missing"),
        ("UPDATE event_values SET data = '{{}}' WHERE {values} = 5", 5, rules.VALUES),
        ("UPDATE event_values SET salt = gen_random_uuid() WHERE {values} = 5", 5, rules.VALUES),
        ("UPDATE event_values SET data = NULL WHERE {values} = 6", 6, rules.VALUES),
        ("UPDATE event_values SET changes = '{{}}' WHERE {values} = 6", 6, rules.VALUES),
        ("UPDATE event_values SET reason = 'x' WHERE {values} = 6", 6, rules.VALUES),
        ("UPDATE event_values SET reason = 'x' WHERE {values} = {last}", LAST, rules.VALUES),
        ("UPDATE event_values SET reason = NULL WHERE {values} = {last}", LAST, rules.VALUES),
        ("UPDATE audit_checkpoints SET hash = 'x' WHERE {event} = {last}", LAST, rules.REWRITTEN),
    ],
)
async def test_what_is_wrong_is_said_with_its_place(
    rolled_back: "Admin[Any]", chain: UUID, sql: str, place: int, expected: str
) -> None:
    last = await rolled_back.fetchval(MAX, chain)
    own = f"tenant_id = '{chain}'"
    number = f"(SELECT sequence FROM events e WHERE e.id = event_id AND e.{own})"
    event = f"{own} AND sequence"
    await rolled_back.execute(sql.format(event=event, last=last, values=f"{own} AND {number}"))
    found = said(await verified(rolled_back, chain))
    assert found is not None
    assert found[0] == (last if place == LAST else place)
    assert expected in found[1]


@pytest.mark.parametrize(
    ("known", "value"),
    [
        ("NULL", "gen_random_uuid()"),
        ("NULL", "actor_id"),
        ("NOT NULL", "NULL"),
        ("NOT NULL", "gen_random_uuid()"),
        ("NOT NULL", "actor_id"),
    ],
)
async def test_whoever_says_that_another_user_acted_or_none_is_found(
    rolled_back: "Admin[Any]", chain: UUID, known: str, value: str
) -> None:
    place = await rolled_back.fetchval(
        f"UPDATE events SET user_id = {value} WHERE tenant_id = $1 AND sequence = (SELECT "
        f"min(sequence) FROM events WHERE tenant_id = $1 AND user_id IS {known}) "
        "RETURNING sequence",
        chain,
    )
    assert said(await verified(rolled_back, chain)) == (place, rules.EDITED)


@pytest.mark.parametrize("with_hashes", [False, True])
@pytest.mark.parametrize("other", [6, 9])
async def test_swapped_events_are_said_to_be_swapped(
    rolled_back: "Admin[Any]", chain: UUID, with_hashes: bool, other: int
) -> None:
    await rolled_back.execute(
        "CREATE TEMPORARY TABLE old ON COMMIT DROP AS SELECT * FROM events "
        f"WHERE tenant_id = '{chain}' AND sequence IN (5, {other}); "
        f"UPDATE events SET sequence = -sequence WHERE tenant_id = '{chain}' "
        f"AND sequence IN (5, {other}); UPDATE events e SET sequence = o.sequence "
        f"{', hash = o.hash' if not with_hashes else ''} FROM old o "
        "WHERE e.sequence < 0 AND e.sequence <> -o.sequence AND e.tenant_id = o.tenant_id; "
        "DROP TABLE old"
    )
    assert said(await verified(rolled_back, chain)) == (5, rules.SWAPPED)


async def test_an_inserted_event_is_said_to_be_inserted(
    rolled_back: "Admin[Any]", chain: UUID
) -> None:
    await move(rolled_back, chain, 4, 1)
    await rolled_back.execute(
        "INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object("
        "'id', gen_random_uuid(), 'sequence', 5))).* FROM events e "
        "WHERE tenant_id = $1 AND sequence = 12",
        chain,
    )
    assert said(await verified(rolled_back, chain)) == (5, rules.INSERTED)


async def test_erased_values_are_counted_and_break_nothing(
    rolled_back: "Admin[Any]", chain: UUID
) -> None:
    event = "event_id IN (SELECT id FROM events WHERE tenant_id = $1 AND sequence IN ($2, $3))"
    await rolled_back.execute(f"DELETE FROM event_values WHERE {event}", chain, 3, 4)
    emptied = "UPDATE event_values SET data = NULL, changes = NULL, reason = NULL, salt = NULL"
    await rolled_back.execute(f"{emptied} WHERE {event}", chain, 5, 6)
    verdict = await verified(rolled_back, chain)
    assert (verdict.wrong, verdict.erased) == (None, 4)


async def test_values_that_come_back_after_erasure_must_be_those_that_went(
    rolled_back: "Admin[Any]", chain: UUID
) -> None:
    event = "event_id = (SELECT id FROM events WHERE tenant_id = $1 AND sequence = 3)"
    await rolled_back.execute(
        f"UPDATE event_values SET data = '{{}}', changes = NULL WHERE {event}", chain
    )
    assert said(await verified(rolled_back, chain)) == (3, rules.VALUES)


async def rewrite(admin: "Admin[Any]", tenant: UUID) -> None:
    """What an owner of the database can do: change an event, and reckon all hashes again."""
    await admin.execute(
        "UPDATE events SET type = 'a.b' WHERE tenant_id = $1 AND sequence=2", tenant
    )
    rows = await admin.fetch(
        "SELECT id::text, type, object_id::text, version, actor_id::text, user_id::text, "
        "request_id, causation_id::text, values_digest AS digest, "
        "to_char(created_at AT TIME ZONE 'UTC', "
        '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') AS created_at FROM events WHERE tenant_id = $1 '
        "AND sequence IS NOT NULL ORDER BY sequence",
        tenant,
    )
    last = BEGINNING
    for row in rows:
        last = Place(last.sequence + 1, link(last, tenant, row))
        await admin.execute(
            "UPDATE events SET hash = $2 WHERE tenant_id = $3 AND id = $1::text::uuid",
            row["id"],
            last.hash,
            tenant,
        )


async def test_a_chain_that_was_written_anew_is_known_by_copies_of_its_checkpoints(
    rolled_back: "Admin[Any]", chain: UUID
) -> None:
    kept = [
        Place(row["sequence"], row["hash"])
        for row in await rolled_back.fetch(
            "SELECT * FROM audit_checkpoints WHERE tenant_id = $1", chain
        )
    ]
    assert kept
    verifier = Verifier(rolled_back, chain)
    assert await verifier.compare(kept) is None
    await rewrite(rolled_back, chain)
    assert (await verified(rolled_back, chain)).wrong is not None
    await rolled_back.execute("DELETE FROM audit_checkpoints WHERE tenant_id = $1", chain)
    assert (await verified(rolled_back, chain)).wrong is None
    found = await verifier.compare(kept)
    assert found is not None
    assert found.said == rules.REWRITTEN
    cut = await verifier.compare([Place(10_000, bytes(32))])
    assert cut is not None
    assert cut.said == rules.TRUNCATED


async def test_the_hash_can_be_reckoned_from_what_is_written_down(
    admin: "Admin[Any]", chain: UUID
) -> None:
    """By nothing but the how-to: SHA-256 of a compact JSON array."""
    events = await admin.fetch(
        "SELECT e.*, v.data, v.changes, v.reason, v.salt FROM events e JOIN event_values v "
        "ON v.tenant_id = e.tenant_id AND v.event_id = e.id WHERE e.tenant_id = $1 "
        "ORDER BY sequence",
        chain,
    )
    assert {event["user_id"] is None for event in events} == {True, False}
    assert {event["reason"] is None for event in events} == {True, False}
    before = bytes(32)
    for event in events:
        text = json.dumps(reckoned(before, event), separators=(",", ":"), ensure_ascii=False)
        before = sha256(text.encode()).digest()
        assert before == event["hash"]


def reckoned(before: bytes, event: Any) -> list[Any]:
    parts = [
        sha256(text.encode()).digest() if text is not None else bytes(32)
        for text in (event["data"], event["changes"])
    ]
    if event["reason"] is not None:
        parts.append(sha256(event["reason"].encode()).digest())
    at = event["created_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [
        before.hex(),
        event["sequence"],
        str(event["tenant_id"]),
        str(event["id"]),
        event["type"],
        str(event["object_id"]),
        event["version"],
        str(event["actor_id"]),
        event["request_id"],
        None,
        at,
        sha256(event["salt"].bytes + b"".join(parts)).hexdigest(),
        *([{"user_id": str(event["user_id"])}] if event["user_id"] else []),
    ]


def test_an_event_that_names_no_user_keeps_the_hash_of_before() -> None:
    """As the release before this one reckoned it, which knew no users."""
    assert link(BEGINNING, UUID(int=1), OLD).hex() == OLD_HASH


def test_a_user_is_taken_for_no_other_fact() -> None:
    """Whatever an event without a user says, in whichever of its facts."""
    user = "019a2b7c-4d5e-7f60-a1b2-c3d4e5f60721"
    hashes = {link(BEGINNING, UUID(int=1), {**OLD, "user_id": user})}
    for name in FACTS:
        for said in (user, f'{OLD[name]}","user_id":"{user}', {"user_id": user}):
            hashes.add(link(BEGINNING, UUID(int=1), {**OLD, name: said}))
    assert len(hashes) == 1 + 3 * len(FACTS)


async def test_a_worker_that_knows_no_users_leaves_their_events_to_one_that_does(
    house: House, new_tenant_: Any, admin: "Admin[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the release before: it comes again, and does what else there is to do."""
    ctx = operator(house, await new_tenant_())
    ctx.actor = replace(ctx.actor, user_id=uuid7())
    await CustomerService(ctx).create(PersonCreate(kind="person", name="Bob"))
    await ctx.finish()
    with monkeypatch.context() as before:
        before.setattr(numbering, "ALONE", ALONE_BEFORE)
        with pytest.raises(asyncpg.LockNotAvailableError) as refused:
            await run(house)
    assert as_problem(refused.value) is not None
    assert (await verified(admin, ctx.tenant.id)).verified == 0
    await run(house)
    verdict = await verified(admin, ctx.tenant.id)
    assert (verdict.wrong, verdict.waiting) == (None, 0)


async def test_checkpoints_are_kept_after_so_many_events_and_so_much_time(
    house: House, caller: NewClient, admin: "Admin[Any]", new_tenant_: Any
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)

    async def kept() -> list[int]:
        sql = "SELECT sequence FROM audit_checkpoints WHERE tenant_id = $1 ORDER BY sequence"
        return [row["sequence"] for row in await admin.fetch(sql, tenant.id)]

    await run(house)
    first = await kept()
    assert len(first) == 1
    await create(client)
    await run(house)
    assert await kept() == first
    await create(client)
    await run(house, checkpoint_events=2)
    assert await kept() == [first[0], first[0] + 2]
    await run(house, checkpoint_seconds=0)
    assert len(await kept()) == 2
    await create(client)
    await run(house)
    await Sequencer(house.pool, checkpoint_seconds=0).number_all()
    assert await kept() == [first[0], first[0] + 2, first[0] + 3]


async def test_the_chain_grows_while_many_write_and_others_verify(
    house: House, caller: NewClient, new_tenant_: Any, admin: "Admin[Any]"
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    writing = asyncio.gather(*(create(client) for _ in range(60)))
    sequencers = [Sequencer(house.pool, checkpoint_events=3) for _ in range(2)]
    while not writing.done():
        await asyncio.gather(*(sequencer.number_all() for sequencer in sequencers))
        assert (await verified(admin, tenant.id)).wrong is None
    await writing
    await run(house)
    verdict = await verified(admin, tenant.id)
    events = await admin.fetchval("SELECT count(*) FROM events WHERE tenant_id = $1", tenant.id)
    assert (verdict.wrong, verdict.verified, verdict.waiting) == (None, events, 0)


async def test_events_of_an_older_release_are_chained_by_and_by(
    house: House, caller: NewClient, new_tenant_: Any, admin: "Admin[Any]"
) -> None:
    """They have numbers, and neither hashes nor salts."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    for _ in range(5):
        await create(client)
    await admin.execute(
        "UPDATE events SET sequence = n.place FROM (SELECT id, row_number() OVER (ORDER BY id) "
        "AS place FROM events WHERE tenant_id = $1) n WHERE events.id = n.id",
        tenant.id,
    )
    await admin.execute("UPDATE event_values SET salt = NULL WHERE tenant_id = $1", tenant.id)
    before = await admin.fetch("SELECT id, sequence FROM events WHERE tenant_id=$1", tenant.id)
    verdict = await verified(admin, tenant.id)
    assert (verdict.wrong, verdict.verified, verdict.waiting) == (None, 0, len(before))
    await create(client)
    await run(house)
    verdict = await verified(admin, tenant.id)
    assert (verdict.wrong, verdict.verified, verdict.erased) == (None, len(before) + 1, 0)
    sql = "SELECT id, sequence FROM events WHERE tenant_id = $1 AND sequence <= $2"
    assert sorted(await admin.fetch(sql, tenant.id, len(before))) == sorted(before)
    unsalted = "SELECT count(*) FROM event_values WHERE tenant_id = $1 AND salt IS NULL"
    assert await admin.fetchval(unsalted, tenant.id) == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET hash = NULL WHERE tenant_id = $1 AND sequence = $2",
        "UPDATE events SET hash = 'x' WHERE tenant_id = $1 AND sequence = $2",
        "DELETE FROM events WHERE tenant_id = $1 AND sequence = $2",
    ],
)
async def test_the_sequencer_goes_on_and_hides_nothing(
    house: House,
    caller: NewClient,
    new_tenant_: Any,
    admin: "Admin[Any]",
    sql: str,
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    await create(client)
    await run(house)
    last = await admin.fetchval(MAX, tenant.id)
    await admin.execute(sql, tenant.id, last)
    await create(client)
    await run(house)
    newest = await admin.fetchval(MAX, tenant.id)
    assert newest == last + 1
    wrong = (await verified(admin, tenant.id)).wrong
    assert wrong is not None
    assert wrong.sequence == last


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET hash = NULL, sequence = NULL WHERE sequence = 1",
        "UPDATE events SET values_digest = 'x'",
        "UPDATE event_values SET salt = gen_random_uuid()",
    ],
)
async def test_the_app_cannot_touch_what_is_chained(
    house: House, chain: UUID, admin: "Admin[Any]", sql: str
) -> None:
    async with house.pool.line() as line, line.driver.transaction():
        await line.driver.execute("SELECT set_config('app.tenant', $1, true)", str(chain))
        assert await line.driver.execute(sql) == "UPDATE 0"
    assert (await verified(admin, chain)).wrong is None


@pytest.mark.parametrize("table", ["events", "audit_checkpoints"])
@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {}"]
)
async def test_the_app_cannot_change_or_delete_events_or_checkpoints(
    house: House, chain: UUID, table: str, verb: str
) -> None:
    async with house.pool.line() as line, line.driver.transaction():
        await line.driver.execute("SELECT set_config('app.tenant', $1, true)", str(chain))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with line.driver.transaction():
                await line.driver.execute(verb.format(table))
