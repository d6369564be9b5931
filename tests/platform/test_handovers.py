"""What belongs to somebody who leaves goes to others, by rules, as a front end meets it."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from crm_api.api import jobs
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.handovers import handing
from crm_api.platform.handovers.handing import Handing
from crm_api.platform.jobs import crew as crews
from crm_api.platform.jobs.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.conftest import Done, done
from tests.features.profiles.test_unit_profiles import begun, made
from tests.features.test_customers import refused

from .test_business_units import unit
from .test_teams import PAIRS, change, team
from .test_users import do

__all__ = ["done"]
Json = dict[str, Any]
NOBODY = f"usr_{'f' * 32}"
DRY = {"Crm-Dry-Run": "true"}
COLLABORATORS = """
SELECT ARRAY(SELECT user_id FROM unit_profile_collaborators WHERE unit_profile_id = p.id ORDER BY 1)
  = ARRAY(SELECT substr(id, 5)::uuid FROM unnest(p.collaborator_ids) id ORDER BY 1) AS same
FROM unit_profiles p"""


@dataclass
class Group:
    """A north with an east below it, and a west; somebody who leaves, and two who stay."""

    client: AsyncClient
    north: str
    east: str
    west: str
    gone: str
    anna: str
    bert: str

    async def profile(self, shop: str, **said: Any) -> str:
        """The path of the profile of a new customer."""
        customer = await made(self.client, "customers", kind="person", name="王芳")
        where = f"/customers/{customer['id']}/unit-profiles/{shop}"
        await begun(self.client, where, **said)
        return where

    async def told(self, where: str) -> Json:
        answer = await self.client.get(where)
        assert answer.status_code == 200, answer.text
        record: Json = answer.json()
        return record

    async def owner(self, where: str) -> Any:
        return (await self.told(where))["owner_id"]

    async def preview(self, *rules: Json) -> Json:
        return by_role((await asked(self, "preview-handover", rules)).json()["roles"])

    async def hand_over(self, *rules: Json) -> Response:
        return await asked(self, "handover", rules)


async def asked(group: Group, verb: str, rules: Any, **headers: str) -> Response:
    path = f"/users/{group.gone}/{verb}"
    return await group.client.post(path, json={"rules": list(rules)}, headers=headers)


def to(user: str, shop: str | None = None) -> Json:
    return {"to_user_id": user, **({"business_unit_id": shop} if shop else {})}


def by_role(listed: list[Json]) -> Json:
    """`{"team.lead": {user: how many, "left": how many}}`, without what is none."""
    found = {}
    for one in listed:
        share = {share["user_id"]: share["records"] for share in one["to"]}
        share |= {word: one[word] for word in ("removed", "left", "read_only") if one[word]}
        found[f"{one['noun']}.{one['role']}"] = share
    return {name: share for name, share in found.items() if share}


async def result(client: AsyncClient, job: Json) -> Json:
    read = await client.get(job["result_url"].removeprefix("/v1"))
    assert read.status_code == 200, read.text
    return by_role([json.loads(line) for line in read.text.splitlines()])


@pytest.fixture
async def group(client: AsyncClient) -> Group:
    north, west = await unit(client, "North"), await unit(client, "West")
    east = await unit(client, "East", parent_id=north["id"])
    names = ("李伟", "Anna", "Bert")
    people = [(await made(client, "users", name=name))["id"] for name in names]
    return Group(client, north["id"], east["id"], west["id"], *people)


async def test_what_stands_in_a_unit_or_below_goes_by_the_first_rule_that_fits(
    group: Group, done: Done
) -> None:
    shops = (group.north, group.east, group.east, group.west)
    owned = [await group.profile(shop, owner_id=group.gone) for shop in shops]
    other = await group.profile(group.east, owner_id=group.bert)
    rules = [to(group.anna, group.east), to(group.bert, group.north)]
    foreseen = await group.preview(*rules)
    assert foreseen == {"unit_profile.owner": {group.anna: 2, group.bert: 1, "left": 1}}
    job = await done(group.client, await group.hand_over(*rules))
    assert (job["state"], job["kind"]) == ("succeeded", "users.handover")
    assert job["figures"] == {"unit_profile": 3, "left": 1}
    assert await result(group.client, job) == foreseen
    owners = [await group.owner(where) for where in owned]
    assert owners == [group.bert, group.anna, group.anna, group.gone]
    assert (await group.told(other))["version"] == 1
    rest = await group.preview(to(group.anna))
    assert rest == {"unit_profile.owner": {group.anna: 1}}


async def test_every_role_is_handed_over_and_a_membership_ends(
    group: Group, done: Done, admin: "Admin[Any]"
) -> None:
    client, gone, anna = group.client, group.gone, group.anna
    both = await group.profile(group.east, owner_id=gone, collaborator_ids=[gone, group.bert])
    helped = await group.profile(group.east, owner_id=group.bert, collaborator_ids=[gone])
    led = await team(client, lead_id=gone, business_unit_id=group.east)
    led = await change(client, "add", led, {"id": gone}, {"id": group.bert})
    report = await made(client, "users", name="Hans", manager_id=gone, business_unit_id=group.east)
    stranger = await made(client, "users", name="Tom", manager_id=group.bert)
    foreseen = await group.preview(to(anna))
    assert foreseen == {
        "team.lead": {anna: 1},
        "team.member": {"removed": 1},
        "unit_profile.collaborator": {anna: 2},
        "unit_profile.owner": {anna: 1},
        "user.manager": {anna: 1},
    }
    job = await done(client, await group.hand_over(to(anna)))
    assert await result(client, job) == foreseen
    assert job["figures"] == {"team": 2, "unit_profile": 3, "user": 1}
    first, second = await group.told(both), await group.told(helped)
    assert (first["owner_id"], first["collaborator_ids"]) == (anna, [group.bert])
    assert (first["version"], second["collaborator_ids"]) == (2, [anna])
    told = await group.told(f"/teams/{led['id']}")
    assert (told["lead_id"], told["member_ids"], told["version"]) == (anna, [group.bert], 3)
    assert (await group.told(f"/users/{report['id']}"))["manager_id"] == anna
    assert await group.told(f"/users/{stranger['id']}") == stranger
    assert await group.preview() == {}
    assert {row["same"] for row in await admin.fetch(COLLABORATORS)} == {True}
    tenant = await admin.fetchval("SELECT tenant_id FROM users WHERE id = $1", UUID(gone[4:]))
    assert await admin.fetchval(PAIRS, tenant) is True


@pytest.mark.parametrize(
    ("owned_by", "before", "after"),
    [
        ("bert", ["gone", "bert"], ["anna", "bert"]),
        ("bert", ["anna", "bert", "gone"], ["anna", "bert"]),
        ("bert", ["gone", "anna"], ["anna"]),
        ("anna", ["bert", "gone"], ["bert"]),
        ("gone", ["bert", "gone"], ["bert"]),
        ("gone", ["anna", "gone"], ["anna"]),
    ],
)
async def test_who_takes_over_a_collaboration_is_not_there_twice(
    group: Group, done: Done, owned_by: str, before: list[str], after: list[str]
) -> None:
    ids = vars(group)
    listed = [ids[name] for name in before]
    where = await group.profile(group.east, owner_id=ids[owned_by], collaborator_ids=listed)
    await done(group.client, await group.hand_over(to(group.anna)))
    assert (await group.told(where))["collaborator_ids"] == [ids[name] for name in after]


async def test_without_rules_a_preview_tells_what_belongs_to_a_user_and_writes_nothing(
    group: Group, caller: NewClient, house: House, nothing_changes: Unchanged
) -> None:
    await group.profile(group.east, owner_id=group.gone)
    await made(group.client, "teams", name="East", lead_id=group.gone)
    actor = await house.doorkeeper.actor([group.client.headers["authorization"]])
    reader = await caller("users:read", tenant=actor.tenant)
    async with nothing_changes():
        answer = await reader.post(f"/users/{group.gone}/preview-handover", json={"rules": []})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["object"], told["user_id"]) == ("user_handover_preview", group.gone)
    assert [f"{one['noun']}.{one['role']}" for one in told["roles"]] == [
        "activity.owner",
        "activity.collaborator",
        "deal.owner",
        "deal.collaborator",
        "order.owner",
        "receipt.handler",
        "task.assignee",
        "team.lead",
        "team.member",
        "ticket.assignee",
        "ticket.follower",
        "unit_profile.owner",
        "unit_profile.collaborator",
        "user.manager",
    ]
    assert by_role(told["roles"]) == {"team.lead": {"left": 1}, "unit_profile.owner": {"left": 1}}


async def test_what_is_only_read_stays_as_it_is_and_is_counted(group: Group, done: Done) -> None:
    """Archived teams and customers, and reports who have left themselves."""
    client, gone = group.client, group.gone
    profile = await group.profile(group.east, owner_id=gone, collaborator_ids=[gone])
    customer = "/".join(profile.split("/")[:3])
    old = await team(client, lead_id=gone)
    report = await made(client, "users", name="Hans", manager_id=gone)
    await client.post(f"{customer}/archive")
    await client.post(f"/teams/{old['id']}/archive")
    await do(client, "revoke", report)
    before = [await group.told(path) for path in (profile, f"/teams/{old['id']}")]
    foreseen = await group.preview(to(group.anna))
    roles = ("team.lead", "unit_profile.owner", "unit_profile.collaborator", "user.manager")
    assert foreseen == {role: {"read_only": 1} for role in roles}
    job = await done(client, await group.hand_over(to(group.anna)))
    assert (job["figures"], await result(client, job)) == ({"read_only": 4}, foreseen)
    assert [await group.told(path) for path in (profile, f"/teams/{old['id']}")] == before
    await client.post(f"{customer}/restore")
    await done(client, await group.hand_over(to(group.anna)))
    assert await group.owner(profile) == group.anna


async def test_nobody_is_made_their_own_manager(group: Group, done: Done) -> None:
    anna = f"/users/{group.anna}"
    await group.client.patch(anna, json={"manager_id": group.gone})
    assert await group.preview(to(group.anna)) == {"user.manager": {"left": 1}}
    job = await done(group.client, await group.hand_over(to(group.anna)))
    assert (job["state"], job["figures"]) == ("succeeded", {"left": 1})
    await done(group.client, await group.hand_over(to(group.anna), to(group.bert)))
    assert (await group.told(anna))["manager_id"] == group.bert


async def test_the_audit_shows_one_action_and_all_that_followed(
    group: Group, done: Done, house: House
) -> None:
    client = group.client
    await group.profile(group.east, owner_id=group.gone, collaborator_ids=[group.gone])
    await team(client, lead_id=group.gone)
    answer = await group.hand_over(to(group.anna))
    await done(client, answer)
    await Sequencer(house.pool).number_all()
    history = await client.get(f"/users/{group.gone}/history")
    action, created = history.json()["data"]
    assert [action["type"], created["type"]] == ["user.handed_over", "user.created"]
    assert (action["causation_id"], action["changes"]) == (None, None)
    assert action["request_id"] == answer.headers["request-id"]
    followed = await client.get("/audit-records", params={"causation_id": action["id"]})
    told = [(one["type"], one["request_id"]) for one in followed.json()["data"]]
    assert sorted(told) == [
        ("team.updated", answer.headers["request-id"]),
        ("unit_profile.updated", answer.headers["request-id"]),
    ]
    events = (await client.get("/events", params={"type": "team.updated"})).json()["data"]
    assert [(one["causation_id"], one["causation_depth"]) for one in events] == [(action["id"], 1)]


async def test_the_state_of_the_user_stays_and_who_has_left_is_handed_over_too(
    group: Group, done: Done
) -> None:
    where, gone = await group.profile(group.east, owner_id=group.gone), {"id": group.gone}
    await do(group.client, "activate", gone)
    departed = await do(group.client, "depart", gone)
    job = await done(group.client, await group.hand_over(to(group.anna)))
    assert job["state"] == "succeeded"
    assert await group.owner(where) == group.anna
    after = await group.told(f"/users/{group.gone}")
    moving = {"version": departed["version"] + 1, "updated_at": after["updated_at"]}
    assert after == departed | moving


async def test_who_never_came_has_nothing_to_hand_over(
    group: Group, nothing_changes: Unchanged
) -> None:
    await do(group.client, "revoke", {"id": group.gone})
    for verb in ("handover", "preview-handover"):
        async with nothing_changes():
            refused(await asked(group, verb, [to(group.anna)]), 409, "conflict")


async def test_a_user_of_another_tenant_is_not_there(
    group: Group, caller: NewClient, nothing_changes: Unchanged
) -> None:
    stranger = await caller()
    theirs = (await made(stranger, "users", name="Tom"))["id"]
    await group.profile(group.east, owner_id=group.gone)
    async with nothing_changes():
        for id in (group.gone, NOBODY):
            for verb in ("handover", "preview-handover"):
                answer = await stranger.post(f"/users/{id}/{verb}", json={"rules": [to(theirs)]})
                refused(answer, 404, "not-found")


@pytest.mark.parametrize("verb", ["handover", "preview-handover"])
async def test_what_cannot_be_done_is_refused_where_it_stands(
    group: Group, nothing_changes: Unchanged, verb: str
) -> None:
    away = await made(group.client, "users", name="Away")
    await do(group.client, "activate", away)
    await do(group.client, "depart", away)
    good, nowhere = to(group.anna), f"bun_{'f' * 32}"
    for rules, code, pointers in (
        ([good, to(group.gone)], "validation-failed", ["/rules/1/to_user_id"]),
        ([to(away["id"]), to(NOBODY), good], "unknown-reference", [0, 1]),
        ([good, to(group.anna, nowhere)], "unknown-reference", ["/rules/1/business_unit_id"]),
        ([{}], "validation-failed", ["/rules/0/to_user_id"]),
        ([good | {"role": "owner"}], "validation-failed", ["/rules/0/role"]),
        ([good] * 51, "validation-failed", ["/rules"]),
    ):
        async with nothing_changes():
            problem = refused(await asked(group, verb, rules), 422, code)
        told = [f"/rules/{n}/to_user_id" if isinstance(n, int) else n for n in pointers]
        assert [error["pointer"] for error in problem["errors"]] == told


async def test_a_handover_without_rules_is_none(group: Group, nothing_changes: Unchanged) -> None:
    async with nothing_changes():
        problem = refused(await group.hand_over(), 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == ["/rules"]


@pytest.mark.parametrize("lacking", ["handovers:write", "users:write"])
async def test_who_may_change_a_user_may_not_hand_over_what_belongs_to_one(
    group: Group, caller: NewClient, house: House, nothing_changes: Unchanged, lacking: str
) -> None:
    actor = await house.doorkeeper.actor([group.client.headers["authorization"]])
    scopes = {"handovers:write", "users:write", "users:read", "unit_profiles:write"} - {lacking}
    some = await caller(*scopes, tenant=actor.tenant)
    async with nothing_changes():
        body = {"rules": [to(group.anna)]}
        answer = await some.post(f"/users/{group.gone}/handover", json=body)
        assert refused(answer, 403, "forbidden")["missing_scope"] == [lacking]


async def test_who_has_not_seen_the_user_as_it_is_does_not_hand_over(
    group: Group, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        stale = await asked(group, "handover", [to(group.anna)], **{"If-Match": '"9"'})
        refused(stale, 412, "precondition-failed")


async def test_a_handover_can_be_rehearsed_and_repeated(
    group: Group, done: Done, nothing_changes: Unchanged
) -> None:
    where = await group.profile(group.east, owner_id=group.gone)
    async with nothing_changes():
        dry = await asked(group, "handover", [to(group.anna)], **DRY)
        assert (await group.told("/jobs"))["data"] == []
    assert (dry.status_code, dry.headers["crm-dry-run"]) == (202, "true")
    assert dry.headers["crm-dry-run-events"] == "user.handed_over, job.created"
    once = {"Idempotency-Key": "leaving-li-wei"}
    first, second = [await asked(group, "handover", [to(group.anna)], **once) for _ in range(2)]
    assert (first.status_code, second.content) == (202, first.content)
    await done(group.client, first)
    assert (await group.told(where))["version"] == 2


async def test_what_changes_meanwhile_is_done_by_the_rules_as_it_is_then(
    group: Group, done: Done
) -> None:
    first, second = [await group.profile(group.east, owner_id=group.gone) for _ in range(2)]
    answer = await group.hand_over(to(group.anna, group.north))
    await begun(group.client, second, owner_id=group.bert)
    third = await group.profile(group.north, owner_id=group.gone)
    moved = {"parent_id": group.west}
    await group.client.post(f"/business-units/{group.east}/move", json=moved)
    job = await done(group.client, answer)
    assert job["figures"] == {"unit_profile": 1, "left": 1}
    owners = [await group.owner(where) for where in (first, second, third)]
    assert owners == [group.gone, group.bert, group.anna]


async def test_who_takes_over_and_leaves_meanwhile_is_given_nothing(
    group: Group, done: Done
) -> None:
    where = await group.profile(group.east, owner_id=group.gone)
    answer = await group.hand_over(to(group.anna))
    for verb in ("activate", "depart"):
        await do(group.client, verb, {"id": group.anna})
    job = await done(group.client, answer)
    assert (job["state"], job["problem"]["code"]) == ("failed", "unknown-reference")
    assert [error["pointer"] for error in job["problem"]["errors"]] == ["/rules/0/to_user_id"]
    assert await group.owner(where) == group.gone


async def test_much_is_handed_over_in_parts(
    group: Group, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "AT_ONCE", 3)
    shops = [group.east, group.west] * 5
    owned = [await group.profile(shop, owner_id=group.gone) for shop in shops]
    helped = [await group.profile(shop, collaborator_ids=[group.gone]) for shop in shops]
    rules = [to(group.anna, group.north)]
    foreseen = await group.preview(*rules)
    half = {group.anna: 5, "left": 5}
    assert foreseen == {"unit_profile.owner": half, "unit_profile.collaborator": half}
    job = await done(group.client, await group.hand_over(*rules))
    assert await result(group.client, job) == foreseen
    assert [await group.owner(where) for where in owned] == [group.anna, group.gone] * 5
    listed = [(await group.told(where))["collaborator_ids"] for where in helped]
    assert listed == [[group.anna], [group.gone]] * 5


async def test_of_two_handovers_at_once_each_record_takes_part_in_one(
    group: Group, house: House, monkeypatch: pytest.MonkeyPatch, admin: "Admin[Any]"
) -> None:
    monkeypatch.setattr(handing, "AT_ONCE", 4)
    owned = [await group.profile(group.east, owner_id=group.gone) for _ in range(20)]
    started = [await group.hand_over(to(user)) for user in (group.anna, group.bert)]
    working = [crew(house, jobs) for _ in range(2)]
    await asyncio.gather(*(do_once([one], asyncio.Event()) for one in working))
    told = [await group.told(answer.headers["location"].removeprefix("/v1")) for answer in started]
    assert [job["state"] for job in told] == ["succeeded"] * 2
    assert sum(job["figures"].get("unit_profile", 0) for job in told) == 20
    profiles = [await group.told(where) for where in owned]
    assert {profile["version"] for profile in profiles} == {2}
    shares = [(await result(group.client, job)).get("unit_profile.owner", {}) for job in told]
    owners = Counter(profile["owner_id"] for profile in profiles)
    assert {user: number for share in shares for user, number in share.items()} == owners


async def test_a_step_that_fails_is_done_again_and_nothing_twice(
    group: Group, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a step has done by then is undone with it."""
    monkeypatch.setattr(handing, "AT_ONCE", 2)
    monkeypatch.setattr(crews, "PAUSES", (0, 0, 0, 0))
    owned = [await group.profile(group.east, owner_id=group.gone) for _ in range(6)]
    step, failed = Handing.go_on, list[bool]()

    async def failing(self: Handing) -> None:
        await step(self)
        if self.run.figures["unit_profile"] == 4 and not failed:
            failed.append(True)
            raise ZeroDivisionError

    monkeypatch.setattr(Handing, "go_on", failing)
    job = await done(group.client, await group.hand_over(to(group.anna)))
    assert (job["state"], job["attempts"], failed) == ("succeeded", 2, [True])
    assert job["figures"] == {"unit_profile": 6}
    assert await result(group.client, job) == {"unit_profile.owner": {group.anna: 6}}
    assert {(await group.told(where))["version"] for where in owned} == {2}


async def test_a_handover_ends_with_the_rights_of_whoever_asked_for_it(
    group: Group, caller: NewClient, new_tenant_: NewTenant, house: House, done: Done
) -> None:
    where = await group.profile(group.east, owner_id=group.gone)
    actor = await house.doorkeeper.actor([group.client.headers["authorization"]])
    key = {"name": "Short", "scopes": ["handovers:write", "users:write"]}
    short = await made(group.client, "api-keys", **key)
    some = await caller("jobs:read", tenant=actor.tenant)
    some.headers["authorization"] = f"Bearer {short['secret']}"
    body = {"rules": [to(group.anna)]}
    answer = await some.post(f"/users/{group.gone}/handover", json=body)
    await group.client.delete(f"/api-keys/{short['id']}")
    job = await done(group.client, answer)
    assert (job["state"], job["problem"]["code"]) == ("failed", "unauthorized")
    assert await group.owner(where) == group.gone
