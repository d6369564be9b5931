"""`q=`: finding customers by parts of what one remembers of them."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from asyncpg import connect
from httpx import AsyncClient

from crm_api.features.customers.queries import CustomerQuery
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.actor import Tenant
from crm_api.kit.db import Base
from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.paging import page
from crm_api.kit.search import MOST, SEEN
from tests.conftest import NewClient, NewTenant

from .test_customer_lists import walk
from .test_customers import create, refused

ADA: dict[str, Any] = {
    "name": "Zoë Ａda-Lovelace 欧阳芳丽 100%_a\\b",
    "contact_points": [
        {"kind": "email", "value": "Ada.L@Engines.example"},
        {"kind": "phone", "value": "+86 138 0013 8642"},
        {"kind": "wechat", "value": "countess_88"},
    ],
    "external_ids": {"sap": "K-2024-0001"},
}
OTHERS = ("王 芳", "100 a b", "1000_aab", "Somebody Else")


async def found(client: AsyncClient, q: str, **params: Any) -> list[str]:
    return [item["name"] for item in await walk(client, q=q, **params)]


@pytest.fixture
async def people(client: AsyncClient) -> AsyncClient:
    await create(client, **ADA)
    for name in OTHERS:
        await create(client, name=name)
    return client


@pytest.mark.parametrize(
    "q",
    [
        *("欧阳", "阳芳", "芳丽", "欧", "阳芳丽"),
        *("lovelace", "LOVE", "zoe", "ZOË", "ａｄａ", "lace", "zo", "ada-l"),
        *("ou yang", "yang fang li", "fan yan", "ou"),
        *(
            "0138",
            "8642",
            "1386",
            "86138",
            "138 0013",
            "138-0013-8642",
            "+86 138",
            "+8613800138642",
        ),
        *("@eng", "ada.l@engines.example", "engines", "gines.ex"),
        *("countess", "ess_88", "K-2024", "20240001", "2024-0001", "k-2024-0001"),
        *("芳 love", "LOVE 芳", "8642 engines 欧阳"),
        *("0%_", "%_a", "_a\\", "a\\b", "100%_a\\b", "  zoë  "),
    ],
)
async def test_any_part_is_enough(people: AsyncClient, q: str) -> None:
    assert await found(people, q) == [ADA["name"]]


@pytest.mark.parametrize(
    "q",
    [
        *("欧芳", "芳阳", "王丽", "love 王", "8643", "nobody", "@engine.", "lo ve", "ada-m", "%%%"),
        *("___", "\\\\\\", "' OR 1=1 --", '"; DROP TABLE customers; --', "🐉", "10%_"),
    ],
)
async def test_what_is_not_there_is_not_found(people: AsyncClient, q: str) -> None:
    answer = await people.get("/customers", params={"q": q})
    if answer.status_code == 422:
        refused(answer, 422, "validation-failed")
    else:
        assert answer.json()["data"] == []


async def test_pieces_alone_are_not_a_match(client: AsyncClient) -> None:
    await create(client, name="abcxbcd 王芳芳丽")
    assert await found(client, "abcd") == []
    assert await found(client, "王芳丽") == []


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("", "search_too_short"),
        (" ", "search_too_short"),
        ("a", "search_too_short"),
        ("7", "search_too_short"),
        ("芳 a", "search_too_short"),
        ("x" * 101, "string_too_long"),
    ],
)
async def test_a_search_that_says_too_little_or_too_much_is_refused(
    people: AsyncClient, q: str, code: str
) -> None:
    wrong = refused(await people.get("/customers", params={"q": q}), 422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in wrong["errors"]] == [("?q", code)]


async def test_nobody_finds_what_another_tenant_has(people: AsyncClient, caller: NewClient) -> None:
    stranger = await caller()
    for q in ("欧阳", "lovelace", "0138", "王"):
        assert await found(stranger, q) == []
    own = await create(stranger, **ADA)
    assert [item["id"] for item in await walk(stranger, q="欧阳")] == [own["id"]]
    assert len(await found(people, "欧阳")) == 1


async def test_archived_customers_are_found_where_they_are_asked_for(people: AsyncClient) -> None:
    ada = (await walk(people, q="欧阳"))[0]
    await people.post(f"/customers/{ada['id']}/archive")
    assert await found(people, "欧阳") == []
    assert await found(people, "欧阳", state="archived") == [ADA["name"]]
    await people.post(f"/customers/{ada['id']}/restore")
    assert await found(people, "欧阳") == [ADA["name"]]


MERGE = {"Content-Type": "application/merge-patch+json"}
GONE_AND_NEW = [
    ("PATCH", "", {"name": "Mary Shelley 令狐冲"}, "欧阳 lovelace", "令狐 ling hu mary"),
    ("PATCH", "", {"contact_points": []}, "8642", "zoe"),
    ("PATCH", "", {"external_ids": {"sap": None}}, "20240001", "zoe"),
    ("PATCH", "", {"external_ids": {"shop": "B-777"}}, "b-778", "b-777 20240001"),
    (
        "POST",
        "/add-contact-points",
        {"contact_points": [{"kind": "email", "value": "new@example.org"}]},
        "old@example.org",
        "new@example.org 8642",
    ),
    (
        "POST",
        "/remove-contact-points",
        {"contact_points": [{"kind": "wechat", "value": "countess_88"}]},
        "countess",
        "8642",
    ),
]


@pytest.mark.parametrize(("method", "action", "body", "gone", "new"), GONE_AND_NEW)
async def test_a_change_is_found_at_once_and_what_was_there_no_more(
    client: AsyncClient, method: str, action: str, body: dict[str, Any], gone: str, new: str
) -> None:
    ada = await create(client, **ADA)
    headers = MERGE if method == "PATCH" else {}
    path = f"/customers/{ada['id']}{action}"
    changed = await client.request(method, path, json=body, headers=headers)
    assert changed.status_code == 200, changed.text
    assert changed.json()["version"] == 2
    assert await found(client, gone) == []
    assert len(await found(client, new)) == 1


async def test_a_legal_name_and_a_replaced_id_are_found(client: AsyncClient) -> None:
    body = {"kind": "organization", "name": "Acme", "legal_name": "上海天佳科技有限公司"}
    acme = await create(client, **body, external_ids={"sap": "0000104711"})
    patch = {"external_ids": {"sap": "0000104799"}}
    await client.patch(f"/customers/{acme['id']}", json=patch, headers=MERGE)
    for q in ("天佳", "科技有限", "04711", "04799", "acme"):
        assert await found(client, q) == ["Acme"]


async def test_a_patch_that_says_nothing_new_is_no_change(client: AsyncClient) -> None:
    ada = await create(client, **ADA)
    same = await client.patch(f"/customers/{ada['id']}", json={"name": ADA["name"]}, headers=MERGE)
    assert same.json() == ada


async def test_a_search_is_filtered_sorted_and_paged_like_any_list(client: AsyncClient) -> None:
    names = ["Bob 李", "Ada 李", "Dan 李", "Cid 李", "Eve 王"]
    for name in names:
        kind = "organization" if name.startswith("Ada") else "person"
        await create(client, kind=kind, name=name, tags=[name[0]])
    for limit in (1, 2, 5):
        assert await found(client, "李", sort="name", limit=limit) == sorted(names[:4])
        assert await found(client, "李", limit=limit) == names[3::-1]
    assert await found(client, "李", kind="organization") == ["Ada 李"]
    assert await found(client, "李", tag=["B", "E"]) == ["Bob 李"]


async def test_a_cursor_belongs_to_its_search(client: AsyncClient) -> None:
    for name in ("李 one", "李 two", "王 one", "王 two"):
        await create(client, name=name)
    first = (await client.get("/customers", params={"q": "李", "limit": 1})).json()
    asked = {"limit": 1, "cursor": first["next_cursor"]}
    for other in ({"q": "王"}, {}):
        answer = await client.get("/customers", params=asked | other)
        refused(answer, 400, "invalid-cursor")
    assert (await client.get("/customers", params=asked | {"q": "李"})).status_code == 200


async def test_the_search_shows_in_no_answer(client: AsyncClient) -> None:
    ada = await create(client, **ADA)
    assert not [name for name in ada if name.startswith("search")]


MANY = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, search_text,
  search_pieces, created_at, updated_at)
SELECT CASE n % 2 WHEN 0 THEN $1::uuid ELSE md5((n % 20)::text)::uuid END, gen_random_uuid(),
  'person', 'many', 'many', now(), '{}', ' many', $2, now(), now()
FROM generate_series(1, 20000) n"""
EXPLAINED = """
LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice;
SET auto_explain.log_nested_statements = on; SET plan_cache_mode = force_generic_plan;
SET ROLE crm_app"""


@pytest.fixture
async def crowd(admin: "Admin[Any]", new_tenant_: NewTenant) -> Tenant:
    """Ten thousand customers of one tenant among as many of others; all match `many`."""
    tenant = await new_tenant_()
    pieces = CustomerQuery(q="many").arguments(tenant.id)["q_pieces"]
    await admin.execute(MANY, tenant.id, pieces)
    await admin.execute("ANALYZE customers")
    return tenant


async def test_of_very_many_matches_some_are_looked_at(crowd: Tenant, caller: NewClient) -> None:
    client = await caller(tenant=crowd)
    assert len(await found(client, "many", limit=200)) == MOST


@pytest.mark.parametrize(
    ("q", "index"),
    [("many", "ix_customers_tenant_id_created_at_id"), ("few", "ix_customers_search_pieces")],
)
async def test_neither_the_list_nor_the_function_reads_a_whole_table(
    crowd: Tenant, server: EmbeddedServer, database: str, q: str, index: str
) -> None:
    """Under row level security, as the app's role."""
    query = CustomerQuery(q=q)
    statement = page(CustomerRead, CustomerQuery, query.asked(), ("-created_at",), False)
    asked = {"tenant": crowd.id, "limit": 50, **query.arguments(crowd.id)}
    plans: list[str] = []
    connection = await connect(server.url(OWNER, database))
    await connection.execute(EXPLAINED)
    connection.add_log_listener(lambda _, message: plans.append(str(message)))
    await connection.fetchval(statement.sql, *statement.arguments(asked))
    await connection.close()
    ours = "\n".join(plan for plan in plans if "customers" in plan)
    assert "Index Scan using pk_customers" in ours, ours
    assert index in ours, ours
    assert "Seq Scan" not in ours, ours


async def test_the_search_role_owns_its_functions_and_sees_little_else(
    admin: "Admin[Any]",
) -> None:
    tables = sorted(name for name, of in Base.metadata.tables.items() if "search_pieces" in of.c)
    role = "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'crm_search'"
    assert tuple(await admin.fetchrow(role) or ()) == (False, False, True)
    owned = """SELECT array_agg(proname::text ORDER BY proname::text) FROM pg_proc
    WHERE proowner = 'crm_search'::regrole"""
    assert await admin.fetchval(owned) == [f"search_{table}" for table in tables]
    called = "SELECT has_function_privilege($1, $2 || '(text[], int[], int)', 'EXECUTE')"
    for table in tables:
        may = [await admin.fetchval(called, r, f"search_{table}") for r in ("crm_app", "public")]
        assert may == [True, False], table
    columns = """SELECT array_agg(table_name || '.' || column_name)
    FROM information_schema.column_privileges WHERE grantee = 'crm_search'"""
    seen = {f"{table}.{name}" for table in tables for name in SEEN}
    assert set(await admin.fetchval(columns)) == seen
    creates = "SELECT has_schema_privilege('crm_search', 'public', 'CREATE')"
    assert await admin.fetchval(creates) is False


async def test_without_the_right_to_pass_the_policies_the_search_is_slow_but_true(
    people: AsyncClient, admin: "Admin[Any]", caller: NewClient
) -> None:
    await admin.execute("ALTER ROLE crm_search NOBYPASSRLS")
    try:
        assert await found(people, "欧阳") == [ADA["name"]]
        assert await found(await caller(), "欧阳") == []
    finally:
        await admin.execute("ALTER ROLE crm_search BYPASSRLS")
