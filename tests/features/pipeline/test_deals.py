"""Deals: what they are made of, how they are found, and what of them stays as it was."""

import asyncio
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_api.features.pipeline.parts.rules import line
from crm_api.kit.currencies import digits_of
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import ids, made

from .conftest import Shop, Told
from .selling import acted, customer, later, money, pipeline, rate, shop, unit, user, way, wrong

Json = dict[str, Any]
NOBODY = "f" * 32
ITEMS = [{"key": key, "labels": {"en": key}, "required": False} for key in ("budget", "legal")]
TICKED = way("a", "b", a={"checklist": ITEMS[:1]}, b={"checklist": ITEMS[1:]})
ELSEWHERE = {
    "stage": "contact",
    "business_unit_id": f"bun_{NOBODY}",
    "pipeline_id": f"pip_{NOBODY}",
}
BUDGET: Json = {
    "resource": "deal",
    "key": "budget",
    "kind": "number",
    "labels": {"en": "Budget"},
    "indexed": True,
}


def product(price: str, currency: str = "CNY", **said: Any) -> Json:
    return {"name": "Filling machine", "unit_price": money(price, currency), **said}


async def sent(selling: Shop, **said: Any) -> Response:
    named = {"customer_id": selling.customer, "business_unit_id": selling.unit}
    return await selling.client.post("/deals", json={"name": "Packaging line", **named, **said})


async def put(client: AsyncClient, deal: Json, **said: Any) -> Response:
    return await client.patch(f"/deals/{deal['id']}", json=said)


async def test_a_deal_is_answered_as_it_was_said(client: AsyncClient) -> None:
    await made(client, "/custom-fields", BUDGET)
    selling = await shop(client, stages=TICKED)
    owner, mate = await user(client), await user(client, "王强")
    said: Json = {
        "stage": "b",
        "owner_id": owner,
        "collaborator_ids": [mate],
        "amount": money("50000.00"),
        "expected_close_on": "2026-12-31",
        "probability": 35,
        "forecast_category": "commit",
        "source": "trade_fair",
        "description": "For plant 2",
        "contacts": [
            {"customer_id": selling.customer, "role": "decision_maker", "is_primary": True}
        ],
        "products": [],
        "competitors": [{"name": "Northwind", "strengths": "Price", "weaknesses": None}],
        "splits": [
            {"kind": "revenue", "user_id": owner, "percent": "62.5"},
            {"kind": "revenue", "user_id": mate, "percent": "37.5"},
            {"kind": "credit", "user_id": mate, "percent": "100"},
        ],
        "checklist": {"budget": True},
        "external_ids": {"sap": "4711"},
        "custom": {"budget": 60000},
    }
    created = await sent(selling, **said)
    assert created.status_code == 201, created.text
    deal = created.json()
    assert deal == deal | said | {
        "pipeline_id": selling.pipeline["id"],
        "stage_id": selling.pipeline["stages"][1]["id"],
        "status": "open",
        "stage_since": deal["created_at"],
        "stale_since": None,
        "base_amount": money("50000.00"),
        "exchange_rate": "1",
        "closed_at": None,
        "loss_reason": None,
        "external_id_aliases": [],
        "state": "live",
    }
    assert (await client.get(f"/deals/{deal['id']}")).content == created.content


async def test_a_bare_deal_begins_in_the_first_stage_without_an_amount(selling: Shop) -> None:
    bare = await selling.deal()
    assert (bare["stage"], bare["probability"], bare["forecast_category"]) == (
        "contact",
        10,
        "pipeline",
    )
    nothing = ("owner_id", "amount", "base_amount", "exchange_rate", "expected_close_on", "source")
    assert {bare[name] for name in nothing} == {None}
    lists = ("collaborator_ids", "contacts", "products", "competitors", "splits")
    assert [bare[name] for name in lists] == [[]] * 5
    assert (bare["checklist"], bare["custom"]) == ({}, {})


async def test_whoever_acts_as_a_user_owns_what_he_makes_unless_he_says_another(
    selling: Shop,
) -> None:
    owner = await user(selling.client)
    await made(selling.client, f"/users/{owner}/activate", None, 200)
    admin = (await selling.client.get("/roles", params={"code": "group_administrator"})).json()
    role = {"user_id": owner, "role_id": admin["data"][0]["id"]}
    await made(selling.client, "/role-assignments", role)
    behalf = {"Crm-On-Behalf-Of": owner}
    body = {"name": "A", "customer_id": selling.customer, "business_unit_id": selling.unit}
    for said, expected in (({}, owner), ({"owner_id": None}, None)):
        answer = await selling.client.post("/deals", json={**body, **said}, headers=behalf)
        assert answer.json()["owner_id"] == expected


@pytest.mark.parametrize(
    ("price", "said", "amount"),
    [
        (("180000", "CNY"), {"quantity": "2", "discount_percent": "5"}, "342000.00"),
        (("0.005", "CNY"), {}, "0.01"),
        (("0.0049", "CNY"), {}, "0.00"),
        (("0.5", "JPY"), {}, "1"),
        (("0.499999", "JPY"), {}, "0"),
        (("3", "JPY"), {"discount_percent": "50"}, "2"),
        (("0.0005", "KWD"), {}, "0.001"),
        (("1.2345", "KWD"), {"quantity": "1.5"}, "1.852"),
        (("33.33", "CNY"), {"quantity": "0.001"}, "0.03"),
        (("10", "CNY"), {"discount_percent": "100"}, "0.00"),
        (("-7.5", "CNY"), {"quantity": "3"}, "-22.50"),
    ],
)
async def test_the_amount_is_the_sum_of_the_products(
    selling: Shop, price: tuple[str, str], said: Json, amount: str
) -> None:
    more = product("1000", price[1])
    deal = await selling.deal(products=[product(*price, **said), more])
    lines = [Decimal(one["amount"]["amount"]) for one in deal["products"]]
    assert deal["products"][0]["amount"] == money(amount, price[1])
    assert deal["amount"]["currency"] == price[1]
    assert Decimal(deal["amount"]["amount"]) == sum(lines)
    assert deal == await selling.now(deal)


@given(
    quantity=st.decimals("0.001", "999999999", places=3),
    price=st.decimals("-999999", "999999", places=6),
    discount=st.decimals(0, 100, places=2),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_a_line_is_rounded_half_up_once(
    quantity: Decimal, price: Decimal, discount: Decimal, currency: str
) -> None:
    said = {
        "quantity": str(quantity),
        "unit_price": {"amount": str(price), "currency": currency},
        "discount_percent": str(discount),
    }
    with localcontext(prec=60):
        exact = quantity * price * (100 - discount) / 100
        assume(abs(exact) < 10**12)  # more is refused
        unit = Decimal(1).scaleb(-digits_of(currency))
        found = Decimal(line(said)["amount"]["amount"])
        assert found == exact.quantize(unit, ROUND_HALF_UP)


async def test_products_make_the_amount_and_without_them_it_is_what_was_typed(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal(amount=money("5"))
    deal = await selling.change(deal, products=[product("70"), product("30")])
    assert deal["amount"] == deal["base_amount"] == money("100.00")
    async with nothing_changes():
        assert wrong(await put(client, deal, amount=money("5"))) == [
            ("/amount", "follows_products")
        ]
    left = await selling.change(deal, products=[])
    assert (left["products"], left["amount"]) == ([], money("100.00"))
    both = await selling.change(deal, products=[], amount=money("7"))
    assert both["amount"] == money("7.00")
    assert (await selling.change(deal, amount=None))["base_amount"] is None


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"amount": money("-1")}, "/amount", "amount_negative"),
        ({"amount": money("1.5", "JPY")}, "/amount", "currency_digits"),
        ({"amount": money("1000000000000")}, "/amount/amount", "string_pattern_mismatch"),
        ({"amount": money("1", "XXX")}, "/amount/currency", "currency_unknown"),
        ({"products": [product("-5")]}, "/products", "amount_negative"),
        ({"products": [product("5"), product("5", "EUR")]}, "/products", "two_currencies"),
        ({"products": [product("999999999999"), product("1")]}, "/products", "too_much"),
        (
            {"products": [product("999999999999", quantity="999999999.999")]},
            "/products",
            "too_much",
        ),
        (
            {"products": [product("5")], "amount": money("5")},
            "/amount",
            "follows_products",
        ),
        (
            {"products": [product("5", quantity="0")]},
            "/products/0/quantity",
            "string_pattern_mismatch",
        ),
        (
            {"products": [product("5", discount_percent="100.01")]},
            "/products/0/discount_percent",
            "string_pattern_mismatch",
        ),
        (
            {"products": [product("5", amount=money("1"))]},
            "/products/0/amount",
            "extra_forbidden",
        ),
        ({"probability": 101}, "/probability", "less_than_equal"),
        ({"status": "won"}, "/status", "extra_forbidden"),
        ({"checklist": {"ghost": True}}, "/checklist/ghost", "unknown_item"),
        ({"custom": {"ghost": "x"}}, "/custom/ghost", "unknown_field"),
    ],
)
async def test_what_does_not_fit_a_deal_is_named(
    selling: Shop, nothing_changes: Unchanged, said: Json, place: str, code: str
) -> None:
    deal = await selling.deal()
    async with nothing_changes():
        assert wrong(await sent(selling, **said)) == [(place, code)]
        assert wrong(await put(selling.client, deal, **said)) == [(place, code)]


async def test_an_amount_has_twelve_digits_in_the_currency_of_the_tenant_too(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    await rate(selling.client, "EUR", "9")
    most = await selling.deal(amount=money("999999999999"))
    assert most["base_amount"] == money("999999999999.00")
    async with nothing_changes():
        answer = await sent(selling, amount=money("999999999999", "EUR"))
        assert wrong(answer) == [("/amount", "too_much")]


async def split(selling: Shop, *shares: tuple[str, str, str]) -> list[Json]:
    return [{"kind": kind, "user_id": of, "percent": share} for kind, of, share in shares]


async def test_splits_of_a_kind_are_a_hundred_percent(
    selling: Shop, nothing_changes: Unchanged, admin: "Admin[Any]"
) -> None:
    one, two = await user(selling.client), await user(selling.client, "王强")
    deal = await selling.deal(
        splits=await split(selling, ("revenue", one, "33.33"), ("revenue", two, "66.67"))
    )
    unfit: list[tuple[list[tuple[str, str, str]], str]] = [
        ([("revenue", one, "99.99")], "not_whole"),
        ([("revenue", one, "50"), ("revenue", two, "50.01")], "not_whole"),
        ([("revenue", one, "100"), ("credit", two, "50")], "not_whole"),
        ([("revenue", one, "50"), ("revenue", one, "50")], "user_repeated"),
    ]
    async with nothing_changes():
        for shares, code in unfit:
            said = {"splits": await split(selling, *shares)}
            assert wrong(await sent(selling, **said)) == [("/splits", code)]
            assert wrong(await put(selling.client, deal, **said)) == [("/splits", code)]
        for stored in ('[{"kind": "revenue", "percent": "99.99"}]', '[{"percent": "101"}]'):
            with pytest.raises(Exception, match="splits_sum_to_all"):
                await admin.execute(
                    "UPDATE deals SET splits = $2::jsonb WHERE id = $1", deal["id"][4:], stored
                )
    both = await split(selling, ("revenue", one, "100"), ("credit", two, "100.00"))
    assert (await selling.change(deal, splits=both))["splits"] == both
    assert (await selling.change(deal, splits=[]))["splits"] == []


@pytest.mark.parametrize("field", ["owner_id", "collaborator_ids", "splits"])
async def test_deals_are_given_to_users_who_are_there(
    selling: Shop, nothing_changes: Unchanged, field: str
) -> None:
    client, gone = selling.client, await user(selling.client, "Gone")

    def said(who: str) -> Json:
        one = {"user_id": who, "percent": "100"} if field == "splits" else who
        return {field: one if field == "owner_id" else [one]}

    deal = await selling.deal(**said(gone))
    for verb in ("activate", "depart"):
        assert (await client.post(f"/users/{gone}/{verb}")).status_code == 200
    other = await selling.deal()
    place = {"owner_id": "/owner_id", "splits": "/splits/0/user_id"}.get(field, f"/{field}/0")
    async with nothing_changes():
        assert (await put(client, deal, **said(gone))).json() == deal  # as it was
        for who in (f"usr_{NOBODY}", gone):
            assert wrong(await put(client, other, **said(who))) == [(place, "unknown_reference")]
            assert wrong(await sent(selling, **said(who))) == [(place, "unknown_reference")]


async def test_a_contact_is_somebody_whom_one_sees_and_stands_in_a_deal_once(
    selling: Shop, nothing_changes: Unchanged, caller: NewClient
) -> None:
    people = [await customer(selling.client, name) for name in ("王芳", "李娜")]
    theirs = await customer(await caller(), "Stranger")
    contacts = [{"customer_id": one, "role": "champion"} for one in people]
    deal = await selling.deal(contacts=contacts)
    primary = [{**one, "is_primary": True} for one in contacts]
    async with nothing_changes():
        for said, code in ((primary, "two_primary"), (contacts * 2, "contact_repeated")):
            assert wrong(await sent(selling, contacts=said)) == [("/contacts", code)]
            assert wrong(await put(selling.client, deal, contacts=said)) == [("/contacts", code)]
        for nobody in (theirs, f"cus_{NOBODY}"):
            said = [*contacts, {"customer_id": nobody}]
            answer = await put(selling.client, deal, contacts=said)
            assert wrong(answer) == [("/contacts/2/customer_id", "unknown_reference")]
    found = ids(await selling.client.get("/deals", params={"contact_id": people[0]}))
    assert found == {deal["id"]}
    left = await selling.change(deal, contacts=primary[1:])
    assert left["contacts"] == primary[1:]
    assert ids(await selling.client.get("/deals", params={"contact_id": people[0]})) == set()


async def test_a_checklist_is_merged_item_by_item(client: AsyncClient) -> None:
    selling = await shop(client, stages=TICKED)
    deal = await selling.deal(checklist={"budget": True})
    assert (await selling.change(deal, checklist={})) == deal
    both = await selling.change(deal, checklist={"legal": True})
    assert both["checklist"] == {"budget": True, "legal": True}
    one = await selling.change(deal, checklist={"budget": False})
    assert one["checklist"] == {"legal": True}
    refused_ = await put(client, deal, checklist={"legal": False, "ghost": False})
    assert wrong(refused_) == [("/checklist/ghost", "unknown_item")]
    assert "budget, legal" in refused_.json()["errors"][0]["message"]


async def test_what_it_is_worth_follows_the_rates_as_it_is_changed(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client = selling.client
    none = await selling.deal(amount=money("100", "EUR"))
    assert (none["base_amount"], none["exchange_rate"]) == (None, None)
    euro = await rate(client, "EUR", "7.8125")
    known = await selling.deal(amount=money("100.01", "EUR"))
    assert (known["base_amount"], known["exchange_rate"]) == (money("781.33"), "7.8125")
    await client.patch(f"/exchange-rates/{euro['id']}", json={"rate": "8"})
    assert await selling.now(known) == known
    assert (await selling.change(known, name="Other"))["base_amount"] == money("781.33")
    again = await selling.change(known, amount=money("100.01", "EUR"))
    assert (again["base_amount"], again["exchange_rate"]) == (money("800.08"), "8")
    yen = await selling.change(known, amount=money("7", "JPY"))
    assert (yen["amount"], yen["base_amount"]) == (money("7", "JPY"), None)


async def test_collaborators_are_added_and_removed_whatever_others_do(selling: Shop) -> None:
    client, deal = selling.client, await selling.deal()
    users = [await user(client, f"U{n}") for n in range(5)]
    place = f"/deals/{deal['id']}"
    added = await asyncio.gather(
        *(
            client.post(f"{place}/add-collaborators", json={"collaborator_ids": [one, users[0]]})
            for one in users
        )
    )
    assert [answer.status_code for answer in added] == [200] * 5
    assert sorted((await selling.now(deal))["collaborator_ids"]) == sorted(users)
    gone = {"collaborator_ids": [users[0], f"usr_{NOBODY}"]}
    left = await client.post(f"{place}/remove-collaborators", json=gone)
    assert sorted(left.json()["collaborator_ids"]) == sorted(users[1:])
    for who, found in ((users[1], {deal["id"]}), (users[0], set())):
        assert ids(await client.get("/deals", params={"collaborator_id": who})) == found
    version = left.json()["version"]
    same = await client.post(f"{place}/remove-collaborators", json=gone)
    assert same.json()["version"] == version
    more = [await user(client, f"M{n}") for n in range(47)]
    full = await client.post(f"{place}/add-collaborators", json={"collaborator_ids": more})
    refused(full, 409, "conflict")


async def test_deals_have_fields_of_the_tenants_own(client: AsyncClient) -> None:
    await made(client, "/custom-fields", BUDGET)
    code = {**BUDGET, "key": "code", "kind": "text", "unique": True, "indexed": False}
    await made(client, "/custom-fields", code)
    selling = await shop(client)
    deal = await selling.deal(custom={"budget": 9, "code": "A"})
    refused(await sent(selling, custom={"code": "A"}), 409, "duplicate-value")
    assert (await selling.change(deal, custom={"budget": None}))["custom"] == {"code": "A"}
    for n in (8, 40):
        await selling.deal(custom={"budget": n})
    more = {"kind": "condition", "field": "custom.budget", "op": "gt", "value": 8}
    found = await client.post("/deals/search", json={"filter": more, "sort": ["-custom.budget"]})
    assert [one["custom"] for one in found.json()["data"]] == [{"budget": 40}]


async def test_a_deal_that_a_system_knows_is_made_once_and_changed_then(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, place = selling.client, "/deals/external/erp/A-1"
    assert wrong(await client.patch(place, json={"source": "x"})) == [
        ("/customer_id", "missing"),
        ("/name", "missing"),
    ]
    said: Json = {"customer_id": selling.customer, "business_unit_id": selling.unit}
    said |= {
        "name": "Line",
        "stage": "needs",
        "amount": money("5"),
        "pipeline_id": selling.pipeline["id"],
    }
    created = await client.patch(place, json=said)
    assert (created.status_code, created.json()["stage"]) == (201, "needs")
    async with nothing_changes():
        assert (await client.patch(place, json=said)).content == created.content
        for name, other in ELSEWHERE.items():
            answer = await client.patch(place, json={name: other})
            assert wrong(answer) == [(f"/{name}", "new_only")]
        late = await client.patch(place, json={"name": "B"}, headers={"If-Match": '"9"'})
        refused(late, 412, "precondition-failed")
    renamed = await client.patch(place, json={"external_ids": {"erp": "A-2"}})
    assert renamed.json()["external_id_aliases"] == [{"system": "erp", "value": "A-1"}]
    assert (await client.get(place)).content == renamed.content
    again = await client.post(f"/deals/{created.json()['id']}/archive")
    assert again.json()["state"] == "archived"
    restored = await client.patch(place, json={"source": "fair"})
    assert (restored.json()["state"], restored.json()["source"]) == ("live", "fair")


async def test_a_deal_has_so_many_ids_elsewhere_however_they_come(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    deal = await selling.deal(external_ids={f"s{n}": "1" for n in range(20)})
    async with nothing_changes():
        answer = await put(selling.client, deal, external_ids={"more": "1"})
        assert wrong(answer) == [("/external_ids", "too_long")]


async def test_a_system_sends_every_night_what_it_knows_and_that_is_right(
    selling: Shop, nothing_changes: Unchanged, told: Told
) -> None:
    """Also of a deal that is closed, and of one whose customer has been archived meanwhile."""
    client, place = selling.client, "/deals/external/erp/A-1"
    owner = await user(client)
    await rate(client, "EUR", "8")
    said: Json = {
        "name": "Line",
        "customer_id": selling.customer,
        "business_unit_id": selling.unit,
        "owner_id": owner,
        "products": [product("5", "EUR", quantity="3")],
        "expected_close_on": "2026-12-31",
        "forecast_category": "commit",
        "splits": [{"user_id": owner, "percent": "100"}],
    }
    deal = (await client.patch(place, json=said)).json()
    won = await acted(client, deal, "win")
    await client.post(f"/customers/{selling.customer}/archive")
    await rate(client, "EUR", "9", on="2020-01-02")
    async with nothing_changes():
        assert (await client.patch(place, json=said)).json() == won
        other = {**said, "products": [product("6", "EUR")], "owner_id": None}
        assert wrong(await client.patch(place, json=other), 409) == [
            ("/owner_id", "deal_closed"),
            ("/amount", "deal_closed"),
            ("/products", "deal_closed"),
        ]
    assert [one["type"] for one in await told(deal)] == ["deal.created", "deal.won"]


async def test_a_batch_of_deals_costs_only_what_is_wrong(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client = selling.client
    named = {"customer_id": selling.customer, "business_unit_id": selling.unit}
    there = await selling.deal(external_ids={"erp": "3"})

    def items(**more: Json) -> list[Json]:
        of: dict[str, Json] = {
            "1": {"name": "One", **named, "amount": money("5"), "stage": "needs"},
            "2": {"name": "Two", **named, "stage": "ghost"},
            "3": {"source": "fair", **named},
            "4": {"name": "Four"},
            "5": {"name": "Five", **named, "products": [product("-5")]},
            "6": {"name": "Six", **named, "external_ids": {"sap": "6"}},
            **more,
        }
        return [{"external_id": id, "data": data} for id, data in of.items()]

    async with nothing_changes():
        body = {"system": "erp", "items": items(), "atomic": True}
        assert (await client.post("/deals/batch-upsert", json=body)).status_code == 422
    body = {"system": "erp", "items": items()}
    answer = await client.post("/deals/batch-upsert", json=body)
    assert answer.status_code == 207, answer.text
    done = answer.json()["data"]
    outcomes = ["created", "failed", "updated", "failed", "failed", "created"]
    assert [one["outcome"] for one in done] == outcomes
    failed = [one["problem"]["errors"][0] for one in done if one["problem"]]
    assert [(one["pointer"], one["code"]) for one in failed] == [
        ("/data/stage", "unknown_stage"),
        ("/data/customer_id", "missing"),
        ("/data/products", "amount_negative"),
    ]
    assert done[2]["id"] == there["id"]
    async with nothing_changes():
        again = await client.post("/deals/batch-upsert", json=body)
    assert [one["outcome"] for one in again.json()["data"]] == [
        "unchanged" if one in ("created", "updated") else one for one in outcomes
    ]


async def many(selling: Shop) -> list[Json]:
    """Of several stages, amounts, dates and owners; the first two are alike."""
    owner = await user(selling.client)
    await rate(selling.client, "EUR", "8")
    deals = [
        await selling.deal(name="B", amount=money("20"), expected_close_on="2026-05-01"),
        await selling.deal(name="B", amount=money("20"), expected_close_on="2026-05-01"),
        await selling.deal(name="a", amount=money("3", "EUR"), source="fair", owner_id=owner),
        await selling.deal(name="王芳", stage="needs", expected_close_on="2026-04-01"),
        await selling.deal(name="C", amount=money("0"), forecast_category="commit"),
        await selling.deal(name="D", amount=money("9", "USD")),
    ]
    deals[1] = await acted(selling.client, deals[1], "win")
    deals[4] = await acted(selling.client, deals[4], "lose", reason="price")
    return deals


SORTS = ["created_at", "updated_at", "name", "expected_close_on", "base_amount"]


async def test_every_sort_is_paged_through_deal_by_deal(selling: Shop) -> None:
    client, deals = selling.client, await many(selling)
    value = {d["id"]: Decimal((d["base_amount"] or {"amount": "0"})["amount"]) for d in deals}
    for sort in [*SORTS, *(f"-{name}" for name in SORTS)]:
        asked: Json = {"sort": [sort], "limit": 2}
        found: list[Json] = []
        while True:
            page = (await client.get("/deals", params=asked)).json()
            found += page["data"]
            if not page["has_more"]:
                break
            asked["cursor"] = page["next_cursor"]
        assert sorted(one["id"] for one in found) == sorted(one["id"] for one in deals), sort
        name = sort.removeprefix("-")
        if name == "base_amount":
            keys: list[Any] = [value[one["id"]] for one in found]
        else:
            keys = [(one[name] or "9999") for one in found if name != "name"]
        assert keys == sorted(keys, reverse=sort.startswith("-")), sort


async def test_deals_are_found_by_what_they_are(selling: Shop) -> None:
    client, deals = selling.client, await many(selling)
    one, two, three, four, five, six = (deal["id"] for deal in deals)

    async def found(**asked: Any) -> set[str]:
        return ids(await client.get("/deals", params=asked))

    for asked, expected in (
        ({"status": "open"}, {one, three, four, six}),
        ({"status": ["won", "lost"]}, {two, five}),
        ({"stage": "needs"}, {four}),
        ({"stage_id": deals[3]["stage_id"], "status": "open"}, {four}),
        ({"pipeline_id": selling.pipeline["id"], "source": "fair"}, {three}),
        ({"forecast_category": "commit"}, {five}),
        ({"owner_id": deals[2]["owner_id"]}, {three}),
        ({"expected_close_on__lt": "2026-05-01"}, {four}),
        ({"expected_close_on__gte": "2026-05-01", "status": "open"}, {one}),
        ({"closed_at__gte": "2000-01-01T00:00:00Z"}, {two, five}),
        ({"updated_at__gt": deals[5]["created_at"]}, {two, five}),
        ({"customer_id": selling.customer, "q": "王"}, {four}),
        ({"q": "wang fang"}, {four}),
        ({"stale": "true"}, set()),
        ({"stale": "false", "stage": "needs"}, {four}),
        ({"state": "archived"}, set()),
    ):
        assert await found(**asked) == expected, asked


def condition(field: str, op: str, value: Any) -> Json:
    return {"kind": "condition", "field": field, "op": op, "value": value}


async def test_deals_are_found_by_a_filter_over_them_and_their_customers(selling: Shop) -> None:
    client, deals = selling.client, await many(selling)
    one, two, three, four, five, _ = (deal["id"] for deal in deals)
    fields = (await client.get("/filter-fields", params={"resource": "deals"})).json()["fields"]
    named = {field["field"] for field in fields}
    assert {"status", "base_amount", "amount", "customer.name", "stage_since"} <= named
    for asked, expected in (
        (condition("base_amount", "gte", "20"), {one, two, three}),
        (condition("amount", "eq", "3.00"), {three}),
        (condition("currency", "eq", "EUR"), {three}),
        (condition("probability", "gte", 100), {two}),
        (condition("loss_reason", "eq", "price"), {five}),
        (condition("customer.name", "contains", "旭日"), {deal["id"] for deal in deals}),
        (condition("stage", "in", ["needs", "won"]), {two, four}),
        (condition("closed_at", "exists", True), {two, five}),
    ):
        answer = await client.post("/deals/search", json={"filter": asked})
        assert ids(answer) == expected, asked
    asked = {"filter": condition("stage", "eq", "needs"), "expand": ["customer"]}
    (read,) = (await client.post("/deals/search", json=asked)).json()["data"]
    assert read["customer"]["name"] == "旭日机械"


async def test_deals_are_counted_and_summed_up(selling: Shop) -> None:
    await many(selling)
    asked = {
        "group_by": ["status"],
        "metrics": [{"op": "count"}, {"op": "sum", "field": "base_amount"}],
    }
    answer = await selling.client.post("/deals/aggregate", json=asked)
    assert answer.status_code == 200, answer.text
    told = {
        row["group"]["status"]: list(row["metrics"].values()) for row in answer.json()["groups"]
    }
    assert {status: figures[0] for status, figures in told.items()} == {
        "open": 4,
        "won": 1,
        "lost": 1,
    }
    assert [Decimal(str(told[status][1])) for status in ("open", "won")] == [44, 20]


async def test_a_customer_stands_beside_a_deal_for_who_may_read_customers(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    selling = await shop(await caller(tenant=tenant))
    deal = await selling.deal(external_ids={"erp": "1"})
    for path in (f"/deals/{deal['id']}", "/deals/external/erp/1"):
        read = await selling.client.get(path, params={"expand": "customer"})
        assert read.json()["customer"]["id"] == selling.customer
    clerk = await caller("deals:read", tenant=tenant)
    assert (await clerk.get(f"/deals/{deal['id']}")).json() == deal
    async with nothing_changes():
        for answer in (
            await clerk.get("/deals", params={"expand": "customer"}),
            await clerk.get(f"/deals/{deal['id']}", params={"expand": "customer"}),
            await clerk.post("/deals/search", json={"expand": ["customer"]}),
            await clerk.post(
                "/deals/search", json={"filter": condition("customer.name", "exists", True)}
            ),
            await clerk.get(f"/deals/{deal['id']}/stage-history"),
            await clerk.get(f"/deals/{deal['id']}/transitions"),
        ):
            assert refused(answer, 403, "forbidden")["missing_scope"] in (
                ["customers:read"],
                ["pipelines:read"],
            )


async def test_a_deal_is_read_as_it_was(selling: Shop, told: Told) -> None:
    client, deal = selling.client, await selling.deal(amount=money("5"))
    await later(client, 60)
    moved = await acted(client, deal, "move", stage="needs")
    await later(client, 60)
    await selling.change(moved, amount=money("7"))
    await told(deal)
    for at, then in ((deal, deal), (moved, moved)):
        asked = {"as_of": at["updated_at"]}
        assert (await client.get(f"/deals/{deal['id']}", params=asked)).json() == then


async def test_an_archived_deal_is_only_read(
    selling: Shop, nothing_changes: Unchanged, told: Told
) -> None:
    client, deal = selling.client, await selling.deal(amount=money("5"))
    place, who = f"/deals/{deal['id']}", {"collaborator_ids": [await user(client)]}
    archived = (await client.post(f"{place}/archive")).json()
    async with nothing_changes():
        for answer in (
            await client.patch(place, json={"name": "B"}),
            await client.post(f"{place}/add-collaborators", json=who),
            await client.post(f"{place}/remove-collaborators", json=who),
            *[
                await client.post(f"{place}/{verb}", json=said, headers={"If-Match": '"2"'})
                for verb, said in (
                    ("move", {"stage": "needs"}),
                    ("win", {}),
                    ("lose", {"reason": "price"}),
                    ("reopen", {"reason": "x"}),
                )
            ],
        ):
            refused(answer, 409, "conflict")
        refused(await client.post(f"{place}/archive"), 409, "invalid-transition")
    assert (await client.get(place)).json() == archived
    assert ids(await client.get("/deals")) == set()
    assert ids(await client.get("/deals", params={"state": "archived"})) == {deal["id"]}
    restored = (await client.post(f"{place}/restore")).json()
    assert restored == {**deal, "version": 3, "updated_at": restored["updated_at"]}
    types = [record["type"] for record in await told(deal)]
    assert types == ["deal.created", "deal.archived", "deal.restored"]


FROZEN: Json = {
    "owner_id": None,
    "amount": money("6"),
    "products": [product("6")],
    "splits": [],
    "expected_close_on": "2027-01-01",
    "probability": 50,
    "forecast_category": "commit",
}


async def test_what_reports_stand_on_stays_as_it_was_when_a_deal_is_closed(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, owner = selling.client, await user(selling.client)
    other = await customer(client, "Other")
    splits = [{"user_id": owner, "percent": "100"}]
    for verb, said in (("win", {}), ("lose", {"reason": "price"})):
        deal = await selling.deal(amount=money("5"), owner_id=owner, splits=splits)
        closed = await acted(client, deal, verb, **said)
        for name, value in {**FROZEN, "customer_id": other}.items():
            async with nothing_changes():
                found = wrong(await put(client, closed, **{name: value}), 409)
            assert (f"/{name}", "deal_closed") in found
        free = {"name": "B", "description": "Why", "source": "fair", "contacts": []}
        changed = await selling.change(closed, **free, competitors=[{"name": "N"}])
        assert changed["name"] == "B"
        back = await acted(client, changed, "reopen", reason="A mistake")
        assert (await selling.change(back, **FROZEN | {"amount": None}))["splits"] == []


async def test_a_deal_is_in_a_pipeline_of_its_unit_of_one_above_or_of_the_group(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client = selling.client
    below = await unit(client, "Shop", parent_id=selling.unit)
    own, under, beside = [
        await pipeline(client, is_default=False, business_unit_id=of)
        for of in (selling.unit, below, await unit(client, "West"))
    ]
    assert (await selling.deal(pipeline_id=own["id"]))["pipeline_id"] == own["id"]
    in_shop = {"business_unit_id": below, "pipeline_id": own["id"]}
    assert (await sent(selling, **in_shop)).status_code == 201
    deal = await selling.deal()
    async with nothing_changes():
        for theirs in (under, beside):
            said = {"pipeline_id": theirs["id"]}
            assert wrong(await sent(selling, **said)) == [("/pipeline_id", "other_unit")]
            answer = await client.post(
                f"/deals/{deal['id']}/move",
                json={**said, "stage": "contact"},
                headers={"If-Match": "*"},
            )
            assert wrong(answer) == [("/pipeline_id", "other_unit")]
        for name in ("customer_id", "business_unit_id", "pipeline_id"):
            said = {name: f"{name[:3].replace('bus', 'bun')}_{NOBODY}"}
            assert wrong(await sent(selling, **said)) == [(f"/{name}", "unknown_reference")]
        for stage in ("won", "ghost"):
            assert wrong(await sent(selling, stage=stage)) == [("/stage", "unknown_stage")]


async def test_no_deal_begins_with_a_customer_or_in_a_unit_that_is_archived(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal()
    gone, closed = await customer(client, "Gone"), await unit(client, "Closed")
    await client.post(f"/customers/{gone}/archive")
    await client.post(f"/business-units/{closed}/archive")
    there = [("/customer_id", "customer_archived")]
    async with nothing_changes():
        assert wrong(await sent(selling, customer_id=gone), 409) == there
        assert wrong(await put(client, deal, customer_id=gone), 409) == there
        answer = await sent(selling, business_unit_id=closed)
        assert wrong(answer) == [("/business_unit_id", "archived_reference")]
        bare = {"name": "A", "customer_id": selling.customer}
        assert wrong(await client.post("/deals", json=bare)) == [("/business_unit_id", "missing")]


async def test_a_rehearsal_makes_and_changes_nothing(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal()
    dry = {"Crm-Dry-Run": "true"}
    body = {"name": "A", "customer_id": selling.customer, "business_unit_id": selling.unit}
    async with nothing_changes():
        for answer, event in (
            (await client.post("/deals", json=body, headers=dry), "deal.created"),
            (
                await client.patch(f"/deals/{deal['id']}", json={"name": "B"}, headers=dry),
                "deal.updated",
            ),
            (await client.post(f"/deals/{deal['id']}/archive", headers=dry), "deal.archived"),
        ):
            assert answer.is_success, answer.text
            assert answer.headers["crm-dry-run-events"] == event


async def test_the_database_keeps_a_deal_whole(
    selling: Shop, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    deal = await selling.deal(amount=money("5"))
    other = await selling.other_way("x")
    async with nothing_changes():
        for unfit in (
            "stay_id = NULL",
            "closed_at = now()",
            "status = 'won'",
            "status = 'lost', stay_id = NULL, closed_at = now()",
            "loss_reason = 'price'",
            "probability = 101",
            "amount = -1",
            "currency = NULL",
            "exchange_rate = NULL",
            "amount = NULL, currency = NULL",
            f"stage_id = '{other['stages'][0]['id'][4:]}'",
        ):
            with pytest.raises(Exception, match="violates"):
                await admin.execute(f"UPDATE deals SET {unfit} WHERE id = $1", deal["id"][4:])
