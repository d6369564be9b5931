"""What is sold: how it is described, found, put on and off sale, and kept in step with an ERP."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from crm_api.cli.unit import operator
from crm_api.features.catalogue.products.schemas import check_sellable
from crm_api.features.catalogue.products.service import ProductService
from crm_api.kit.context import House
from crm_api.kit.errors import Problem
from crm_api.kit.work import UnitOfWork
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.test_customers import refused
from tests.grouping import Group, grown, made

from .shelf import Json, category, listed, money, names, product, wrong

NOBODY = "f" * 32
MACHINE: Json = {
    "sku": "F-200",
    "name": "灌装机 F-200",
    "description": "Fills\ntwo hundred bottles a minute.",
    "kind": "goods",
    "unit": "台",
    "tax_class": "reduced",
    "tax_code": "1090122010000000000",
    "unit_cost": money("61000.125"),
    "list_price": money("0.0125", "EUR"),
    "status": "draft",
    "external_ids": {"sap": "0000104711"},
}
ATTEMPTS = [
    ("sku", "", "/sku"),
    ("sku", "x" * 61, "/sku"),
    ("name", "\n", "/name"),
    ("kind", "bundle", "/kind"),
    ("unit", "x" * 21, "/unit"),
    ("tax_class", "Standard", "/tax_class"),
    ("tax_code", "1" * 20, "/tax_code"),
    ("tax_code", "12a", "/tax_code"),
    ("unit_cost", money("-1"), "/unit_cost"),
    ("unit_cost", money("0.0000001"), "/unit_cost/amount"),
    ("list_price", money("1", "XXY"), "/list_price/currency"),
    ("list_price", {"amount": 1, "currency": "CNY"}, "/list_price/amount"),
    ("status", "discontinued", "/status"),
]


async def put(client: AsyncClient, of: Json, **said: Any) -> Response:
    return await client.patch(f"/products/{of['id']}", json=said)


async def act(client: AsyncClient, of: Json, verb: str) -> Response:
    return await client.post(f"/products/{of['id']}/{verb}")


async def told(client: AsyncClient, house: House, of: Json) -> list[str]:
    await Sequencer(house.pool).number_all()
    return [one["type"] for one in await listed(client, f"/products/{of['id']}/history")][::-1]


async def upsert(client: AsyncClient, value: str, **said: Any) -> Response:
    return await client.patch(f"/products/external/sap/{value}", json=said)


async def test_a_product_is_answered_as_it_was_said(client: AsyncClient) -> None:
    place = await category(client)
    said = {**MACHINE, "category_id": place["id"]}
    created = await client.post("/products", json=said)
    found = created.json()
    assert found == found | said | {
        "object": "product",
        "unit_cost": money("61000.125"),
        "external_id_aliases": [],
        "custom": {},
    }
    assert (await client.get(f"/products/{found['id']}")).content == created.content
    expanded = await client.get(f"/products/{found['id']}", params={"expand": "category"})
    assert expanded.json()["category"] == place


async def test_a_bare_product_is_goods_of_the_standard_class_and_on_sale(
    client: AsyncClient,
) -> None:
    bare = await product(client)
    assert (bare["kind"], bare["tax_class"], bare["status"]) == ("goods", "standard", "active")
    nothing = ("description", "category_id", "unit", "tax_code", "unit_cost", "list_price")
    assert {bare[name] for name in nothing} == {None}


async def test_a_patch_keeps_what_it_does_not_name_and_clears_what_it_names_null(
    client: AsyncClient, house: House
) -> None:
    one = await product(client, **{k: v for k, v in MACHINE.items() if k != "sku"})
    same = await put(client, one, name=one["name"], unit_cost=one["unit_cost"])
    assert same.json() == one
    priced = (await put(client, one, list_price=money("88000"), unit_cost=None)).json()
    after = {"list_price": money("88000.00"), "unit_cost": None, "version": 2}
    assert priced == {**one, **after, "updated_at": priced["updated_at"]}
    assert await told(client, house, one) == ["product.created", "product.updated"]


@pytest.mark.parametrize(("field", "value", "pointer"), ATTEMPTS)
async def test_what_does_not_fit_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, field: str, value: Any, pointer: str
) -> None:
    async with nothing_changes():
        body = {"sku": "A", "name": "A", field: value}
        assert [place for place, _ in wrong(await client.post("/products", json=body))] == [pointer]


async def test_two_products_cannot_have_one_sku(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first, other = await product(client, sku="F-200"), await product(client)
    async with nothing_changes():
        for answer in (
            await client.post("/products", json={"sku": "F-200", "name": "Another"}),
            await put(client, other, sku="F-200"),
        ):
            problem = refused(answer, 409, "duplicate-value")
            assert problem["errors"][0]["pointer"] == "/sku"
            assert problem["existing"] == {"object": "product", "id": first["id"]}
    assert (await product(client, sku="f-200"))["sku"] == "f-200"


async def test_a_product_is_in_a_category_that_is_there(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    one = await product(client)
    lost = {"category_id": f"pct_{NOBODY}"}
    async with nothing_changes():
        for answer in (
            await client.post("/products", json={"sku": "A", "name": "A", **lost}),
            await put(client, one, **lost),
            await upsert(client, "1", sku="A", name="A", **lost),
        ):
            assert wrong(answer) == [("/category_id", "unknown_reference")]


async def test_a_product_is_put_on_sale_and_taken_off(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    draft = await product(client, status="draft")
    async with nothing_changes():
        problem = refused(await act(client, draft, "discontinue"), 409, "invalid-transition")
    assert problem["allowed"] == ["active"]
    steps = (("activate", "active"), ("discontinue", "discontinued"), ("activate", "active"))
    for verb, status in steps:
        assert (await act(client, draft, verb)).json()["status"] == status
        async with nothing_changes():
            refused(await act(client, draft, verb), 409, "invalid-transition")
    expected = ["created", "activated", "discontinued", "activated"]
    assert await told(client, house, draft) == [f"product.{one}" for one in expected]


async def test_products_are_found_by_name_pinyin_sku_and_what_they_are(client: AsyncClient) -> None:
    top = await category(client)
    below = await category(client, parent_id=top["id"])
    await product(client, "灌装机", sku="F-200", category_id=below["id"], tax_class="reduced")
    await product(client, "Bottle", sku="B-1", category_id=top["id"], status="draft")
    await product(client, "Repair", sku="S-1", kind="service")
    for asked in (
        *({"q": "灌装"}, {"q": "guan zhuang"}, {"q": "f-200"}, {"sku": "F-200"}),
        *({"category_id": below["id"]}, {"under_category": below["id"]}, {"tax_class": "reduced"}),
    ):
        assert await names(client, "/products", **asked) == ["灌装机"], asked
    under = await names(client, "/products", under_category=top["id"], sort="sku")
    assert under == ["Bottle", "灌装机"]
    assert await names(client, "/products", category_id=top["id"]) == ["Bottle"]
    assert await names(client, "/products", kind="service") == ["Repair"]
    assert await names(client, "/products", status="active", sort="name") == ["灌装机", "Repair"]
    assert await names(client, "/products", sort="-sku") == ["Repair", "灌装机", "Bottle"]


async def test_products_are_searched_and_counted_by_their_fields(client: AsyncClient) -> None:
    await product(client, "A", list_price=money("10"), unit="kg")
    await product(client, "B", list_price=money("30"), external_ids={"sap": "47"})
    await product(client, "C", list_price=money("30", "EUR"), kind="service")
    conditions = [
        {"kind": "condition", "field": field, "op": op, "value": value}
        for field, op, value in (
            ("list_price", "gt", "20"),
            ("list_price_currency", "eq", "CNY"),
            ("external_ids.sap", "eq", "47"),
        )
    ]
    body = {"filter": {"kind": "all", "of": conditions}}
    found = await client.post("/products/search", json=body)
    assert [one["name"] for one in found.json()["data"]] == ["B"]
    asked = {
        "group_by": ["kind"],
        "metrics": [{"op": "count"}, {"op": "sum", "field": "list_price"}],
    }
    figures = await client.post("/products/aggregate", json=asked)
    groups = [(one["group"]["kind"], one["metrics"]) for one in figures.json()["groups"]]
    assert groups == [
        ("goods", {"count": 2, "sum_list_price": "40"}),
        ("service", {"count": 1, "sum_list_price": "30"}),
    ]


async def test_a_view_keeps_a_search_for_products(client: AsyncClient) -> None:
    search = {"filter": {"kind": "condition", "field": "status", "op": "eq", "value": "draft"}}
    kept = await made(
        client, "/views", {"name": "Drafts", "resource": "products", "search": search}
    )
    draft = await product(client, status="draft")
    found = await client.post("/products/search", json=kept["search"])
    assert [one["id"] for one in found.json()["data"]] == [draft["id"]]


async def test_a_product_carries_fields_of_the_tenants_own(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    field = {"resource": "product", "key": "ean", "kind": "text", "labels": {"en": "EAN"}}
    await made(client, "/custom-fields", {**field, "indexed": True, "unique": True})
    one = await product(client, custom={"ean": "4006381333931"})
    assert one["custom"] == {"ean": "4006381333931"}
    other = await product(client)
    async with nothing_changes():
        refused(await put(client, other, custom={"ean": "4006381333931"}), 409, "duplicate-value")
    condition = {"kind": "condition", "field": "custom.ean", "op": "eq", "value": "4006381333931"}
    found = await client.post("/products/search", json={"filter": condition})
    assert [found["id"] for found in found.json()["data"]] == [one["id"]]


async def test_an_erp_keeps_its_products_in_step(client: AsyncClient, house: House) -> None:
    first = await upsert(client, "1", sku="F-200", name="Machine", unit_cost=money("5"))
    assert first.status_code == 201
    one = first.json()
    assert one["external_ids"] == {"sap": "1"}
    again = await upsert(client, "1", sku="F-200", name="Machine", status="active")
    assert (again.status_code, again.json()) == (200, one)
    off = (await upsert(client, "1", status="discontinued", list_price=money("9"))).json()
    assert (off["status"], off["list_price"], off["version"]) == (
        "discontinued",
        money("9.00"),
        2,
    )
    on = (await upsert(client, "1", status="active")).json()
    assert on["status"] == "active"
    assert (await client.get("/products/external/sap/1")).json() == on
    expected = ["created", "discontinued", "activated"]
    assert await told(client, house, one) == [f"product.{one}" for one in expected]


async def test_what_an_erp_says_of_a_status_follows_the_machine(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await upsert(client, "1", sku="A", name="A")
    async with nothing_changes():
        problem = refused(await upsert(client, "1", status="draft"), 409, "invalid-transition")
        assert problem["allowed"] == ["discontinued"]
        missing = await upsert(client, "2", status="draft")
        assert wrong(missing) == [("/sku", "missing"), ("/name", "missing")]
    for status in ("draft", "discontinued"):
        made_ = await upsert(client, status, sku=status, name="A", status=status)
        assert (made_.status_code, made_.json()["status"]) == (201, status)


async def test_a_hundred_products_come_in_one_request_and_a_bad_one_costs_itself(
    client: AsyncClient,
) -> None:
    gone, place = await category(client), await category(client)
    await client.post(f"/product-categories/{gone['id']}/archive")
    items: list[Json] = [
        {
            "external_id": str(n),
            "data": {"sku": f"S{n}", "name": f"N{n}", "category_id": place["id"]},
        }
        for n in range(100)
    ]
    items[7]["data"]["sku"] = "S8"
    items[9]["data"]["category_id"] = gone["id"]
    items[11]["data"]["tax_code"] = "x"
    body = {"system": "sap", "items": items}
    answer = await client.post("/products/batch-upsert", json=body)
    assert answer.status_code == 207, answer.text
    failed = {
        one["index"]: one["problem"]["errors"][0]["pointer"]
        for one in answer.json()["data"]
        if one["outcome"] == "failed"
    }
    assert failed.keys() == {8, 9, 11}
    assert (failed[8], failed[9]) == ("/data/sku", "/data/category_id")
    again = await client.post("/products/batch-upsert", json=body)
    outcomes = [one["outcome"] for one in again.json()["data"]]
    assert outcomes.count("unchanged") == 97
    items[0]["data"]["status"] = "discontinued"
    last = await client.post("/products/batch-upsert", json={**body, "items": items[:1]})
    assert last.json()["data"][0]["outcome"] == "updated"
    assert len(await names(client, "/products", status="discontinued")) == 1


async def test_a_batch_of_products_is_read_and_written_in_a_few_statements(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await category(client)
    items: list[Json] = [
        {"external_id": str(n), "data": {"sku": f"S{n}", "category_id": place["id"]}}
        for n in range(100)
    ]
    written, read = UnitOfWork._write, UnitOfWork.rows
    counted = {"written": 0, "read": 0}

    async def write(self: UnitOfWork, *args: Any) -> Any:
        counted["written"] += 1
        return await written(self, *args)

    async def rows(self: UnitOfWork, *args: Any) -> Any:
        counted["read"] += 1
        return await read(self, *args)

    monkeypatch.setattr(UnitOfWork, "_write", write)
    monkeypatch.setattr(UnitOfWork, "rows", rows)
    body = {"system": "sap", "items": items}
    for name in ("N", "Another"):
        for item in items:
            item["data"] = {**item["data"], "name": name}
        assert (await client.post("/products/batch-upsert", json=body)).status_code == 200
        assert counted["written"] == 1
        assert counted["read"] <= 4, "locks, categories, ids, rows"
        counted |= {"written": 0, "read": 0}


async def test_roles_that_do_not_see_costs_neither_see_nor_set_nor_ask_for_them(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group: Group = await grown(client, with_key)
    one = await product(client, unit_cost=money("61000"), list_price=money("88000"))
    condition = {"kind": "condition", "field": "unit_cost", "op": "gt", "value": "1"}
    asked = {"metrics": [{"op": "sum", "field": "unit_cost"}]}
    for role in ("sales", "service_agent", "marketer"):
        seen = (await group.hire(role)).client
        assert (await seen.get(f"/products/{one['id']}")).json() == {**one, "unit_cost": None}
        for path, body in (("search", {"filter": condition}), ("aggregate", asked)):
            refused(await seen.post(f"/products/{path}", json=body), 403, "forbidden")
        async with nothing_changes():
            refused(await seen.patch(f"/products/{one['id']}", json={}), 403, "forbidden")
    for role in ("unit_manager", "finance", "auditor", "integration"):
        person = await group.hire(role)
        assert (await person.client.get(f"/products/{one['id']}")).json() == one
    writer = await group.role(
        *(("products:read", None), ("products:write", None)),
        fields=[{"resource": "products", "field": "unit_cost", "access": "mask"}],
    )
    blind = (await group.hire(writer, None)).client
    for said in ({"unit_cost": money("61000")}, {"unit_cost": None}):
        async with nothing_changes():
            answer = await blind.patch(f"/products/{one['id']}", json=said)
            refused(answer, 403, "forbidden")
            assert wrong(answer, 403) == [("/unit_cost", "field_not_yours")]
    named = await blind.patch(f"/products/{one['id']}", json={"name": "Named"})
    assert (named.status_code, named.json()["unit_cost"]) == (200, None)
    assert (await client.get(f"/products/{one['id']}")).json()["unit_cost"] == money("61000.00")
    items = [
        {"external_id": "1", "data": {"sku": "A", "name": "A", "unit_cost": money("1")}},
        {"external_id": "2", "data": {"sku": "B", "name": "B"}},
    ]
    batch = await blind.post("/products/batch-upsert", json={"system": "sap", "items": items})
    assert [one["outcome"] for one in batch.json()["data"]] == ["failed", "created"]


async def test_others_learn_what_may_be_sold_and_it_stays_so_until_they_commit(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    one = await product(client, **{**MACHINE, "status": "active"})
    draft, off = await product(client, status="draft"), await product(client)
    await act(client, off, "discontinue")
    ids = {key: UUID(of["id"][4:]) for key, of in (("a", one), ("b", draft), ("c", off))}
    lost = UUID(int=1)
    ctx = operator(house, tenant)
    found = await ProductService(ctx).sellable([*ids.values(), lost])
    assert found.keys() == set(ids.values())
    machine = found[ids["a"]]
    assert (machine.sku, machine.unit, machine.tax_class) == ("F-200", "台", "reduced")
    assert (machine.unit_cost, machine.unit_cost_currency) == (Decimal("61000.125"), "CNY")
    assert (machine.list_price, machine.list_price_currency) == (Decimal("0.0125"), "EUR")
    waiting = asyncio.create_task(act(client, one, "discontinue"))
    await asyncio.sleep(0.2)
    assert not waiting.done(), "whoever sells it holds it"
    check_sellable(found, {"/lines/0/product_id": ids["a"]})
    named = {f"/lines/{n}/product_id": id for n, id in enumerate((*ids.values(), lost))}
    with pytest.raises(Problem) as unknown:
        check_sellable(found, named)
    assert [e["pointer"] for e in unknown.value.errors] == ["/lines/3/product_id"]
    with pytest.raises(Problem) as unfit:
        check_sellable(found, {k: v for k, v in named.items() if v != lost})
    said = [(e["pointer"], e["code"]) for e in unfit.value.errors]
    assert said == [(f"/lines/{n}/product_id", "product_not_active") for n in (1, 2)]
    await ctx.finish()
    assert (await waiting).json()["status"] == "discontinued"


@pytest.mark.parametrize(
    "unfit",
    [
        "unit_cost = -1",
        "unit_cost_currency = NULL",
        "list_price = -1",
        "list_price_currency = NULL",
        "status = 'archived'",
        "category_id = gen_random_uuid()",
    ],
)
async def test_the_database_keeps_no_product_that_cannot_be(
    client: AsyncClient, admin: "Admin[Any]", unfit: str
) -> None:
    one = await product(client, **{**MACHINE, "sku": f"X {unfit}"[:60], "external_ids": {}})
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await admin.execute(f"UPDATE products SET {unfit} WHERE id = $1", UUID(one["id"][4:]))


async def test_products_of_others_are_not_there(
    caller: NewClient, new_tenant_: NewTenant, client: AsyncClient
) -> None:
    theirs = await product(client, sku="F-200", external_ids={"sap": "1"})
    mine = await caller(tenant=await new_tenant_())
    for place in (theirs["id"], "external/sap/1"):
        assert (await mine.get(f"/products/{place}")).status_code == 404
    assert (await product(mine, sku="F-200", external_ids={"sap": "1"}))["sku"] == "F-200"
