"""Who works in the group, and who of them comes with which token."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.cli.development.issuer import Person
from crm_api.platform.access.standing import Asker, as_he_stands
from crm_api.platform.identity_providers.resource import SUBJECT
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused
from tests.providing import PERSON, Trusting, trusted_provider, trusting

from .test_business_units import unit

Json = dict[str, Any]
WANG: Json = {
    "name": "王芳",
    "email": "wang.fang@example.com",
    "employee_number": "E-1024",
    "language": "zh-CN",
    "time_zone": "Asia/Shanghai",
}
HANS = {"name": "Hans Meyer"}


@pytest.fixture
async def trust(settings: Settings) -> AsyncIterator[Trusting]:
    async with trusted_provider(settings) as found:
        yield found


async def user(client: AsyncClient, **said: Any) -> Json:
    answer = await client.post("/users", json={**WANG, **said})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def do(client: AsyncClient, verb: str, of: Json, **said: Any) -> Json:
    answer = await client.post(f"/users/{of['id']}/{verb}", json=said or None)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def linked(trust: Trusting, of: Json, subject: str = PERSON.subject) -> Json:
    said = {"identity_provider_id": trust.record["id"], "subject": subject}
    return await do(trust.admin, "link", of, **said)


async def me(trust: Trusting, person: Person = PERSON, **claims: Any) -> Json:
    """What a new token tells, and so never one that a process remembers."""
    async with trust.caller(trust.provider.token(person, **claims)) as caller:
        told: Json = (await caller.get("/me")).json()
        return told


async def status(trust: Trusting, **claims: Any) -> int:
    return int((await me(trust, **claims)).get("status", 200))


async def test_a_user_is_answered_as_it_was_said(client: AsyncClient) -> None:
    shop = await unit(client, "Shop")
    boss = await user(client, name="李伟", email=None, employee_number=None)
    made = await user(client, business_unit_id=shop["id"], manager_id=boss["id"])
    assert WANG.items() <= made.items()
    assert (made["state"], made["subject_id"], made["version"]) == ("invited", None, 1)
    place = f"/users/{made['id']}"
    assert (await client.get(place)).json() == made
    patched = (await client.patch(place, json={"email": "W.F@Example.com"})).json()
    assert (patched["email"], patched["version"]) == ("w.f@example.com", 2)
    assert (await client.get(f"/users/{boss['id']}")).json() == boss


async def test_users_are_found_by_what_people_know_of_them(client: AsyncClient) -> None:
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east["id"])
    wang = await user(client, business_unit_id=shop["id"])
    hans = await user(
        client,
        name="Hans Meyer",
        email="hans@example.de",
        employee_number="E-7",
        business_unit_id=east["id"],
        manager_id=wang["id"],
    )
    gone = await user(client, name="Gone", email="gone@example.de", employee_number="E-8")
    gone = await do(client, "revoke", gone)
    for query, wanted in (
        ({}, [hans, wang]),
        ({"sort": "name"}, [hans, wang]),
        ({"sort": "-name"}, [wang, hans]),
        ({"q": "wang fang"}, [wang]),
        ({"q": "example.de"}, [hans]),
        ({"q": "1024"}, [wang]),
        ({"email": "HANS@example.de"}, [hans]),
        ({"employee_number": "E-7"}, [hans]),
        ({"business_unit_id": east["id"]}, [hans]),
        ({"under": east["id"]}, [hans, wang]),
        ({"under": shop["id"]}, [wang]),
        ({"manager_id": wang["id"]}, [hans]),
        ({"state": "revoked"}, [gone]),
        ({"state": "active"}, []),
    ):
        found = (await client.get("/users", params=query)).json()["data"]
        assert found == wanted, query


async def test_a_preview_of_a_move_counts_who_goes_along(client: AsyncClient) -> None:
    east, west = await unit(client, "East"), await unit(client, "West")
    shop = await unit(client, "Shop", parent_id=east["id"])
    for number, home in enumerate((shop, shop, east, west)):
        said = {"email": None, "employee_number": f"E-{number}"}
        await user(client, business_unit_id=home["id"], **said)
    answer = await client.post(
        f"/business-units/{east['id']}/preview-move", json={"parent_id": west["id"]}
    )
    assert answer.json()["residents"]["user"] == 3


async def test_who_has_left_leaves_e_mail_and_number_to_others(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await user(client)
    for body, pointer in (
        ({**HANS, "email": "WANG.fang@example.com"}, "/email"),
        ({**HANS, "employee_number": "E-1024"}, "/employee_number"),
    ):
        async with nothing_changes():
            answer = await client.post("/users", json=body)
        problem = refused(answer, 409, "duplicate-value")
        assert problem["errors"][0]["pointer"] == pointer
        assert problem["existing"] == {"object": "user", "id": first["id"]}
    await do(client, "activate", first)
    await do(client, "depart", first)
    second = await user(client)
    assert second["id"] != first["id"]


async def test_only_what_the_states_allow_is_done(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    verbs = ("activate", "revoke", "suspend", "reactivate", "depart")
    allowed = {
        "invited": {"activate": "active", "revoke": "revoked"},
        "active": {"suspend": "suspended", "depart": "departed"},
        "suspended": {"reactivate": "active", "depart": "departed"},
        "departed": {},
        "revoked": {},
    }
    ways = {
        "invited": (),
        "active": ("activate",),
        "suspended": ("activate", "suspend"),
        "departed": ("activate", "depart"),
        "revoked": ("revoke",),
    }
    for state, way in ways.items():
        for verb in verbs:
            made = await user(client, email=None, employee_number=None)
            for step in way:
                made = await do(client, step, made)
            assert made["state"] == state
            if verb in allowed[state]:
                assert (await do(client, verb, made))["state"] == allowed[state][verb]
                continue
            async with nothing_changes():
                answer = await client.post(f"/users/{made['id']}/{verb}")
            problem = refused(answer, 409, "invalid-transition")
            assert problem["current"] == state
            if state in ("departed", "revoked"):
                async with nothing_changes():
                    refused(await client.patch(f"/users/{made['id']}", json=HANS), 409, "conflict")
                    refused(await client.post(f"/users/{made['id']}/unlink"), 409, "conflict")


async def test_what_cannot_be_is_told_and_not_kept(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made, closed = await user(client), await unit(client, "Closed")
    await client.post(f"/business-units/{closed['id']}/archive")
    for body, pointer in (
        ({"business_unit_id": closed["id"]}, "/business_unit_id"),
        ({"business_unit_id": f"bun_{'0' * 32}"}, "/business_unit_id"),
        ({"manager_id": f"usr_{'0' * 32}"}, "/manager_id"),
        ({"manager_id": made["id"]}, "/manager_id"),
        ({"email": "nobody"}, "/email"),
        ({"state": "active"}, "/state"),
        ({"subject_id": f"sbj_{'0' * 32}"}, "/subject_id"),
    ):
        async with nothing_changes():
            answer = await client.patch(f"/users/{made['id']}", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_who_comes_with_a_token_of_the_subject_is_the_user(trust: Trusting) -> None:
    shop = await unit(trust.admin, "Shop")
    before = await me(trust)
    assert before["user"] is None
    made = await linked(trust, await user(trust.admin, business_unit_id=shop["id"]))
    assert (made["state"], made["subject_id"]) == ("active", before["subject_id"])
    told = await me(trust)
    assert told["user"] == {
        "id": made["id"],
        "name": "王芳",
        "language": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "business_unit_id": shop["id"],
    }
    assert told["scopes"] == before["scopes"]
    assert (await me(trust, Person("other", "Other", ())))["user"] is None
    assert (await trust.admin.get("/me")).json()["user"] is None
    assert (await do(trust.admin, "unlink", made))["subject_id"] is None
    assert (await me(trust))["user"] is None


async def test_a_subject_may_be_linked_before_it_has_come(trust: Trusting) -> None:
    made = await linked(trust, await user(trust.admin), "f:7c2e:new")
    known = (await trust.admin.get(f"/subjects/{made['subject_id']}")).json()
    assert (known["issuer"], known["subject"]) == (trust.provider.url, "f:7c2e:new")
    assert (await me(trust, Person("f:7c2e:new", "New", ())))["user"]["id"] == made["id"]


async def test_the_name_of_the_subject_is_in_the_claim_that_the_provider_settled(
    trust: Trusting,
) -> None:
    """Another claim with the same text is nobody's name."""
    body = trusting(trust.provider, audience="other", subject_claim="/who/id")
    nested = (await trust.admin.post("/identity-providers", json=body)).json()
    made = await user(trust.admin)
    said = {"identity_provider_id": nested["id"], "subject": "4711"}
    made = await do(trust.admin, "link", made, **said)
    inside = await me(trust, aud="other", who={"id": "4711", "name": PERSON.subject})
    assert inside["user"]["id"] == made["id"]
    outside = await me(trust, aud="other", who={"id": "4712", "name": "4711"}, x="4711")
    assert outside["user"] is None


async def test_who_is_suspended_or_has_left_is_refused_within_a_second(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    made = await linked(trust, await user(trust.admin))
    token = trust.provider.token()
    async with trust.caller(token) as caller:
        assert (await caller.get("/me")).status_code == 200
        await do(trust.admin, "suspend", made)
        await asyncio.sleep(1.05)
        async with nothing_changes():
            answer = await caller.get("/me")
            stranger = trust.caller("a.b.c")
            unknown = await stranger.get("/me")
            await stranger.aclose()
        known, other = refused(answer, 401, "unauthorized"), refused(unknown, 401, "unauthorized")
        for problem in (known, other):
            del problem["request_id"]
        assert known == other
        await do(trust.admin, "reactivate", made)
        await asyncio.sleep(1.05)
        assert (await caller.get("/me")).json()["user"]["id"] == made["id"]
    await do(trust.admin, "depart", made)
    assert await status(trust, jti="after") == 401
    again = await user(trust.admin)
    assert (await linked(trust, again))["subject_id"] == made["subject_id"]
    assert (await me(trust, jti="again"))["user"]["id"] == again["id"]
    await do(trust.admin, "unlink", again)
    assert await status(trust, jti="unlinked") == 401


async def test_what_a_user_has_begun_ends_with_him(trust: Trusting) -> None:
    """A job or a webhook endpoint goes on only in the name of somebody who may be here."""
    house = trust.app.state.house
    subject = SUBJECT.prefix.read((await me(trust))["subject_id"])
    tenant = (await house.doorkeeper.actor([f"Bearer {trust.key}"])).tenant.id
    asker = Asker(subject, frozenset({"customers:read"}), masked=False)

    async def stands() -> bool:
        return await as_he_stands(house, tenant, asker) is not None

    assert await stands()
    made = await linked(trust, await user(trust.admin))
    assert await stands()
    await do(trust.admin, "suspend", made)
    assert not await stands()
    await do(trust.admin, "reactivate", made)
    assert await stands()
    await do(trust.admin, "depart", made)
    assert not await stands()


async def test_a_user_is_one_subject_and_a_subject_one_user(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    wang = await linked(trust, await user(trust.admin))
    hans = await user(trust.admin, email=None, employee_number=None)
    said = {"identity_provider_id": trust.record["id"], "subject": PERSON.subject}
    async with nothing_changes():
        taken = await trust.admin.post(f"/users/{hans['id']}/link", json=said)
        other = await trust.admin.post(
            f"/users/{wang['id']}/link", json={**said, "subject": "other"}
        )
        nowhere = {**said, "identity_provider_id": f"idp_{'0' * 32}"}
        unknown = await trust.admin.post(f"/users/{hans['id']}/link", json=nowhere)
    problem = refused(taken, 409, "duplicate-value")
    assert problem["errors"][0]["pointer"] == "/subject"
    assert problem["existing"]["id"] == wang["id"]
    refused(other, 409, "conflict")
    assert refused(unknown, 422, "unknown-reference")["errors"][0]["pointer"] == (
        "/identity_provider_id"
    )
    same = await linked(trust, wang)
    assert same["version"] == wang["version"]
    await do(trust.admin, "suspend", wang)
    async with nothing_changes():
        for verb, body in (("unlink", None), ("link", said)):
            answer = await trust.admin.post(f"/users/{wang['id']}/{verb}", json=body)
            refused(answer, 409, "conflict")


async def test_of_many_at_once_one_user_is_linked_to_a_subject(trust: Trusting) -> None:
    several = [await user(trust.admin, email=None, employee_number=None) for _ in range(8)]
    said = {"identity_provider_id": trust.record["id"], "subject": "fresh"}
    answers = await asyncio.gather(
        *(trust.admin.post(f"/users/{one['id']}/link", json=said) for one in several)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_nobody_becomes_a_user_by_an_e_mail_address(trust: Trusting) -> None:
    """Whoever is invited first under another's address gets nothing when the other one comes."""
    made = await user(trust.admin, email="wang.fang@example.com")
    claims = {"email": "wang.fang@example.com", "email_verified": True, "upn": made["email"]}
    told = await me(trust, **claims)
    assert told["user"] is None
    assert (await trust.admin.get(f"/users/{made['id']}")).json() == made


async def test_the_audit_finds_what_a_user_did(trust: Trusting) -> None:
    made = await linked(trust, await user(trust.admin))
    async with trust.caller(trust.provider.token()) as caller:
        ada = (await caller.post("/customers", json={"kind": "person", "name": "Ada"})).json()
    await Sequencer(trust.app.state.house.pool).number_all()
    found = (await trust.admin.get(f"/audit-records?actor_id={made['id']}")).json()["data"]
    assert [(one["object_id"], one["actor_id"]) for one in found] == [
        (ada["id"], made["subject_id"])
    ]
    nobody = await trust.admin.get(f"/audit-records?actor_id=usr_{'0' * 32}")
    assert nobody.json()["data"] == []
    told = (await trust.admin.get(f"/users/{made['id']}/history")).json()["data"]
    assert [one["type"] for one in told] == ["user.linked", "user.created"]


async def test_who_sees_masked_data_sees_no_whole_e_mail_and_asks_for_none(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await user(client)
    made = await client.post(
        "/api-keys", json={"name": "Masked", "scopes": ["users:read"], "masked": True}
    )
    masked = {"Authorization": f"Bearer {made.json()['secret']}"}
    async with nothing_changes():
        [one] = (await client.get("/users", headers=masked)).json()["data"]
        by_mail = await client.get("/users?email=wang.fang@example.com", headers=masked)
        by_part = await client.get("/users?q=wang.fang", headers=masked)
    assert (one["name"], one["email"]) == ("王芳", "w***@example.com")
    refused(by_mail, 403, "forbidden")
    refused(by_part, 403, "forbidden")


async def test_who_may_only_read_invites_nobody(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    client = await caller("users:read")
    async with nothing_changes():
        refused(await client.post("/users", json=HANS), 403, "forbidden")
