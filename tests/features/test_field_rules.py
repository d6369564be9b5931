"""Roles keep single fields from their holders: what is hidden shows in no answer and cannot be
found out by asking, and what is fixed is changed in no way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings
from tests.conftest import Unchanged, WithKey
from tests.grouping import Group, Json, Person, grown, ids, made
from tests.platform.posting import Post, posting, verified
from tests.serving import client_of

from .conftest import Done
from .test_customers import refused

PERSON: Json = {
    "kind": "person",
    "name": "Anna",
    "source": "marker_source",
    "contact_points": [{"kind": "email", "value": "marker_contact@example.com"}],
    "addresses": [{"country": "CN", "city": "Shanghai", "line1": "marker_address"}],
    "tags": ["marker_tag"],
    "preferences": {"channel": "wechat", "interests": ["marker_interest"]},
    "family_name": "marker_family",
    "given_name": "marker_given",
    "gender": "female",
    "born_on": "1977-07-07",
    "language": "fr-CA",
    "occupation": "marker_occupation",
    "education": "marker_education",
    "income_band": "marker_income",
    "title": "marker_title",
}
FIRM: Json = {
    "kind": "organization",
    "name": "Firm",
    "legal_name": "marker_legal",
    "uscc": "91110000600037341L",
    "industry": "marker_industry",
    "size_band": "marker_size",
    "website": "https://marker.example.com",
}
MARKERS = {
    **{name: value for name, value in {**PERSON, **FIRM}.items() if isinstance(value, str)},
    "contact_points": "marker_contact",
    "addresses": "marker_address",
    "tags": "marker_tag",
    "preferences": "marker_interest",
}
del MARKERS["kind"], MARKERS["name"]
INSTEAD = {
    "tags": [],
    "preferences": {
        **dict.fromkeys(("channel", "language", "not_after", "not_before")),
        "interests": [],
    },
}
IN_MASKS = {"contact_points", "addresses"}
TERMS = {
    "grade": "A",
    "credit_limit": {"amount": "4711.00", "currency": "CNY"},
    "credit_days": 47,
    "last_contact_at": "2011-11-11T00:00:00.000Z",
}
EVERYTHING = tuple(
    (f"{noun}:{deed}", "group")
    for noun, deeds in (("customers", ("read", "write")), ("unit_profiles", ("read", "write")))
    for deed in deeds
)
PLAIN = tuple(
    (scope, None)
    for scope in (
        "customers:export",
        "customers:unmask",
        "customers:bulk",
        "audit:read",
        "events:read",
        "exports:read",
        "bulk:write",
        "imports:write",
        "jobs:read",
        "views:write",
        "views:read",
        "api_keys:write",
        "roles:write",
        "role_assignments:write",
        "webhook_endpoints:read",
        "webhook_endpoints:write",
    )
)
Hire = Callable[..., Awaitable[Person]]


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


@pytest.fixture
def hire(group: Group) -> Hire:
    """`await hire(born_on="mask")`: somebody of the whole group with these rules of customers."""

    async def make(resource: str = "customers", **access: str) -> Person:
        return await group.hire(await role(group, resource, **access), None)

    return make


@pytest.fixture
async def anna(group: Group) -> Json:
    return await made(group.admin, "/customers", PERSON)


async def role(group: Group, resource: str = "customers", **access: str) -> str:
    return await group.role(*EVERYTHING, *PLAIN, fields=rules(resource, **access))


def rules(resource: str = "customers", **access: str) -> list[Json]:
    return [{"resource": resource, "field": f, "access": a} for f, a in access.items()]


def fields_of(problem: Json) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


def condition(field: str, op: str = "exists", value: Any = True) -> Json:
    return {"kind": "condition", "field": field, "op": op, "value": value}


async def numbered(house: House) -> None:
    while await Sequencer(house.pool).number_all():
        pass


async def test_a_role_says_which_fields_it_keeps_from_its_holders(
    client: AsyncClient, group: Group
) -> None:
    said = rules(born_on="mask", uscc="read")
    made_ = await made(client, "/roles", {"name": "R", "permissions": [], "fields": said})
    assert made_["fields"] == said
    place = f"/roles/{made_['id']}"
    assert (await client.patch(place, json={"fields": said[:1]})).json()["fields"] == said[:1]
    built_in = (await client.get(f"/roles/{group.roles['service_agent']}")).json()
    costs = [*rules("products", unit_cost="mask"), *rules("price_books", rules="mask")]
    credit = rules("unit_profiles", credit_limit="mask", credit_days="mask")
    assert built_in["fields"] == [*credit, *costs]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        (rules(name="mask"), "/fields/0/field", "field_not_ruled"),
        (rules(id="read"), "/fields/0/field", "field_not_ruled"),
        (rules(credit_currency="read"), "/fields/0/field", "field_not_ruled"),
        (rules("ghosts", name="mask"), "/fields/0/resource", "unknown_resource"),
        ([*rules(tags="mask"), *rules(tags="read")], "/fields/1/field", "field_repeated"),
        (rules(tags="write"), "/fields/0/access", "enum"),
    ],
)
async def test_rules_that_cannot_be_are_named(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    async with nothing_changes():
        body = {"name": "R", "permissions": [], "fields": said}
        problem = refused(await client.post("/roles", json=body), 422, "validation-failed")
    assert fields_of(problem) == [(pointer, code)]


async def test_one_is_told_what_one_does_not_see_or_change(hire: Hire) -> None:
    person = await hire(born_on="mask", uscc="read")
    assert (await person.client.get("/me")).json()["fields"] == rules(born_on="mask", uscc="read")


@dataclass
class Asked:
    """Somebody who looks at one customer in every way there is."""

    client: AsyncClient
    one: Json

    async def told(self, method: str, path: str, **said: Any) -> Any:
        answer = await self.client.request(method, path, **said)
        assert answer.status_code in (200, 201), f"{path} {answer.text}"
        return answer.json()

    async def every(self) -> AsyncIterator[tuple[str, Json]]:
        for ways in (self.read, self.listed, self.written, self.beside, self.heard):
            async for way, shown in ways():
                yield way, shown

    @property
    def place(self) -> str:
        return f"/customers/{self.one['id']}"

    @property
    def external(self) -> str:
        return f"/customers/external/erp/{self.one['name']}"

    async def read(self) -> AsyncIterator[tuple[str, Json]]:
        yield "get", await self.told("GET", self.place)
        yield "by external id", await self.told("GET", self.external)

    async def listed(self) -> AsyncIterator[tuple[str, Json]]:
        for method, path, said in (
            ("GET", "/customers", {"params": {"include": "total"}}),
            ("POST", "/customers/search", {"json": {"sort": ["name"]}}),
            ("POST", "/customers/batch-get", {"json": {"ids": [self.one["id"]]}}),
        ):
            page = await self.told(method, path, **said)
            yield path, next(one for one in page["data"] if one["id"] == self.one["id"])
        about = {"ids": [self.one["id"]], "action": "archive", "preview": True}
        yield "bulk", (await self.told("POST", "/customers/bulk", json=about))["sample"][0]

    async def written(self) -> AsyncIterator[tuple[str, Json]]:
        name = self.one["name"]
        once, dry = {"Idempotency-Key": uuid4().hex}, {"Crm-Dry-Run": "true"}
        yield "nothing new", await self.told("PATCH", self.place, json={"name": name})
        yield "rehearsal", await self.told("PATCH", self.place, json={"name": "N"}, headers=dry)
        other = {"json": {"name": f"{name}!"}, "headers": once}
        yield "patch", await self.told("PATCH", self.place, **other)
        yield "repetition", await self.told("PATCH", self.place, **other)
        yield "upsert", await self.told("PATCH", self.external, json={"name": name})

    async def beside(self) -> AsyncIterator[tuple[str, Json]]:
        for path, link in (("/customers", "parent"), ("/unit-profiles", "customer")):
            for found in (await self.told("GET", path, params={"expand": link}))["data"]:
                if found[f"{link}_id"] == self.one["id"]:
                    yield f"{path} {link}", found[link]

    async def heard(self) -> AsyncIterator[tuple[str, Json]]:
        asked = {"object_id": self.one["id"], "limit": 3}
        for event in (await self.told("GET", "/events", params=asked))["data"]:
            yield event["type"], event["data"]
            yield "one event", (await self.told("GET", f"/events/{event['id']}"))["data"]


@pytest.fixture
async def whole(group: Group, house: House) -> list[Json]:
    """A person and an organization with a marker in every field, and others that lead to them."""
    found = [
        await made(group.admin, "/customers", {**body, "external_ids": {"erp": body["name"]}})
        for body in (PERSON, {**FIRM, "tags": ["marker_tag"]})
    ]
    below = {"kind": "organization", "name": "Child", "parent_id": found[1]["id"]}
    await made(group.admin, "/customers", below)
    for one in found:
        await group.profile(one["id"], "shanghai")
    await numbered(house)
    return found


@pytest.mark.parametrize("field", MARKERS)
async def test_what_is_hidden_shows_in_no_answer(
    group: Group, hire: Hire, whole: list[Json], field: str
) -> None:
    """All other fields are shown as they are."""
    person, ways = await hire(**{field: "mask"}), set[str]()
    for one in whole:
        others = {name: one[name] for name in MARKERS if name != field}
        async for way, shown in Asked(person.client, one).every():
            assert MARKERS[field] not in json.dumps(shown), way
            assert field in IN_MASKS or shown[field] == INSTEAD.get(field), way
            assert {name: shown[name] for name in others} == others, way
            ways.add(way)
    assert len(ways) == 15, ways


@pytest.mark.parametrize("field", MARKERS)
async def test_what_is_hidden_is_in_no_file(
    hire: Hire, whole: list[Json], done: Done, field: str
) -> None:
    person = await hire(**{field: "mask"})
    for path, said in (
        ("/exports", {}),
        ("/exports", {"format": "csv"}),
        ("/snapshots", {}),
    ):
        started = await person.client.post(path, json={"resource": "customers", **said})
        job = await done(person.client, started)
        result = await person.client.get(job["result_url"].removeprefix("/v1"))
        assert result.status_code == 200
        assert MARKERS[field] not in result.text, path
        assert all(one["id"] in result.text for one in whole)


async def test_a_summary_hides_what_is_made_of_it(group: Group, hire: Hire, anna: Json) -> None:
    person = await hire(contact_points="mask", tags="mask")
    found = (await person.client.get("/customers", params={"view": "summary"})).json()["data"][0]
    assert (found["email"], found["tags"]) == ("m***@example.com", [])


async def test_terms_of_a_unit_are_hidden_with_all_that_tells_of_them(
    group: Group, house: House, anna: Json
) -> None:
    grades = {"business_unit_id": group.units["group"], "grades": [{"code": "A", "name": "A"}]}
    await group.admin.post("/grade-schemes", json=grades)
    profile = await group.profile(anna["id"], "shanghai", **terms_but("grade"))
    hidden = {"credit_limit": "mask", "credit_days": "mask", "last_contact_at": "mask"}
    person = await group.hire(await role(group, "unit_profiles", **hidden), None)
    await numbered(house)
    events = (await person.client.get("/events", params={"object_id": profile["id"]})).json()
    for shown in (
        (await person.client.get(f"/unit-profiles/{profile['id']}")).json(),
        (await person.client.get("/unit-profiles")).json()["data"][0],
        (await person.client.post("/unit-profiles/search", json={})).json()["data"][0],
        events["data"][0]["data"],
    ):
        assert {name: shown[name] for name in hidden} == dict.fromkeys(hidden)
        assert "4711" not in json.dumps(shown)
    for shown in (await person.client.get(f"/customers/{anna['id']}/unit-profiles"),):
        assert "4711" not in shown.text


def terms_but(*names: str) -> Json:
    return {name: value for name, value in TERMS.items() if name not in names}


async def test_an_agent_of_service_does_not_see_terms_and_sales_does_not_set_them(
    group: Group, anna: Json, nothing_changes: Unchanged
) -> None:
    await group.profile(anna["id"], "shanghai", **terms_but("grade"))
    agent, sales = await group.hire("service_agent"), await group.hire("sales")
    await group.profile(anna["id"], "shanghai", owner_id=sales.id)
    shown = (await agent.client.get("/unit-profiles")).json()["data"][0]
    assert (shown["credit_limit"], shown["credit_days"]) == (None, None)
    place = f"/customers/{anna['id']}/unit-profiles/{group.units['shanghai']}"
    seen = (await sales.client.get(place)).json()
    assert seen["credit_limit"] == TERMS["credit_limit"]
    dearer = {"amount": "4711.00", "currency": "USD"}
    async with nothing_changes():
        problem = refused(
            await sales.client.patch(place, json={"credit_limit": dearer}), 403, "forbidden"
        )
    assert fields_of(problem) == [("/credit_limit", "field_not_yours")]
    same = {"credit_limit": seen["credit_limit"], "last_contact_at": "2026-01-01T00:00:00Z"}
    assert (await sales.client.patch(place, json=same)).status_code == 200


async def test_an_answer_with_a_mask_has_a_tag_of_its_own(
    group: Group, hire: Hire, anna: Json
) -> None:
    person, place = await hire(born_on="mask"), f"/customers/{anna['id']}"
    whole, masked = (await group.admin.get(place)), (await person.client.get(place))
    other = await (await hire(gender="mask")).client.get(place)
    tags = {answer.headers["etag"] for answer in (whole, masked, other)}
    assert len(tags) == 3
    known = {"If-None-Match": whole.headers["etag"]}
    assert (await person.client.get(place, headers=known)).status_code == 200
    known = {"If-None-Match": masked.headers["etag"]}
    assert (await person.client.get(place, headers=known)).status_code == 304
    changed = await person.client.patch(
        place, json={"name": "Anne"}, headers={"If-Match": masked.headers["etag"]}
    )
    assert changed.headers["etag"] == (await person.client.get(place)).headers["etag"]


ASKS: list[tuple[str, str, str, Json]] = [
    ("contact_points", "POST", "/customers/resolve", {"email": "marker_contact@example.com"}),
    ("contact_points", "POST", "/customers/resolve", {"phone": "13800138000"}),
    ("contact_points", "POST", "/customers/resolve", {"wechat": "marker"}),
    ("uscc", "POST", "/customers/resolve", {"uscc": "91110000600037341L"}),
    *(
        (field, "POST", "/customers/search", {"filter": condition(field)})
        for field in (
            "source born_on gender family_name given_name language occupation education "
            "income_band title legal_name uscc industry size_band website tags"
        ).split()
    ),
    *(
        ("contact_points", "POST", "/customers/search", {"filter": condition(field)})
        for field in ("email", "phone", "wechat", "parent.email")
    ),
    ("born_on", "POST", "/customers/search", {"filter": condition("parent.born_on")}),
    ("born_on", "POST", "/unit-profiles/search", {"filter": condition("customer.born_on")}),
    ("tags", "POST", "/customers/aggregate", {"filter": condition("tags")}),
    ("born_on", "POST", "/customers/aggregate", {"group_by": ["born_on"], "period": "year"}),
    ("gender", "POST", "/customers/aggregate", {"group_by": ["gender"]}),
    ("born_on", "POST", "/customers/aggregate", {"metrics": [{"op": "max", "field": "born_on"}]}),
    ("uscc", "POST", "/customers/aggregate", {"metrics": [{"op": "count", "field": "uscc"}]}),
    ("contact_points", "GET", "/customers", {"q": "marker_contact"}),
    ("legal_name", "GET", "/customers", {"q": "marker_legal"}),
    ("contact_points", "GET", "/customers", {"email": "marker_contact@example.com"}),
    ("contact_points", "GET", "/customers", {"phone": "13800138000"}),
    ("contact_points", "GET", "/customers", {"wechat": "marker"}),
    ("tags", "GET", "/customers", {"tag": "marker_tag"}),
    ("uscc", "GET", "/customers", {"uscc": "91110000600037341L"}),
    ("source", "GET", "/customers", {"source": "marker_source"}),
    ("contact_points", "POST", "/customers/search", {"q": "marker_contact"}),
    ("born_on", "POST", "/exports", {"resource": "customers", "filter": condition("born_on")}),
    (
        "born_on",
        "POST",
        "/customers/bulk",
        {"filter": condition("born_on"), "action": "archive"},
    ),
    (
        "born_on",
        "POST",
        "/views",
        {
            "name": "Old",
            "resource": "customers",
            "search": {"filter": condition("born_on")},
        },
    ),
]
TERM_ASKS: list[tuple[str, str, str, Json]] = [
    *(
        (
            field.partition("_expires")[0],
            "POST",
            "/unit-profiles/search",
            {"filter": condition(field)},
        )
        for field in ("grade", "grade_expires_at", "credit_days", "last_contact_at")
    ),
    ("grade", "GET", "/unit-profiles", {"grade": "A"}),
]


async def ask(client: AsyncClient, method: str, path: str, said: Json) -> Response:
    if method == "GET":
        return await client.get(path, params=said)
    return await client.post(path, json=said)


async def test_nobody_finds_out_what_is_hidden_by_asking(
    group: Group, nothing_changes: Unchanged
) -> None:
    every = {"customers": ASKS, "unit_profiles": TERM_ASKS}
    sees = await group.hire(await role(group), None)
    for resource, asks in every.items():
        for field in {field for field, *_ in asks}:
            person = await group.hire(await role(group, resource, **{field: "mask"}), None)
            reads = await group.hire(await role(group, resource, **{field: "read"}), None)
            for asked, method, path, said in asks:
                if asked == field:
                    async with nothing_changes():
                        refused(await ask(person.client, method, path, said), 403, "forbidden")
                    for other in (sees, reads):
                        answer = await ask(other.client, method, path, said)
                        assert answer.is_success, (said, answer.text)


async def test_what_one_may_ask_by_is_told_without_what_is_hidden(hire: Hire) -> None:
    person = await hire(born_on="mask", tags="mask", contact_points="mask", gender="read")
    for resource in ("customers", "unit_profiles"):
        answer = await person.client.get("/filter-fields", params={"resource": resource})
        told = {one["field"].rpartition(".")[2] for one in answer.json()["fields"]}
        assert not told & {"born_on", "tags", "email", "phone", "wechat"}
        assert told & {"gender", "name"}


async def test_the_history_is_not_for_those_from_whom_something_is_hidden(
    group: Group, hire: Hire, house: House, anna: Json
) -> None:
    await numbered(house)
    person, place = await hire(born_on="mask"), f"/customers/{anna['id']}"
    profile = await group.profile(anna["id"], "shanghai")
    for path in (f"{place}/history", f"{place}?as_of=2199-01-01T00:00:00Z", "/audit-records"):
        refused(await person.client.get(path), 403, "forbidden")
    of_others = f"/unit-profiles/{profile['id']}/history"
    assert (await person.client.get(of_others)).status_code == 200
    reads = await hire(born_on="read")
    assert (await reads.client.get(f"{place}/history")).status_code == 200


async def test_a_conflict_tells_nothing_of_what_is_hidden(
    group: Group, hire: Hire, anna: Json
) -> None:
    person, place = await hire(born_on="mask", preferences="mask"), f"/customers/{anna['id']}"
    seen = await person.client.get(place)
    theirs = {"born_on": "1966-06-06", "preferences": {"channel": "sms"}, "name": "Anne"}
    await group.admin.patch(place, json=theirs)
    match = {"If-Match": seen.headers["etag"]}
    late = await person.client.patch(place, json={"name": "Ann"}, headers=match)
    problem = refused(late, 412, "precondition-failed")
    assert {one["pointer"] for one in problem["changed"]} == {"/name", "/sort_name"}


@pytest.mark.parametrize("access", ["read", "mask"])
async def test_what_is_fixed_is_changed_in_no_way(
    group: Group, hire: Hire, done: Done, nothing_changes: Unchanged, access: str
) -> None:
    anna = await made(group.admin, "/customers", {**PERSON, "external_ids": {"erp": "7"}})
    person = await hire(born_on=access, tags=access, contact_points=access)
    client, place = person.client, f"/customers/{anna['id']}"
    born, points = {"born_on": "1988-08-08"}, {"kind": "email", "value": "new@example.com"}
    batch = {
        "system": "erp",
        "items": [
            {"external_id": "7", "data": born},
            {"external_id": "8", "data": {"kind": "person", "name": "New", **born}},
        ],
    }
    async with nothing_changes():
        for answer, pointer in (
            (await client.patch(place, json={**born, "name": "Other"}), "/born_on"),
            (await client.patch(place, json={"born_on": None}), "/born_on"),
            (await client.patch("/customers/external/erp/7", json=born), "/born_on"),
            (await client.post("/customers", json={**PERSON, "tags": []}), "/born_on"),
            (await client.post(f"{place}/add-tags", json={"tags": ["x"]}), "/tags"),
            (await client.post(f"{place}/remove-tags", json={"tags": ["marker_tag"]}), "/tags"),
            (
                await client.post(f"{place}/add-contact-points", json={"contact_points": [points]}),
                "/contact_points",
            ),
        ):
            problem = refused(answer, 403, "forbidden")
            assert (pointer, "field_not_yours") in fields_of(problem)
        outcomes = (await client.post("/customers/batch-upsert", json=batch)).json()["data"]
    assert [one["outcome"] for one in outcomes] == ["failed", "failed"]
    assert {e["pointer"] for one in outcomes for e in one["problem"]["errors"]} == {"/data/born_on"}
    for body in (
        {"ids": [anna["id"]], "action": "update", "values": born},
        {"ids": [anna["id"]], "action": "add_tags", "values": {"tags": ["x"]}},
    ):
        job = await done(client, await client.post("/customers/bulk", json=body))
        assert job["figures"] == {"records": 1, "failed": 1}
    lines = "external_id,name,born_on\n7,Other,1988-08-08\n"
    asked = {"resource": "customers", "system": "erp"}
    sent = await client.post(
        "/imports", params=asked, content=lines, headers={"content-type": "text/csv"}
    )
    assert (await done(client, sent))["figures"] == {"lines": 1, "failed": 1}
    read = (await group.admin.get(place)).json()
    assert {**read, "updated_at": 0} == {**anna, "updated_at": 0}


async def test_others_go_on_to_be_changed(group: Group, hire: Hire, anna: Json) -> None:
    person = await hire(born_on="mask", tags="read", preferences="mask", addresses="read")
    place = f"/customers/{anna['id']}"
    changed = await person.client.patch(place, json={"name": "Anne", "tags": anna["tags"]})
    assert (changed.status_code, changed.json()["born_on"]) == (200, None)
    assert (await group.admin.get(place)).json()["born_on"] == PERSON["born_on"]
    begun = await person.client.post("/customers", json={"kind": "person", "name": "New"})
    assert begun.status_code == 201, begun.text


async def test_a_guess_at_what_is_hidden_is_answered_like_any_other(
    group: Group, hire: Hire, anna: Json, nothing_changes: Unchanged
) -> None:
    person, place = await hire(born_on="mask", tags="mask"), f"/customers/{anna['id']}"
    async with nothing_changes():
        for right, wrong in (
            ({"born_on": PERSON["born_on"]}, {"born_on": "1911-11-11"}),
            ({"tags": PERSON["tags"]}, {"tags": ["no"]}),
        ):
            told = [await person.client.patch(place, json=guess) for guess in (right, wrong)]
            assert [fields_of(refused(one, 403, "forbidden")) for one in told]
            assert told[0].json()["errors"] == told[1].json()["errors"]
    terms = await group.hire(await role(group, "unit_profiles", grade="mask"), None)
    await group.profile(anna["id"], "shanghai")
    at = f"/customers/{anna['id']}/unit-profiles/{group.units['shanghai']}"
    async with nothing_changes():
        for body in ({"grade": "A"}, {"grade": None}, {"grade_expires_at": "2199-01-01T00:00:00Z"}):
            problem = refused(await terms.client.patch(at, json=body), 403, "forbidden")
            assert fields_of(problem) == [("/grade", "field_not_yours")]


async def test_of_several_roles_the_one_counts_that_allows_most(group: Group, anna: Json) -> None:
    place = f"/customers/{anna['id']}"

    async def born(person: Person) -> Any:
        client = await group.key_for(person.id)
        return (await client.get(place)).json()["born_on"], (await client.get("/me")).json()[
            "fields"
        ]

    masks, reads = await role(group, born_on="mask"), await role(group, born_on="read")
    person = await group.hire(masks, None)
    assert await born(person) == (None, rules(born_on="mask"))
    elsewhere = await group.role(("users:read", None))
    await group.give(person, elsewhere, None)
    assert await born(person) == (None, rules(born_on="mask")), "it gives nothing of customers"
    await group.give(person, reads, None)
    assert await born(person) == (PERSON["born_on"], rules(born_on="read"))
    await group.give(person, "sales", "shanghai")
    costs = [*rules("price_books", rules="mask"), *rules("products", unit_cost="mask")]
    assert await born(person) == (PERSON["born_on"], costs)


async def test_a_masked_role_shows_no_more_because_of_another(group: Group, anna: Json) -> None:
    """Together they are not masked; but each hides the birthday."""
    person = await group.hire(await role(group, born_on="mask"), None)
    await group.give(person, "marketer", "shanghai")
    client = await group.key_for(person.id)
    shown = (await client.get(f"/customers/{anna['id']}")).json()
    assert (shown["born_on"], shown["contact_points"]) == (None, anna["contact_points"])


async def test_nobody_gives_a_field_that_is_kept_from_him(
    group: Group, hire: Hire, nothing_changes: Unchanged
) -> None:
    person, boss = await hire(born_on="mask", uscc="read"), await group.hire("sales")
    free = await group.role(("customers:read", "group"))
    customers = [{"scope": "customers:read", "reach": "group"}]
    async with nothing_changes():
        for path, body in (
            ("/roles", {"name": "R", "permissions": customers}),
            ("/roles", {"name": "R", "permissions": customers, "fields": rules(born_on="mask")}),
            (
                "/roles",
                {
                    "name": "R",
                    "permissions": customers,
                    "fields": rules(born_on="read", uscc="read"),
                },
            ),
            ("/role-assignments", {"user_id": person.id, "role_id": free}),
            ("/api-keys", {"name": "K", "scopes": ["customers:read"], "user_id": boss.id}),
        ):
            refused(await person.client.post(path, json=body), 403, "forbidden")
    kept = rules(born_on="mask", uscc="mask")
    body = {"name": "R", "permissions": customers, "fields": kept}
    assert (await person.client.post("/roles", json=body)).status_code == 201
    others = {"name": "R", "permissions": [{"scope": "events:read"}]}
    assert (await person.client.post("/roles", json=others)).status_code == 201


async def test_whoever_may_unmask_sees_one_record_whole(
    hire: Hire, group: Group, anna: Json
) -> None:
    person, place = await hire(born_on="mask"), f"/customers/{anna['id']}"
    known, key = await group.admin.get(place), {"Idempotency-Key": "one"}
    for _ in range(2):
        why = {"reason": "Ticket 4711"}
        whole = await person.client.post(f"{place}/unmask", json=why, headers=key)
        assert (whole.content, whole.headers["etag"]) == (known.content, known.headers["etag"])
    assert (await person.client.get(place)).json()["born_on"] is None


async def test_an_answer_is_not_replayed_to_those_who_see_less(
    group: Group, hire: Hire, anna: Json, nothing_changes: Unchanged
) -> None:
    key, place = {"Idempotency-Key": "one"}, f"/customers/{anna['id']}"
    person, sees = await hire(born_on="mask"), await group.hire(await role(group), None)
    first = await sees.client.patch(place, json={"name": "Anne"}, headers=key)
    assert first.json()["born_on"] == PERSON["born_on"]
    async with nothing_changes():
        theirs = await person.client.patch(place, json={"name": "Anne"}, headers=key)
        refused(theirs, 422, "idempotency-key-reused")


async def test_a_file_is_for_those_who_see_what_is_in_it(
    group: Group, hire: Hire, anna: Json, done: Done
) -> None:
    sees = await group.hire(await role(group), None)
    masks, terms = await hire(born_on="mask"), await hire("unit_profiles", credit_days="mask")
    for asker, allowed in ((sees, (200, 403, 200)), (masks, (200, 200, 200))):
        asked = await asker.client.post("/exports", json={"resource": "customers"})
        result = (await done(asker.client, asked))["result_url"].removeprefix("/v1")
        readers = (sees, masks, terms)
        got = [await reader.client.get(result) for reader in readers]
        assert tuple(answer.status_code for answer in got) == allowed


async def test_a_rule_counts_within_a_second(group: Group, anna: Json) -> None:
    held = await role(group)
    person, place = await group.hire(held, None), f"/customers/{anna['id']}"
    assert (await person.client.get(place)).json()["born_on"] == PERSON["born_on"]
    await group.admin.patch(f"/roles/{held}", json={"fields": rules(born_on="mask")})
    await asyncio.sleep(1.1)
    assert (await person.client.get(place)).json()["born_on"] is None


async def test_who_acts_on_behalf_sees_what_both_see(group: Group, hire: Hire, anna: Json) -> None:
    person = await hire(born_on="mask")
    behalf = {"Crm-On-Behalf-Of": person.id}
    shown = await group.admin.get(f"/customers/{anna['id']}", headers=behalf)
    assert shown.json()["born_on"] is None
    assert ids(await group.admin.get("/customers", headers=behalf)) == {anna["id"]}


async def test_a_change_of_what_is_hidden_is_no_change_in_the_feed(
    group: Group, hire: Hire, house: House, anna: Json
) -> None:
    person, place = await hire(born_on="mask", tags="mask"), f"/customers/{anna['id']}"
    await group.admin.patch(place, json={"born_on": "1966-06-06", "name": "Anne"})
    await group.admin.patch(place, json={"tags": ["other"]})
    await numbered(house)
    events = (await person.client.get("/events", params={"object_id": anna["id"]})).json()["data"]
    assert [sorted(event["changes"] or ()) for event in events] == [[], ["name", "sort_name"], []]
    assert "1966-06-06" not in json.dumps(events)


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as found:
        yield found


async def colleague(post: Post, **access: str) -> tuple[Group, Person]:
    """Somebody with rules of customers, in the tenant whose events are posted."""

    async def with_key(secret: str) -> AsyncClient:
        return client_of(post.app, secret)

    group = await grown(post.client, with_key)
    return group, await group.hire(await role(group, **access), None)


async def endpoint_of(post: Post, person: Person, **said: Any) -> Json:
    body = {"url": post.receiver.url, "event_types": ["customer.created"], **said}
    return await made(person.client, "/webhook-endpoints", body)


async def test_an_endpoint_is_not_sent_what_is_hidden_from_whoever_made_it(post: Post) -> None:
    _, person = await colleague(post, born_on="mask", tags="mask")
    endpoint = await endpoint_of(post, person)
    customer = await post.customer(**PERSON)
    await post.work()
    [came] = post.receiver.came
    event = verified(endpoint, came)
    assert event["data"] == (await person.client.get(f"/customers/{customer['id']}")).json()
    assert b"1977-07-07" not in came.body and b"marker_tag" not in came.body  # noqa: PT018


async def test_an_endpoint_sees_no_more_because_somebody_else_enables_it(post: Post) -> None:
    _, person = await colleague(post, born_on="mask")
    endpoint = await endpoint_of(post, person)
    me = (await person.client.get("/me")).json()
    assert (await post.client.delete(f"/api-keys/{me['api_key_id']}")).status_code == 204
    await post.customer(name="Lost")
    await post.work()
    place = f"/webhook-endpoints/{endpoint['id']}"
    assert (await post.client.post(f"{place}/enable")).json()["state"] == "active"
    await post.customer(**PERSON)
    await post.work()
    assert verified(endpoint, post.receiver.came[-1])["data"]["born_on"] is None


async def test_what_is_hidden_before_it_is_sent_is_not_sent(post: Post) -> None:
    group, person = await colleague(post)
    endpoint = await endpoint_of(post, person)
    post.receiver.answers(500)
    await post.customer(**PERSON)
    await post.work()
    [held] = (await post.client.get("/role-assignments", params={"user_id": person.id})).json()[
        "data"
    ]
    hidden = {"fields": rules(born_on="mask")}
    assert (await group.admin.patch(f"/roles/{held['role_id']}", json=hidden)).status_code == 200
    await asyncio.sleep(1.1)
    await post.later(60)
    shown = [verified(endpoint, came)["data"]["born_on"] for came in post.receiver.came]
    assert shown == [PERSON["born_on"], None]


async def test_an_endpoint_is_not_filtered_by_what_is_hidden(post: Post) -> None:
    _, person = await colleague(post, born_on="mask")
    body = {
        "url": post.receiver.url,
        "event_types": ["customer.created"],
        "filter": condition("born_on"),
    }
    refused(await person.client.post("/webhook-endpoints", json=body), 403, "forbidden")
