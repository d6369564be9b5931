"""What to show first of a customer: what lists show of each noun, in one call and one statement."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient, Response

from crm_api.kit.context import House
from crm_api.platform.roles.built_in import ROLES
from tests.conftest import NewClient, WithKey
from tests.grouping import Group, Json, Person, grown, made
from tests.platform.test_custom_fields import define

from .pipeline.selling import CNY, Shop, acted, deal, money, pipeline, shop
from .test_customers import refused
from .trade.ordering import line

PARTS = {
    "unit_profiles": "unit_profiles:read",
    "open_deals": "deals:read",
    "orders": "orders:read",
    "planned_activities": "activities:read",
    "recent_activities": "activities:read",
    "open_tasks": "tasks:read",
    "open_tickets": "tickets:read",
}
LISTS: dict[str, tuple[str, int, Json]] = {
    "unit_profiles": ("/unit-profiles", 20, {}),
    "open_deals": ("/deals", 5, {"status": "open"}),
    "orders": ("/orders", 5, {"status": "confirmed", "sort": "-ordered_at"}),
    "planned_activities": ("/activities", 5, {"state": "planned", "sort": "happens_at"}),
    "recent_activities": ("/activities", 10, {"state": "done", "sort": "-happens_at"}),
    "open_tasks": ("/tasks", 5, {"state": "open", "sort": "due_until"}),
    "open_tickets": ("/tickets", 5, {"category": "open"}),
}
"""Where the records of each part are listed, how many of them are shown, and what to ask by."""
SUMS = {"amounts": "amount", "totals": "total", "paid": "paid"}
NOBODY = f"cus_{'0' * 32}"


@pytest.fixture
async def selling(client: AsyncClient) -> Shop:
    return await shop(client)


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


async def asked(client: AsyncClient, customer: str, **headers: str) -> Response:
    return await client.get(f"/customers/{customer}/overview", headers=headers)


async def shown(client: AsyncClient, customer: str, **headers: str) -> Json:
    answer = await asked(client, customer, **headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def ids(part: Json) -> list[str]:
    return [record["id"] for record in part["data"]]


async def activity(client: AsyncClient, of: str, at: str, **said: Any) -> Json:
    named = {"kind": "call", "subject": "Spring order", "customer_id": of, "business_unit_id": at}
    return await made(client, "/activities", {**named, **said})


async def task(client: AsyncClient, of: str, at: str, **said: Any) -> Json:
    named = {"subject": "Send the offer", "customer_id": of, "business_unit_id": at}
    return await made(client, "/tasks", {**named, **said})


async def order(client: AsyncClient, of: str, at: str, **said: Any) -> Json:
    named = {"customer_id": of, "business_unit_id": at, "status": "confirmed"}
    return await made(client, "/orders", {**named, "lines": [line()], **said})


async def ticket(client: AsyncClient, of: str, at: str, **said: Any) -> Json:
    named = {"requester_id": of, "business_unit_id": at, "subject": "It leaks"}
    return await made(client, "/tickets", {**named, **said})


def on(day: int) -> str:
    return f"2026-01-{day:02}T09:00:00.000Z"


async def test_of_a_new_customer_there_is_nothing_yet(selling: Shop) -> None:
    told = await shown(selling.client, selling.customer)
    customer = (await selling.client.get(f"/customers/{selling.customer}")).json()
    nothing: Json = {"count": 0, "data": []}
    assert told == {
        "object": "customer_overview",
        "version": 1,
        "customer": customer,
        "unit_profiles": nothing,
        "open_deals": {"count": 0, "amounts": [], "data": []},
        "orders": {"count": 0, "totals": [], "paid": [], "data": []},
        "planned_activities": nothing,
        "recent_activities": {"has_more": False, "data": []},
        "open_tasks": nothing,
        "open_tickets": nothing,
    }


async def test_open_deals_are_counted_summed_up_by_currency_and_the_newest_are_shown(
    selling: Shop,
) -> None:
    worth = (money("100.10"), money("0.90"), money("7.005", "KWD"), None, money("5"), money("2"))
    made_ = [await selling.deal(amount=amount) for amount in worth]
    await acted(selling.client, await selling.deal(amount=money("400")), "win")
    await acted(selling.client, await selling.deal(), "lose", reason="price")
    archived = await selling.deal(amount=money("800"))
    await selling.client.post(f"/deals/{archived['id']}/archive")
    other = await made(selling.client, "/customers", {"kind": "person", "name": "Bob"})
    await deal(selling.client, other["id"], selling.unit, amount=money("1600"))
    told = (await shown(selling.client, selling.customer))["open_deals"]
    assert told["count"] == 6
    assert told["amounts"] == [money("108.00"), money("7.005", "KWD")]
    assert ids(told) == [one["id"] for one in reversed(made_[1:])]


async def test_the_next_plans_and_what_was_done_last_are_shown(selling: Shop) -> None:
    place = selling.client, selling.customer, selling.unit
    planned = [await activity(*place, starts_at=on(n)) for n in (9, 3, 7, 5, 1, 11)]
    done = [await activity(*place, done_at=on(n)) for n in range(1, 12)]
    for verb in ("cancel", "miss"):
        gone = await activity(*place, starts_at=on(2))
        body: Json | None = {} if verb == "cancel" else None
        answer = await selling.client.post(f"/activities/{gone['id']}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    told = await shown(selling.client, selling.customer)
    assert told["planned_activities"]["count"] == 6
    assert ids(told["planned_activities"]) == [planned[n]["id"] for n in (4, 1, 3, 2, 0)]
    assert told["recent_activities"]["has_more"]
    assert ids(told["recent_activities"]) == [one["id"] for one in done[:0:-1]]


async def test_a_note_without_a_plan_is_among_what_was_done(selling: Shop) -> None:
    place = selling.client, selling.customer, selling.unit
    made_ = [await activity(*place, kind="note", subject=str(n)) for n in range(10)]
    told = (await shown(selling.client, selling.customer))["recent_activities"]
    assert (len(told["data"]), told["has_more"]) == (10, False)
    assert set(ids(told)) == {one["id"] for one in made_}


async def test_open_tasks_are_shown_as_they_are_due(selling: Shop) -> None:
    place = selling.client, selling.customer, selling.unit
    never = await task(*place)
    due = [await task(*place, due_at=on(n)) for n in (20, 4, 12, 8)]
    over = await task(*place, due_at=on(1))
    await selling.client.post(f"/tasks/{over['id']}/complete")
    told = (await shown(selling.client, selling.customer))["open_tasks"]
    assert told["count"] == 5
    assert ids(told) == [due[n]["id"] for n in (1, 3, 2, 0)] + [never["id"]]


async def test_what_units_know_is_shown(group: Group) -> None:
    of = await group.customer("shanghai", "west")
    told = (await shown(group.admin, of))["unit_profiles"]
    units = [one["business_unit_id"] for one in told["data"]]
    assert (told["count"], units) == (2, [group.units["west"], group.units["shanghai"]])


async def busy(group: Group, owners: dict[str, list[Person]]) -> str:
    """A customer with whom two units deal, and some people of each."""
    admin = group.admin
    await pipeline(admin)
    of = await group.customer(*owners)
    for unit, people in owners.items():
        place = admin, of, group.units[unit]
        for n, person in enumerate(people):
            await group.profile(of, unit, owner_id=person.id)
            own: Json = {"owner_id": person.id}
            for amount in (money(f"{n + 1}.50"), money("3", "EUR")):
                await deal(*place, **own, amount=amount)
            await activity(*place, **own, starts_at=on(1 + n))
            await activity(*place, **own, done_at=on(10 + n))
            await task(*place, assignee_id=person.id, due_at=on(20 - n))
            await order(*place, **own, ordered_at=on(1 + n))
            await ticket(*place, follower_ids=[person.id])
    return of


async def check(client: AsyncClient, of: str, **headers: str) -> None:
    """That an overview says what lists say to the same caller."""
    told = await shown(client, of, **headers)
    alone = await client.get(f"/customers/{of}", headers=headers)
    assert told["customer"] == alone.json()
    for name, (path, most, query) in LISTS.items():
        by = "requester_id" if name == "open_tickets" else "customer_id"
        params = {by: of, "limit": 200, **query}
        answer = await client.get(path, params=params, headers=headers)
        if answer.status_code == 403:
            assert told[name] is None, name
            continue
        records = answer.json()["data"]
        part = told[name]
        assert part.pop("data") == records[:most], name
        for member, amount in SUMS.items():
            if (sums := part.pop(member, None)) is not None:
                assert sums == summed(records, amount), name
        counted = {"has_more": len(records) > most, "count": len(records)}
        assert part == {key: counted[key] for key in part}, name
        assert part, name


def summed(records: list[Json], amount: str) -> list[Json]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in records:
        sums[one[amount]["currency"]] += Decimal(one[amount]["amount"])
    return [money(f"{sums[one]:.2f}", one) for one in sorted(sums)]


async def test_each_role_is_shown_what_lists_show_it(group: Group) -> None:
    people = {role.code: await group.hire(role.code) for role in ROLES}
    far = await group.hire("sales", "west")
    owners = {"shanghai": [*people.values(), people["sales"]], "west": [far]}
    of = await busy(group, owners)
    for person in (*people.values(), far):
        await check(person.client, of)


async def test_a_request_for_one_unit_is_shown_what_is_of_that_unit(group: Group) -> None:
    east, west = await group.hire("sales"), await group.hire("sales", "west")
    of = await busy(group, {"shanghai": [east, east], "west": [west]})
    for unit, count in (("shanghai", 4), ("west", 2)):
        told = await shown(group.admin, of, **group.at(unit))
        assert told["open_deals"]["count"] == count
        await check(group.admin, of, **group.at(unit))
    refused(await asked(group.admin, of, **group.at("hangzhou")), 404, "not-found")


async def test_who_sells_is_shown_his_own_deals(group: Group) -> None:
    mine, mate = await group.hire("sales"), await group.hire("sales")
    of = await busy(group, {"shanghai": [mate, mine, mine]})
    told = (await shown(mine.client, of))["open_deals"]
    assert {one["owner_id"] for one in told["data"]} == {mine.id}
    assert (told["count"], told["amounts"]) == (4, [money("6.00"), money("6.00", "EUR")])


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_is_null_without_its_scope(
    group: Group, selling: Shop, part: str, with_key: WithKey
) -> None:
    scopes = {"customers:read", *(scope for scope in PARTS.values() if scope != PARTS[part])}
    key = await made(group.admin, "/api-keys", {"name": "Screen", "scopes": sorted(scopes)})
    told = await shown(await with_key(key["secret"]), selling.customer)
    assert {name for name in PARTS if told[name] is None} == {
        name for name, scope in PARTS.items() if scope == PARTS[part]
    }


async def test_who_may_not_read_customers_is_shown_nothing(caller: NewClient) -> None:
    client = await caller(*PARTS.values())
    problem = refused(await asked(client, NOBODY), 403, "forbidden")
    assert problem["missing_scope"] == ["customers:read"]


async def test_who_sees_masked_data_is_shown_masked_data(group: Group, with_key: WithKey) -> None:
    await define(group.admin, "note", sensitivity="secret")
    said = {"born_on": "1990-02-28", "custom": {"note": "hush"}}
    points = [{"kind": "phone", "value": "+8613800138000"}]
    of = await group.customer("shanghai", contact_points=points, **said)
    scopes = ["customers:read", *sorted(set(PARTS.values()))]
    body = {"name": "Screen", "scopes": scopes, "masked": True}
    key = await made(group.admin, "/api-keys", body)
    masked = await with_key(key["secret"])
    answer = await asked(masked, of)
    for secret in ("13800138000", "1990-02-28", "hush"):
        assert secret not in answer.text
    assert answer.json()["customer"]["contact_points"][0]["value"] == "+86138****8000"
    await check(masked, of)
    assert answer.headers["etag"] != (await asked(group.admin, of)).headers["etag"]


async def test_what_roles_hide_is_not_shown(group: Group) -> None:
    limit = {"credit_limit": money("4711"), "credit_days": 47}
    of = await group.customer(born_on="1977-07-07")
    await group.profile(of, "shanghai", **limit)
    hidden = {"customers": ("born_on",), "unit_profiles": ("credit_limit", "credit_days")}
    fields = [
        {"resource": noun, "field": field, "access": "mask"}
        for noun, fields in hidden.items()
        for field in fields
    ]
    scopes = ("customers:read", "unit_profiles:read")
    role = await group.role(*((scope, "group") for scope in scopes), fields=fields)
    person = await group.hire(role, None)
    told = await shown(person.client, of)
    assert told["customer"]["born_on"] is None
    (profile,) = told["unit_profiles"]["data"]
    assert (profile["credit_limit"], profile["credit_days"]) == (None, None)
    assert (profile["credit_limit"], told["open_deals"]) == (None, None)


async def test_of_whom_one_does_not_see_there_is_no_overview(
    group: Group, caller: NewClient
) -> None:
    of = await group.customer("west")
    seller = await group.hire("sales", "shanghai")
    for client in (seller.client, await caller()):
        refused(await asked(client, of), 404, "not-found")
    refused(await asked(group.admin, NOBODY), 404, "not-found")
    refused(await asked(group.admin, "dea_" + "0" * 32), 404, "not-found")


async def test_an_archived_customer_is_shown(selling: Shop) -> None:
    one = await selling.deal()
    await selling.client.post(f"/customers/{selling.customer}/archive")
    told = await shown(selling.client, selling.customer)
    assert (told["customer"]["state"], ids(told["open_deals"])) == ("archived", [one["id"]])


async def test_the_etag_changes_with_all_that_is_shown(selling: Shop) -> None:
    first = await asked(selling.client, selling.customer)
    tag = first.headers["etag"]
    same = await asked(selling.client, selling.customer, **{"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    one = await selling.deal()
    tags = {tag}
    await selling.change(one, amount=money("12"))
    for change in ({"name": "Packing line"}, {"amount": money("12", "EUR")}):
        await selling.change(one, **change)
        answer = await asked(selling.client, selling.customer, **{"If-None-Match": tag})
        assert answer.status_code == 200
        tags.add(tag := answer.headers["etag"])
    assert len(tags) == 3
    assert {one[:3] for one in tags} == {'"1-'}


async def test_what_was_shown_may_be_changed_as_it_was_seen(selling: Shop) -> None:
    tag = (await asked(selling.client, selling.customer)).headers["etag"]
    await selling.deal()
    place, seen = f"/customers/{selling.customer}", {"If-Match": tag}
    changed = await selling.client.patch(place, json={"name": "旭日"}, headers=seen)
    assert changed.status_code == 200
    late = await selling.client.patch(place, json={"name": "日"}, headers=seen)
    refused(late, 412, "precondition-failed")
    assert (await shown(selling.client, selling.customer))["version"] == 2


async def test_an_overview_is_one_statement(selling: Shop, house: House) -> None:
    await selling.deal(amount=money("1", CNY))
    counted = []
    for _ in range(3):  # once a second a process asks again who comes, and what is defined
        before = house.metrics.statements
        await shown(selling.client, selling.customer)
        counted.append(house.metrics.statements - before)
    assert min(counted) == 1
