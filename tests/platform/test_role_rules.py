"""Roles by what a token says: who comes with a group of the company's sign-in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.api import jobs
from crm_api.kit.crew import do_once
from crm_api.platform.identity_providers.claims import texts
from crm_api.platform.jobs.crew import crew
from crm_api.platform.role_rules import service
from crm_api.settings import Settings
from tests.conftest import Unchanged
from tests.features.test_customers import refused
from tests.grouping import Group, grown, ids, made
from tests.providing import PERSON, Trusting, trusted_provider, trusting
from tests.serving import client_of

from .test_users import do, linked, me, user

Json = dict[str, Any]
EAST = "crm-east"
NOWHERE = "0" * 32
CASES: list[tuple[str, str, Json, bool]] = [
    ("groups", EAST, {"groups": EAST}, True),
    ("groups", EAST, {"groups": [EAST, 7, None]}, True),
    ("groups", EAST, {"groups": [[EAST]]}, False),
    ("groups", EAST, {"groups": f"{EAST} sales"}, False),
    ("groups", EAST, {"groups": {"name": EAST}, "name": EAST}, False),
    ("groups", EAST, {"roles": [EAST]}, False),
    ("groups", "7", {"groups": [7]}, False),
    ("scope", EAST, {"scope": f"openid {EAST}"}, True),
    ("/realm/roles", EAST, {"realm": {"roles": [EAST]}}, True),
    ("/realm/roles", EAST, {"roles": [EAST]}, False),
    ("groups", "华东　销售", {"groups": ["华东　销售"]}, True),
    ("groups", EAST, {"groups": [EAST, "a\0b", "\ud800"]}, True),
    ("groups", "x" * 200, {"groups": ["x" * 200]}, True),
]
"""Claim and value of a rule, the claims of a token, and whether it fits."""


@pytest.fixture
async def trust(settings: Settings) -> AsyncIterator[Trusting]:
    async with trusted_provider(settings) as found:
        yield found


@pytest.fixture
async def group(trust: Trusting) -> AsyncIterator[Group]:
    async with AsyncExitStack() as stack:

        async def with_key(key: str) -> AsyncClient:
            return await stack.enter_async_context(client_of(trust.app, key))

        yield await grown(trust.admin, with_key)


def rule(trust: Trusting, role: str, unit: str | None = None, **said: Any) -> Json:
    """The body of one."""
    where = {"business_unit_id": unit} if unit else {}
    by = {"identity_provider_id": trust.record["id"], "claim": "groups", "value": EAST}
    return {**by, "role_id": role, **where, **said}


async def ruled(trust: Trusting, group: Group, role: str, unit: str | None, **said: Any) -> Json:
    """A rule for a role, by its code or id, in a unit by its name."""
    body = rule(trust, group.roles.get(role, role), unit and group.units[unit], **said)
    return await made(trust.admin, "/role-rules", body)


async def wang(trust: Trusting) -> Json:
    return await linked(trust, await user(trust.admin))


def comes(trust: Trusting, *groups: str, **claims: Any) -> AsyncClient:
    """Whoever comes with a new token of these groups."""
    return trust.caller(trust.provider.token(PERSON, groups=list(groups), **claims))


async def scopes(trust: Trusting, *groups: str, **claims: Any) -> set[str]:
    return set((await me(trust, groups=list(groups), **claims))["scopes"])


async def test_a_rule_is_answered_as_it_was_said_and_deleted(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    one = await ruled(trust, group, "unit_manager", "east")
    other = await ruled(trust, group, "auditor", None, value="audit")
    place = f"/role-rules/{one['id']}"
    assert one["id"].startswith("rru_")
    assert rule(trust, group.roles["unit_manager"], group.units["east"]).items() <= one.items()
    assert (await trust.admin.get(place)).json() == one
    for asked, found in (
        ({}, [other, one]),
        ({"identity_provider_id": trust.record["id"]}, [other, one]),
        ({"role_id": group.roles["auditor"]}, [other]),
        ({"business_unit_id": group.units["east"]}, [one]),
        ({"business_unit_id": group.units["west"]}, []),
    ):
        assert (await trust.admin.get("/role-rules", params=asked)).json()["data"] == found
    assert (await trust.admin.delete(place)).status_code == 204
    async with nothing_changes():
        refused(await trust.admin.get(place), 404, "not-found")
        refused(await trust.admin.delete(place), 404, "not-found")


async def test_whose_token_says_so_holds_the_role_in_its_unit_and_sees_what_it_reaches(
    trust: Trusting, group: Group
) -> None:
    east, west = await group.customer("shanghai"), await group.customer("west")
    await wang(trust)
    await ruled(trust, group, "unit_manager", "east")
    async with comes(trust, "staff", EAST) as caller:
        assert ids(await caller.get("/customers")) == {east}
        assert (await caller.get(f"/customers/{west}")).status_code == 404
        told = (await caller.get("/me")).json()
        assert told["business_unit_ids"] == [group.units["east"]]
        born = await made(caller, "/customers", {"kind": "person", "name": "Anna"})
        assert ids(await caller.get("/customers")) == {east, born["id"]}


async def test_the_next_token_gives_what_it_says_and_no_more(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    east, west = await group.customer("east"), await group.customer("west")
    await wang(trust)
    await ruled(trust, group, "unit_manager", "east")
    await ruled(trust, group, "unit_manager", "west", value="crm-west")
    for groups, seen in (
        ((EAST,), {east}),
        (("crm-west",), {west}),
        ((EAST, "crm-west"), {east, west}),
    ):
        async with comes(trust, *groups) as caller:
            assert ids(await caller.get("/customers")) == seen
    async with nothing_changes(), comes(trust, "CRM-EAST", "crm-eas", "crm-east-2") as caller:
        refused(await caller.get("/customers"), 403, "forbidden")


async def test_a_rule_fits_as_those_of_the_provider_do(trust: Trusting, group: Group) -> None:
    await wang(trust)
    for claim, value, claims, fits in CASES:
        one = await ruled(trust, group, "auditor", None, claim=claim, value=value)
        told = await me(trust, **{"groups": [], **claims})
        assert ("*:read" in told["scopes"]) is fits, (claim, value, claims)
        await trust.admin.delete(f"/role-rules/{one['id']}")


def test_of_a_token_all_is_asked_for_that_a_rule_may_want() -> None:
    said = {"a": ["b", {"c": "d e"}], "scp": "f g", "n": 1, "z": "\0", "long": "x" * 256}
    assert texts(said) == ["b", "d e", "f g", "f", "g"]


async def test_roles_say_it_all_while_a_rule_fits_and_else_the_provider_does(
    trust: Trusting, group: Group
) -> None:
    role = await group.role(("users:read", None))
    await wang(trust)
    await ruled(trust, group, role, None)
    by_provider = {"customers:read", "customers:write"}
    assert await scopes(trust, "sales") == by_provider
    assert await scopes(trust, "sales", EAST) == {"users:read"}
    assert (await trust.admin.post(f"/roles/{role}/archive")).status_code == 200
    assert await scopes(trust, "sales", EAST) == set()
    assert await scopes(trust, "sales") == by_provider


async def test_a_rule_counts_beside_what_is_assigned(trust: Trusting, group: Group) -> None:
    assigned, by_rule = [await group.role((f"{n}:read", None)) for n in ("users", "teams")]
    somebody = await wang(trust)
    await ruled(trust, group, by_rule, None)
    held = {"user_id": somebody["id"], "role_id": assigned}
    held = await made(trust.admin, "/role-assignments", held)
    assert await scopes(trust, EAST) == {"users:read", "teams:read"}
    assert await scopes(trust, "sales") == {"users:read"}
    await made(trust.admin, f"/role-assignments/{held['id']}/end", {}, 200)
    assert await scopes(trust, EAST) == {"teams:read"}
    assert await scopes(trust, "sales") == set()


async def test_nothing_changes_for_a_subject_that_no_user_is_linked_to(
    trust: Trusting, group: Group
) -> None:
    await ruled(trust, group, "group_administrator", None)
    assert await scopes(trust, "sales", EAST) == {"customers:read", "customers:write"}


async def test_a_rule_is_for_tokens_of_its_provider_alone(trust: Trusting, group: Group) -> None:
    """Another audience of the same issuer is another provider, with other groups."""
    body = trusting(trust.provider, audience="other", scope_rules=[])
    other = await made(trust.admin, "/identity-providers", body)
    await wang(trust)
    await ruled(trust, group, "auditor", None, identity_provider_id=other["id"])
    assert await scopes(trust, EAST) == set()
    assert await scopes(trust, EAST, aud="other") == {"*:read"}


async def test_a_rule_that_is_deleted_gives_nothing_within_a_second(
    trust: Trusting, group: Group
) -> None:
    await wang(trust)
    one = await ruled(trust, group, "auditor", None)
    async with comes(trust, EAST) as caller:
        assert (await caller.get("/users")).status_code == 200
        assert (await trust.admin.delete(f"/role-rules/{one['id']}")).status_code == 204
        await asyncio.sleep(1.05)
        refused(await caller.get("/users"), 403, "forbidden")


async def test_a_role_that_changes_and_a_unit_that_moves_count(
    trust: Trusting, group: Group
) -> None:
    west = await group.customer("west")
    role = await group.role(("customers:read", "subtree"))
    await wang(trust)
    await ruled(trust, group, role, "east")
    async with comes(trust, EAST) as caller:
        assert ids(await caller.get("/customers")) == set()
    moved = {"parent_id": group.units["east"]}
    await made(trust.admin, f"/business-units/{group.units['west']}/move", moved, 200)
    async with comes(trust, EAST) as caller:
        assert ids(await caller.get("/customers")) == {west}
    await trust.admin.patch(f"/roles/{role}", json={"permissions": [{"scope": "users:read"}]})
    assert await scopes(trust, EAST) == {"users:read"}


async def test_who_is_suspended_is_refused_whatever_his_token_says(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    somebody = await wang(trust)
    await ruled(trust, group, "group_administrator", None)
    await do(trust.admin, "suspend", somebody)
    async with nothing_changes(), comes(trust, EAST) as caller:
        refused(await caller.get("/me"), 401, "unauthorized")


async def test_a_masked_role_masks_until_another_shows_all(trust: Trusting, group: Group) -> None:
    customer = await group.customer(
        "east", contact_points=[{"kind": "phone", "value": "+8613800138000"}]
    )
    await wang(trust)
    await ruled(trust, group, "marketer", "east")
    await ruled(trust, group, "unit_manager", "east", value="boss")
    for groups, shown in (((EAST,), False), ((EAST, "boss"), True)):
        async with comes(trust, *groups) as caller:
            found = (await caller.get(f"/customers/{customer}")).json()
        assert (found["contact_points"][0]["value"] == "+8613800138000") is shown


async def test_nobody_gives_by_a_rule_what_he_does_not_hold_for_the_group(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    limited = await group.role(
        ("customers:read", "subtree"), ("role_rules:write", None), ("users:read", None)
    )
    person = await group.hire(limited, "east")
    other = await group.role(("customers:read", "own"))
    wider = await group.role(("teams:read", None))
    may = await group.role(("users:read", None))
    for role in (other, wider, limited, group.roles["group_administrator"]):
        async with nothing_changes():
            body = rule(trust, role, group.units["east"])
            answer = await person.client.post("/role-rules", json=body)
        refused(answer, 403, "forbidden")
    assert (await person.client.post("/role-rules", json=rule(trust, may))).status_code == 201


async def test_what_a_rule_names_is_there_and_in_use(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    sales, east = group.roles["sales"], group.units["east"]
    gone, closed = await group.role(("users:read", None)), group.units["hangzhou"]
    for place in (f"/roles/{gone}", f"/business-units/{closed}"):
        await made(trust.admin, f"{place}/archive", None, 200)
    for said, pointer, code in (
        (rule(trust, sales), "/business_unit_id", "validation-failed"),
        (rule(trust, gone), "/role_id", "validation-failed"),
        (rule(trust, sales, closed), "/business_unit_id", "validation-failed"),
        (rule(trust, f"rol_{NOWHERE}"), "/role_id", "unknown-reference"),
        (rule(trust, sales, f"bun_{NOWHERE}"), "/business_unit_id", "unknown-reference"),
        (
            rule(trust, sales, east, identity_provider_id=f"idp_{NOWHERE}"),
            "/identity_provider_id",
            "unknown-reference",
        ),
        (rule(trust, sales, east, claim="two words"), "/claim", "validation-failed"),
        (rule(trust, sales, east, value=" "), "/value", "validation-failed"),
        (rule(trust, sales, east, value="x" * 201), "/value", "validation-failed"),
    ):
        async with nothing_changes():
            answer = await trust.admin.post("/role-rules", json=said)
        assert refused(answer, 422, code)["errors"][0]["pointer"] == pointer, answer.text


async def test_a_rule_is_there_once(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    for role, unit in (("auditor", None), ("sales", "east")):
        first = await ruled(trust, group, role, unit)
        body = rule(trust, group.roles[role], unit and group.units[unit])
        async with nothing_changes():
            answer = await trust.admin.post("/role-rules", json=body)
        problem = refused(answer, 409, "duplicate-value")
        assert problem["errors"][0]["pointer"] == "/value"
        assert problem["existing"]["id"] == first["id"]
    await ruled(trust, group, "sales", "west")


async def test_a_provider_has_so_many_rules(
    trust: Trusting, group: Group, nothing_changes: Unchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_RULES", 3)
    bodies = [rule(trust, group.roles["auditor"], value=f"{n}") for n in range(6)]
    answers = await asyncio.gather(*(trust.admin.post("/role-rules", json=b) for b in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    async with nothing_changes():
        answer = await trust.admin.post("/role-rules", json=rule(trust, group.roles["auditor"]))
        refused(answer, 409, "conflict")


async def test_rules_go_with_their_provider(trust: Trusting, group: Group) -> None:
    one = await ruled(trust, group, "auditor", None)
    gone = await trust.admin.delete(f"/identity-providers/{trust.record['id']}")
    assert gone.status_code == 204
    assert (await trust.admin.get(f"/role-rules/{one['id']}")).status_code == 404
    assert (await trust.admin.get("/role-rules")).json()["data"] == []


async def test_who_holds_by_a_token_alone_begins_nothing_that_goes_on_without_it(
    trust: Trusting, group: Group, nothing_changes: Unchanged
) -> None:
    somebody = await wang(trust)
    await ruled(trust, group, "group_administrator", None)
    hook = {"url": "https://8.8.8.8/events", "event_types": ["customer.*"]}
    named = await made(trust.admin, "/webhook-endpoints", hook)
    export = {"resource": "customers"}
    async with comes(trust, EAST) as caller:
        assert (await caller.get("/customers")).status_code == 200
        async with nothing_changes():
            for path, body in (
                ("/exports", export),
                ("/webhook-endpoints", hook),
                ("/webhook-endpoints", {**hook, "scopes": ["customers:read"]}),
            ):
                problem = refused(await caller.post(path, json=body), 403, "forbidden")
                assert "token" in problem["detail"]
                assert problem["missing_scope"]
        place = f"/webhook-endpoints/{named['id']}"
        assert (await caller.patch(place, json={"description": "Ours"})).status_code == 200
        held = {"user_id": somebody["id"], "role_id": group.roles["auditor"]}
        await made(trust.admin, "/role-assignments", held)
    async with comes(trust, EAST, jti="later") as caller:
        narrow = {**hook, "scopes": ["customers:read"]}
        assert (await caller.post("/webhook-endpoints", json=narrow)).status_code == 201
        async with nothing_changes():
            answer = await caller.post("/webhook-endpoints", json=hook)
            assert refused(answer, 403, "forbidden")["missing_scope"] == ["*"]


async def test_what_goes_on_reaches_as_far_as_what_is_assigned(
    trust: Trusting, group: Group, admin: "Admin[Any]"
) -> None:
    """A wider reach by a rule is one for requests, and not for what they leave behind."""
    east, west = await group.customer("east"), await group.customer("west")
    assigned = await group.role(
        ("jobs:read", None),
        ("exports:read", None),
        ("customers:export", None),
        ("customers:read", "unit"),
        ("unit_profiles:read", "unit"),
    )
    by_rule = await group.role(("customers:read", "group"), ("users:read", None))
    somebody = await wang(trust)
    held = {"user_id": somebody["id"], "role_id": assigned}
    await made(trust.admin, "/role-assignments", {**held, "business_unit_id": group.units["east"]})
    await ruled(trust, group, by_rule, None)
    house = trust.app.state.house
    async with comes(trust, EAST) as caller:
        assert ids(await caller.get("/customers")) == {east, west}
        begun = await caller.post("/exports", json={"resource": "customers"})
        assert begun.status_code == 202, begun.text
        await do_once([crew(house, jobs)], asyncio.Event())
        place = begun.headers["location"].removeprefix("/v1")
        job = (await caller.get(place)).json()
        assert job["state"] == "succeeded", job
        result = await caller.get(f"{place}/result")
    assert [json.loads(line)["id"] for line in result.text.splitlines()] == [east]
    kept = "SELECT scopes FROM jobs WHERE id = $1"
    assert "users:read" not in await admin.fetchval(kept, UUID(begun.json()["id"][4:]))


async def test_a_key_that_somebody_makes_by_a_token_does_what_is_assigned(
    trust: Trusting, group: Group
) -> None:
    await wang(trust)
    await ruled(trust, group, "group_administrator", None)
    soon = {"name": "Mine", "scopes": ["*"], "expires_at": "2000-01-01T00:00:00Z"}
    async with comes(trust, EAST) as caller:
        asked = await trust.app.state.house.doorkeeper.actor([caller.headers["authorization"]])
        soon["expires_at"] = asked.expires_at.isoformat().replace("+00:00", "Z")
        secret = (await made(caller, "/api-keys", soon))["secret"]
    async with client_of(trust.app, secret) as key:
        refused(await key.get("/customers"), 403, "forbidden")


async def test_an_explanation_does_not_look_at_rules(trust: Trusting, group: Group) -> None:
    somebody = await wang(trust)
    await ruled(trust, group, "auditor", None)
    body = {"user_id": somebody["id"], "scope": "customers:read"}
    told = await made(trust.admin, "/access/explain", body, 200)
    assert (told["reason"], told["rules"]) == ("scope_missing", [])
