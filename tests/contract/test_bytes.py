"""What PostgreSQL writes is what the contract says, in each view, for each readable resource."""

from typing import Any
from uuid import uuid4

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response
from openapi_schema_validator import OAS31Validator

from crm_api.api import resources
from crm_api.kit.actor import Tenant
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import WANG

Json = dict[str, Any]
ACME = {"kind": "organization", "name": "Acme", "legal_name": "Acme Ltd", "tags": ["a", "b"]}
BARE = {"kind": "person", "name": "Bob"}
KEY = {"name": "ERP", "scopes": ["customers:read"], "expires_at": "2099-01-01T00:00:00+08:00"}
TEXT: Json = {"resource": "customer", "key": "zodiac", "kind": "text", "labels": {"en": "Zodiac"}}
GOLD: Json = {"value": "gold", "labels": {"zh-CN": "金卡"}}
SELECT = {**TEXT, "key": "tier", "kind": "select", "options": [GOLD], "default": "gold"}
PROVIDER = {"name": "Company", "issuer": "https://8.8.8.8"}
RULE = {"claim": "groups", "value": "sales", "scopes": ["customers:read"]}
DAY: Json = {"opens": "09:00", "closes": "24:00"}
OFFICE: Json = {
    "name": "Office",
    "time_zone": "Asia/Shanghai",
    "week": {"monday": [DAY]},
    "country": "CN",
    "make_up_hours": [DAY],
    "exceptions": [{"on": "2026-12-31", "hours": [DAY]}],
}
RATE: Json = {"currency": "USD", "rate": "7.09120", "valid_from_on": "2026-01-05"}
PATTERN: Json = {"noun": "order", "pattern": "SO-{unit}-{yyyy}{mm}-{n:5}", "restarts": "month"}
TAX: Json = {
    "tax_class": "standard",
    "region": "CN",
    "percent": "13.50",
    "name": "增值税",
    "valid_from_on": "2026-01-01",
}
BY_SOURCE: Json = {"kind": "condition", "field": "source", "op": "eq", "value": "shop"}
VIEW: Json = {"name": "Shop", "resource": "customers", "search": {"filter": BY_SOURCE}}
COMPANY: Json = {
    "name": "旭日",
    "legal_name": "旭日贸易",
    "country": "CN",
    "currency": "CNY",
    "registration_number": "91310000MA1FL5X42R",
}
SHOP: Json = {
    "name": "上海西",
    "kind": "shop",
    "code": "SH-02",
    "time_zone": "Asia/Shanghai",
    "opens_on": "2026-01-01",
    "closes_on": "2030-01-01",
}
NOT_WRITTEN = {"subject", "job", "webhook delivery", "ticket message", "rating"}
WORKER: Json = {
    "name": "王芳",
    "email": "wang.fang@example.com",
    "employee_number": "E-1024",
    "language": "zh-CN",
    "time_zone": "Asia/Shanghai",
}
GRADE: Json = {"code": "A", "labels": {"zh-CN": "重点", "en": "Key"}, "rank": 1}
SCHEME: Json = {"name": "Group", "grades": [GRADE]}
TERMS: Json = {
    "grade": "A",
    "grade_expires_at": "2099-01-01T00:00:00+08:00",
    "credit_limit": {"amount": "50000.5", "currency": "CNY"},
    "credit_days": 30,
    "last_contact_at": "2026-11-20T08:00:00Z",
}
ROLE: Json = {
    "name": "Key accounts",
    "description": "Sales for key accounts",
    "permissions": [
        {"scope": "customers:read", "reach": "own"},
        {"scope": "users:read", "reach": None},
    ],
}
WEBHOOK: Json = {"url": "https://erp.example/events", "event_types": ["customer.*"]}
FILTERED: Json = {
    "description": "ERP",
    "filter": {"kind": "condition", "field": "source", "op": "eq", "value": "shop"},
    "payload": "thin",
    "headers": {"X-Env": "prod"},
    "scopes": ["customers:read"],
    "masked": True,
}
GRANT: Json = {
    "until": "2099-01-01T00:00:00+08:00",
    "reason": "Joint tender",
    "basis": "contract",
    "recipient": "旭日零售",
    "purpose": "Joint tender",
}
STAGES: list[Json] = [
    {
        "code": "needs",
        "labels": {"zh-CN": "需求确认", "en": "Needs"},
        "probability": 30,
        "max_days": 30,
        "required_fields": ["amount"],
        "next": ["won"],
        "checklist": [{"key": "budget", "labels": {"en": "Budget confirmed"}}],
        "guidance": "Ask who decides.",
        "scripts": [{"title": "Too expensive", "text": "What does a day without it cost you?"}],
    },
    {"code": "won", "labels": {"en": "Won"}, "kind": "won"},
    {"code": "lost", "labels": {"en": "Lost"}, "kind": "lost"},
]
WAY: Json = {"name": "Equipment", "is_default": True, "stages": STAGES}
LINE: Json = {"name": "Filling machine", "quantity": "2", "discount_percent": "12.5"}
SALE: Json = {
    "name": "王芳的包装线",
    "probability": 35,
    "forecast_category": "commit",
    "expected_close_on": "2026-12-31",
    "source": "trade_fair",
    "description": "For plant 2",
    "products": [{**LINE, "sku": "F-200", "unit_price": {"amount": "0.0125", "currency": "CNY"}}],
    "competitors": [{"name": "Northwind", "strengths": "Price"}],
    "checklist": {"budget": True},
    "external_ids": {"sap": "0000104711"},
}
QUOTA: Json = {
    "period": "month",
    "starts_on": "2026-10-01",
    "amount": {"amount": "100000", "currency": "CNY"},
}
MACHINE: Json = {
    "sku": "F-200",
    "name": "灌装机",
    "description": "Two\nlines",
    "kind": "service",
    "unit": "台",
    "tax_class": "reduced",
    "tax_code": "1090122010000000000",
    "unit_cost": {"amount": "61000.125", "currency": "CNY"},
    "list_price": {"amount": "0.0125", "currency": "KWD"},
    "status": "draft",
    "external_ids": {"sap": "0000104711"},
}
MILK: Json = {"name": "牛奶", "unit": "盒", "quantity": "2.500", "tax_percent": "8.8750"}
SOLD: Json = {
    "number": "SO-4711",
    "status": "confirmed",
    "currency": "KWD",
    "prices_include_tax": True,
    "tax_region": "CN-31",
    "ordered_at": "2026-11-20T10:00:00.250+08:00",
    "requested_on": "2026-12-01",
    "source": "web_shop",
    "customer_reference": "PO-4711",
    "note": "Two\nlines",
    "shipping_address": {"country": "CN", "city": "上海"},
    "discount_amount": {"amount": "0.5", "currency": "KWD"},
    "external_ids": {"shop": "100048"},
    "lines": [
        {**MILK, "unit_price": {"amount": "1.0125", "currency": "KWD"}, "discount_percent": "5.0"},
        {"line": 7, "name": "Delivery", "kind": "service", "tax_class": "reduced", "note": "Ring"}
        | {"unit_price": {"amount": "1.5", "currency": "KWD"}},
    ],
}
GIVEN: Json = {
    "pricing": "given",
    "lines": [{**MILK, "amount": {"amount": "2.98", "currency": "CNY"}}],
}
PROMISE: Json = {
    "name": "重点客户",
    "position": 7,
    "is_default": True,
    "targets": {"normal": {"first_response_minutes": 60}, "urgent": {"resolution_minutes": 240}},
    "pauses_on": ["waiting_third_party"],
    "escalations": [
        {"clock": "first_response", "at_percent": 80, "action": "notify"},
        {"clock": "resolution", "at_minutes": -30, "action": "raise_priority"},
    ],
}
PRICES: Json = {
    "name": "经销商价",
    "code": "DEALERS-27",
    "currency": "CNY",
    "grade": "A",
    "valid_from_on": "2027-01-01",
    "valid_until_on": "2028-01-01",
    "prices_include_tax": True,
    "rules": [
        {"kind": "service", "base": "list_price", "percent": "-12.5", "plus": "0.25"},
        {"base": "parent", "rounding": {"to": "1", "mode": "up", "ending": "0.99"}},
    ],
}
PRICE: Json = {
    "min_quantity": "12.5",
    "unit_price": {"amount": "0.0125", "currency": "CNY"},
    "valid_from_on": "2027-01-01",
    "valid_until_on": "2028-01-01",
}
CALL: Json = {
    "kind": "call",
    "subject": "春季订单",
    "notes": "Two\nlines",
    "starts_at": "2026-11-20T10:00:00+08:00",
    "ends_at": "2026-11-20T10:30:00+08:00",
    "location": "Shanghai",
    "outcome": "Wants an offer",
    "next_step": "Send the offer",
    "next_contact_at": "2026-11-27T10:00:00+08:00",
    "done_at": "2026-11-20T10:29:00.5+08:00",
    "external_ids": {"pbx": "4711"},
}
TASK: Json = {
    "subject": "Call back",
    "description": "About the offer.",
    "priority": "high",
    "due_at": "2027-01-08T17:00:00.250+08:00",
    "remind_at": "2027-01-08T08:00:00Z",
    "time_zone": "Europe/Berlin",
    "checklist": [{"text": "Look up the order"}, {"key": "call", "text": "Call", "done": True}],
    "recurrence": {"rule": "FREQ=WEEKLY;BYDAY=FR"},
    "external_ids": {"outlook": "AAMk-1"},
}
SENT: Json = {
    "number": "SH-4711",
    "status": "ready",
    "lines": [{"line": 1, "quantity": "0.50"}],
    "carrier": "顺丰",
    "tracking_number": "SF1020",
    "tracking_url": "https://tracking.example/SF1020",
    "shipping_address": {"country": "CN", "city": "上海"},
    "planned_on": "2026-12-01",
    "note": "Two\nlines",
    "external_ids": {"wms": "100048"},
}
BACK: Json = {
    "number": "RT-4711",
    "lines": [{"line": 1, "quantity": "0.50", "reason": "Scratched"}],
    "reason": "划痕",
    "note": "Two\nlines",
}
PAID: Json = {
    "number": "RC-4711",
    "amount": {"amount": "1250.5", "currency": "CNY"},
    "method": "acceptance_bill",
    "received_at": "2026-11-20T10:00:00.250+08:00",
    "account": "ICBC 0200-1234",
    "payer": "旭日",
    "reference": "TT-88",
    "provider": "alipay",
    "provider_event_id": "2026-4711",
    "note": "Two\nlines",
    "status": "confirmed",
    "external_ids": {"bank": "20261120-88"},
}
PARTS: Json = {"name": "等待备件", "category": "waiting_third_party", "position": 25}
LEAK: Json = {
    "number": "TIC-4711",
    "subject": "灌装机漏液",
    "description": "Two\nlines",
    "channel": "phone",
    "type": "complaint",
    "complaint_level": "major",
    "priority": "high",
    "skills": ["hydraulics"],
    "cc_emails": ["li.na@example.com"],
    "tags": ["warranty"],
    "external_ids": {"helpdesk": "100048"},
}
CASH: Json = {"amount": {"amount": "3", "currency": "JPY"}, "method": "cash"}
MAIL: Json = {
    "name": "客服",
    "kind": "email",
    "address": "Service@example.com",
    "smtp": {"host": "8.8.8.8", "port": 465, "security": "tls", "username": "a", "password": "b"},
    "auto_ack": True,
}
NEW: dict[str, tuple[str, list[Json]]] = {
    "customer": ("/customers", [WANG, ACME, BARE]),
    "custom field": ("/custom-fields", [TEXT, SELECT]),
    "api key": ("/api-keys", [KEY, {**KEY, "expires_at": None, "masked": True}]),
    "identity provider": (
        "/identity-providers",
        [
            {**PROVIDER, "audience": "plain"},
            {**PROVIDER, "audience": "ruled", "scopes": ["*"], "scope_rules": [RULE]},
        ],
    ),
    "business calendar": ("/business-calendars", [OFFICE, {**OFFICE, "week": {}, "country": None}]),
    "exchange rate": ("/exchange-rates", [RATE, {**RATE, "currency": "EUR", "source": "央行"}]),
    "number pattern": ("/number-patterns", [PATTERN, {**PATTERN, "noun": "return"}]),
    "tax rate": (
        "/tax-rates",
        [TAX, {**TAX, "region": "CN-31", "valid_until_on": "2027-01-01"}],
    ),
    "webhook endpoint": ("/webhook-endpoints", [WEBHOOK, {**WEBHOOK, **FILTERED}]),
    "view": ("/views", [VIEW, {**VIEW, "shared": True}]),
    "legal entity": ("/legal-entities", [COMPANY, {"name": "Bare", "country": "DE"}]),
    "business unit": ("/business-units", [SHOP, {"name": "Bare", "kind": "region"}]),
    "agent": ("/agents", [{"skills": ["退款"]}]),
    "queue": ("/queues", [{"name": "退款"}]),
    "routing rule": ("/routing-rules", [{"name": "VIPs", "skills": ["退款"]}]),
    "team": ("/teams", [{"name": "Key accounts"}]),
    "role": ("/roles", [ROLE, {**ROLE, "description": None}]),
    "role assignment": ("/role-assignments", [{}, {"ends_at": "2099-01-01T00:00:00Z"}]),
    "role rule": ("/role-rules", [{"claim": "groups", "value": "sales"}]),
    "user": ("/users", [WORKER, {"name": "Bare"}]),
    "grade scheme": ("/grade-schemes", [SCHEME]),
    "unit profile": ("/unit-profiles", [TERMS, {}]),
    "access grant": ("/access-grants", [GRANT, {}]),
    "access request": ("/access-requests", [{**GRANT, "level": "write"}, {}]),
    "product category": ("/product-categories", [{"name": "机械设备", "code": "M"}]),
    "product": ("/products", [MACHINE, {"sku": "Bare", "name": "Bare"}]),
    "rating policy": ("/rating-policies", [{"enabled": True, "kind": "nps", "delay_hours": 4}]),
    "sla policy": ("/sla-policies", [PROMISE, {"name": "Bare", "targets": {}}]),
    "price book": ("/price-books", [PRICES, {"name": "Bare", "code": "B", "currency": "CNY"}]),
    "price entry": ("/price-entries", [PRICE, {"unit_price": PRICE["unit_price"]}]),
    "pipeline": ("/pipelines", [WAY, {"name": "Preset"}]),
    "deal": ("/deals", [SALE, {"name": "Bare"}]),
    "order": ("/orders", [SOLD, GIVEN, {}]),
    "shipment": ("/shipments", [SENT, {}]),
    "return": (
        "/returns",
        [BACK, {"number": "RT-BARE", "lines": [{"line": 1, "quantity": "1"}]}],
    ),
    "receipt": ("/receipts", [PAID, CASH]),
    "macro": ("/macros", [{"name": "Bare", "actions": {"priority": "high"}}]),
    "ticket status": ("/ticket-statuses", [PARTS, {"name": "Bare", "category": "open"}]),
    "ticket": ("/tickets", [LEAK, {"subject": "Bare"}]),
    "quota": ("/quotas", [QUOTA, {**QUOTA, "period": "year", "starts_on": "2026-01-01"}]),
    "channel": ("/channels", [MAIL, {"name": "Form", "kind": "web_form"}]),
    "activity": (
        "/activities",
        [CALL, {"kind": "meeting", "subject": "Plan", "starts_at": "2099-01-01T00:00:00Z"}],
    ),
    "task": ("/tasks", [TASK, {"subject": "Bare", "due_on": "2027-01-08"}]),
    "tenant": ("/tenant", [{"languages": ["zh-CN", "en"], "phone_region": "GB"}]),
}
CASES = [
    pytest.param(noun, body, id=f"{noun} {n}")
    for noun in NEW
    for n, body in enumerate(NEW[noun][1])
]
WHY: Json = {"reason": "Joint tender"}
OF_A_CUSTOMER: dict[str, Json] = {
    "access grant": WHY,
    "access request": WHY,
    "activity": {},
    "order": {},
    "receipt": {},
}
OF: dict[str, tuple[str, ...]] = {
    "task": (),
    "role assignment": ("user", "role"),
    "role rule": ("identity provider", "role"),
}
TOLD_BY_BYTES = {"agent"}
"""What changes without a new version."""
PRICED = ("price book", "product")
SOMEWHERE = ("business unit", {"name": "Bare", "kind": "region"})
SECRET = b'"secret":"'


def test_every_resource_is_looked_at() -> None:
    assert {resource.noun for resource in resources} == set(NEW) | NOT_WRITTEN


@pytest.mark.parametrize(("noun", "body"), CASES)
async def test_a_write_answers_what_a_read_answers(
    noun: str,
    body: Json,
    document: Json,
    caller: NewClient,
    new_tenant_: NewTenant,
    admin: "Admin[Any]",
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    written, place = await _write(client, noun, body)
    read = await client.get(place)
    assert read.status_code == 200, read.text
    assert _without_secret(written.content) == read.content
    told, known = (one.headers["etag"].strip('"') for one in (read, written))
    assert (told.partition("-")[0] if noun in TOLD_BY_BYTES else told) == known
    assert await _event_data(admin, tenant, read.json()) == read.text
    fits(document, f"/v1{NEW[noun][0]}" + "/{id}" * (noun != "tenant"), read)


async def test_items_of_a_page_are_what_a_read_answers(document: Json, client: AsyncClient) -> None:
    for noun, (path, bodies) in NEW.items():
        if noun != "tenant":
            for body in bodies:
                await _made(client, noun, _another(body))
            page = await client.get(path, params={"limit": len(bodies)})
            one_by_one = [await client.get(f"{path}/{item['id']}") for item in page.json()["data"]]
            assert b",".join(one.content for one in one_by_one) in page.content
            fits(document, f"/v1{path}", page)


async def test_a_summary_says_less_and_nothing_else(document: Json, client: AsyncClient) -> None:
    for body in NEW["customer"][1]:
        await client.post("/customers", json=body)
    full = (await client.get("/customers")).json()["data"]
    short = await client.get("/customers", params={"view": "summary"})
    fits(document, "/v1/customers", short)
    for whole, part in zip(full, short.json()["data"], strict=True):
        primary = {p["kind"]: p["value"] for p in whole["contact_points"] if p["is_primary"]}
        assert part.pop("email") == primary.get("email")
        assert part.pop("phone") == primary.get("phone")
        assert part.items() <= whole.items()


async def _write(client: AsyncClient, noun: str, body: Json) -> tuple[Response, str]:
    path = NEW[noun][0]
    if noun == "tenant":
        written = await client.patch(path, json=body)
        assert written.status_code == 200, written.text
        return written, path
    written = await _made(client, noun, body)
    assert written.status_code == 201, written.text
    return written, written.headers["location"].removeprefix("/v1")


async def _made(client: AsyncClient, noun: str, body: Json) -> Response:
    """A profile is of a customer, in a unit, and so is access; a task in a unit; an assignment of a
    role, to a user, a rule to tokens of a provider."""
    if noun in OF:
        named = {one: await _made(client, one, _another(NEW[one][1][-1])) for one in OF[noun]}
        of = {f"{one.replace(' ', '_')}_id": made.json()["id"] for one, made in named.items()}
        of["business_unit_id"] = (await _made(client, *SOMEWHERE)).json()["id"]
        return await client.post(NEW[noun][0], json={**of, **body})
    if noun in OF_A_CUSTOMER:
        body = {**OF_A_CUSTOMER[noun], **await _customer_in_a_unit(client), **body}
        return await client.post(NEW[noun][0], json=body, headers={"Idempotency-Key": uuid4().hex})
    if noun in BESIDE:
        return await client.post(NEW[noun][0], json={**await BESIDE[noun](client), **body})
    if noun == "deal":
        way = {**WAY, "is_default": False}
        pipeline = (await client.post("/pipelines", json=way)).json()["id"]
        of = {**await _customer_in_a_unit(client), "pipeline_id": pipeline}
        people = [{"customer_id": of["customer_id"], "role": "champion", "is_primary": True}]
        return await client.post("/deals", json={**of, "contacts": people, **body})
    if noun != "unit profile":
        return await client.post(NEW[noun][0], json=body)
    await client.post("/grade-schemes", json=SCHEME)
    at = await _customer_in_a_unit(client)
    place = f"/customers/{at['customer_id']}/unit-profiles/{at['business_unit_id']}"
    return await client.patch(place, json=body)


async def _priced(client: AsyncClient) -> Json:
    """The ids of a new book and a new product."""
    named = {one: await _made(client, one, _coded(NEW[one][1][-1])) for one in PRICED}
    return {f"{one.replace(' ', '_')}_id": made.json()["id"] for one, made in named.items()}


async def _sold(client: AsyncClient) -> Json:
    """The id of a new order, all of which was handed over."""
    lines = [{**MILK, "unit_price": {"amount": "1.5", "currency": "CNY"}}]
    said = {"number": uuid4().hex, "lines": lines, "status": "confirmed"}
    body = {**await _customer_in_a_unit(client), **said}
    order = (await client.post("/orders", json=body)).json()["id"]
    assert (await client.post(f"/orders/{order}/complete")).status_code == 200
    return {"order_id": order}


async def _hired(client: AsyncClient) -> Json:
    """The id of a new user."""
    return {"user_id": (await client.post("/users", json={"name": "Bare"})).json()["id"]}


async def _queued(client: AsyncClient) -> Json:
    """The id of a new queue, and a place that no rule has."""
    queue = (await client.post("/queues", json={"name": uuid4().hex})).json()["id"]
    return {"queue_id": queue, "position": uuid4().int % 1_000_000}


async def _asking(client: AsyncClient) -> Json:
    """The ids of who asks and who serves."""
    at = await _customer_in_a_unit(client)
    return {"requester_id": at["customer_id"], "business_unit_id": at["business_unit_id"]}


BESIDE = {
    "ticket": _asking,
    "shipment": _sold,
    "return": _sold,
    "price entry": _priced,
    "agent": _hired,
    "routing rule": _queued,
}
"""What a record of a noun names, made anew."""


async def _customer_in_a_unit(client: AsyncClient) -> Json:
    """The ids of two new ones."""
    made = {
        of: (await client.post(NEW[of][0], json=NEW[of][1][-1])).json()["id"]
        for of in ("customer", "business unit")
    }
    return {"customer_id": made["customer"], "business_unit_id": made["business unit"]}


def _coded(body: Json) -> Json:
    """Known by another code."""
    return body | {name: uuid4().hex for name in ("sku", "code") if name in body}


def _another(body: Json) -> Json:
    """A provider of tokens for an audience belongs to one tenant, once."""
    return {**body, "audience": uuid4().hex} if "audience" in body else body


def _without_secret(content: bytes) -> bytes:
    """A secret is shown once, before all else."""
    head, shown, rest = content.partition(SECRET)
    return head + rest.partition(b'",')[2] if shown else content


async def _event_data(admin: "Admin[Any]", tenant: Tenant, read: Json) -> Any:
    """What the journal keeps of the last change."""
    sql = (
        "SELECT data FROM event_values v JOIN events e ON e.id = v.event_id "
        "WHERE e.tenant_id = $1 AND e.object_id = $2 AND e.version = $3"
    )
    return await admin.fetchval(sql, tenant.id, read["id"][4:], read["version"])


def fits(document: Json, path: str, answer: Response) -> None:
    """Raises where an answer is not of the schema that the contract publishes for it."""
    said = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    schema = {**said["schema"], "components": document["components"]}
    OAS31Validator(schema).validate(answer.json())
