"""Which user acted stands beside who came: in the feed, webhooks, histories and the audit."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.platform.audit.registry import AuditRegistry
from crm_api.platform.organization.resource import TENANT
from crm_api.settings import Settings
from tests.conftest import Unchanged
from tests.features.test_customers import create, refused
from tests.providing import Trusting, trusted_provider
from tests.receiving import Receiver, receiver

from .posting import Post, verified
from .test_users import do, linked, user

Json = dict[str, Any]
Who = set[tuple[str, str | None]]


@pytest.fixture
async def inbox() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture
async def trust(settings: Settings, inbox: Receiver) -> AsyncIterator[Trusting]:
    async with trusted_provider(settings, inbox.allowed) as found:
        yield found


@pytest.fixture
def post(trust: Trusting, inbox: Receiver) -> Post:
    return Post(trust.app, trust.admin, trust.key, inbox)


async def data(client: AsyncClient, path: str, **asked: Any) -> list[Json]:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]
    return found


def who(said: list[Json]) -> Who:
    return {(one["actor_id"], one["user_id"]) for one in said}


async def told(client: AsyncClient, made: Json) -> list[Who]:
    """Whom the feed, the audit and the history of a customer name."""
    of_it = {"object_id": made["id"]}
    ways = {"/events": of_it, "/audit-records": of_it, f"/customers/{made['id']}/history": {}}
    return [who(await data(client, path, **asked)) for path, asked in ways.items()]


async def by_token(trust: Trusting) -> Json:
    """A customer that somebody who came with a token has created, and then renamed."""
    async with trust.caller(trust.provider.token()) as caller:
        made = await create(caller)
        changed = await caller.patch(f"/customers/{made['id']}", json={"name": "Ada"})
        assert changed.status_code == 200, changed.text
    return made


async def test_what_a_user_does_names_them_and_the_subject_that_came(
    trust: Trusting, post: Post
) -> None:
    wang = await linked(trust, await user(trust.admin))
    made = await by_token(trust)
    await post.work()
    assert await told(trust.admin, made) == [{(wang["subject_id"], wang["id"])}] * 3
    for path in ("/events", "/audit-records"):
        [one, *_] = await data(trust.admin, path, object_id=made["id"])
        alone = await trust.admin.get(f"{path}/{one['id']}")
        assert alone.json() == one


@pytest.mark.parametrize("payload", ["full", "thin"])
async def test_a_webhook_names_the_user_too(trust: Trusting, post: Post, payload: str) -> None:
    wang = await linked(trust, await user(trust.admin))
    endpoint = await post.endpoint(payload=payload)
    await by_token(trust)
    await create(trust.admin)
    await post.work()
    me = (await trust.admin.get("/me")).json()
    sent = [verified(endpoint, came) for came in post.receiver.came]
    assert who(sent[:2]) == {(wang["subject_id"], wang["id"])}
    assert who(sent[2:]) == {(me["api_key_id"], None)}


async def test_a_key_and_a_subject_that_nobody_is_linked_to_name_no_user(
    trust: Trusting, post: Post
) -> None:
    by_key, by_subject = await create(trust.admin), await by_token(trust)
    await post.work()
    me = (await trust.admin.get("/me")).json()
    [subject] = await data(trust.admin, "/subjects")
    assert await told(trust.admin, by_key) == [{(me["api_key_id"], None)}] * 3
    assert await told(trust.admin, by_subject) == [{(subject["id"], None)}] * 3


async def test_who_acted_stays_written_whoever_the_subject_is_by_now(
    trust: Trusting, post: Post
) -> None:
    before, wang = await by_token(trust), await linked(trust, await user(trust.admin))
    made = await by_token(trust)
    await do(trust.admin, "depart", wang)
    again = await linked(trust, await user(trust.admin))
    later = await by_token(trust)
    await post.work()
    for record, acted in ((before, None), (made, wang["id"]), (later, again["id"])):
        assert await told(trust.admin, record) == [{(wang["subject_id"], acted)}] * 3


async def test_the_audit_is_asked_for_what_users_did(
    trust: Trusting, post: Post, nothing_changes: Unchanged
) -> None:
    wang = await linked(trust, await user(trust.admin))
    made = await by_token(trust)
    hans = await user(trust.admin, email=None, employee_number=None)
    await post.work()
    did = [(made["id"], "customer.updated"), (made["id"], "customer.created")]
    async with nothing_changes():
        for asked, wanted in (
            ({"user_id": wang["id"]}, did),
            ({"user_id": [hans["id"], wang["id"]]}, did),
            ({"user_id": wang["id"], "type": "customer.created"}, did[1:]),
            ({"user_id": wang["id"], "object_id": made["id"], "sort": "sequence"}, did[::-1]),
            ({"user_id": wang["id"], "actor_id": wang["subject_id"]}, did),
            ({"user_id": wang["id"], "object_id": hans["id"]}, []),
            ({"user_id": hans["id"]}, []),
            ({"user_id": f"usr_{'0' * 32}"}, []),
        ):
            found = await data(trust.admin, "/audit-records", **asked)
            assert [(one["object_id"], one["type"]) for one in found] == wanted, asked
        for wrong in (wang["subject_id"], wang["id"][4:], "", "null"):
            answer = await trust.admin.get("/audit-records", params={"user_id": wrong})
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["pointer"].startswith("?user_id")


async def test_nobody_finds_what_users_of_other_tenants_did(
    trust: Trusting, post: Post, client: AsyncClient
) -> None:
    wang = await linked(trust, await user(trust.admin))
    await by_token(trust)
    await post.work()
    assert await data(trust.admin, "/audit-records", user_id=wang["id"])
    assert await data(client, "/audit-records", user_id=wang["id"]) == []


async def test_a_job_goes_on_in_the_name_of_the_user_who_began_it(
    trust: Trusting, post: Post
) -> None:
    place = f"/identity-providers/{trust.record['id']}"
    needed = ["bulk:write", "customers:bulk", "customers:read", "customers:write"]
    allowed = {"scopes": needed}
    assert (await trust.admin.patch(place, json=allowed)).status_code == 200
    wang, made = await linked(trust, await user(trust.admin)), await create(trust.admin)
    body = {"ids": [made["id"]], "action": "archive"}
    async with trust.caller(trust.provider.token()) as caller:
        begun = await caller.post("/customers/bulk", json=body)
    assert begun.status_code == 202, begun.text
    await post.work()
    named = {(wang["subject_id"], wang["id"])}
    changed = await data(trust.admin, "/audit-records", object_id=made["id"], limit=1)
    job = await data(trust.admin, "/audit-records", object_id=begun.json()["id"])
    assert (changed[0]["type"], who(changed)) == ("customer.archived", named)
    assert [one["type"] for one in job] == ["job.completed", "job.created"]
    assert who(job) == named


async def test_a_chain_that_began_before_users_were_named_goes_on_with_them(
    trust: Trusting, post: Post, admin: "Admin[Any]"
) -> None:
    """Events of before have no user, and keep their hashes."""
    tenant = TENANT.prefix.read((await trust.admin.get("/me")).json()["tenant"]["id"])
    hashes = "SELECT id, hash FROM events WHERE tenant_id = $1 AND user_id IS NULL ORDER BY id"
    await create(trust.admin)
    await post.work()
    before = await admin.fetch(hashes, tenant)
    await linked(trust, await user(trust.admin))
    await by_token(trust)
    await post.work()
    assert (await admin.fetch(hashes, tenant))[: len(before)] == before
    verdict = await AuditRegistry(post.house).verify(tenant)
    assert (verdict.wrong, verdict.waiting) == (None, 0)
    assert verdict.verified > len(before)
    await admin.execute(
        "UPDATE events SET user_id = NULL WHERE tenant_id = $1 AND user_id IS NOT NULL", tenant
    )
    assert (await AuditRegistry(post.house).verify(tenant)).wrong is not None
