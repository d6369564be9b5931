"""Quotas: exact over all processes, told on every answer, and kept by whoever reads them."""

import asyncio
import random
from typing import Any, cast

import http_sf
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import AsyncClient, Response

from crm_api.cli.unit import new_key
from crm_api.kit.context import House
from crm_api.main import openapi
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import refused
from tests.serving import PERSON, applications, client_of, figure, tenant_and_key

HOUR = 3600
JSON = {"content-type": "application/json"}
NOBODYS = "cus_" + "f" * 32


def fields(response: Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """RateLimit-Policy and RateLimit, as a parser of structured fields reads them."""
    policies, left = (
        dict(cast(Any, http_sf.parse(response.headers[name].encode(), tltype="list")))
        for name in ("ratelimit-policy", "ratelimit")
    )
    return policies, left


async def test_every_answer_to_an_accepted_key_tells_its_quotas(
    client: AsyncClient, caller: NewClient
) -> None:
    made = await client.post("/customers", json=PERSON)
    at, tag = made.headers["location"][3:], made.headers["etag"]
    answers = {
        201: made,
        200: await client.get(at),
        304: await client.get(at, headers={"If-None-Match": tag}),
        400: await client.post(
            "/customers", content=b"{", headers={"content-type": "application/json"}
        ),
        403: await (await caller("tenant:read")).get("/customers"),
        404: await client.get(f"/customers/{NOBODYS}"),
        409: await client.post(f"{at}/restore"),
        412: await client.patch(at, json={"name": "A"}, headers={"If-Match": '"9"'}),
        415: await client.post("/customers", content=b"{}"),
        422: await client.post("/customers", json={}),
    }
    key = await client.post("/api-keys", json={"name": "A", "scopes": ["*"]})
    answers[204] = await client.delete(key.headers["location"][3:])
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        policies, left = fields(answer)
        assert policies.keys() == left.keys() == {"key", "tenant"}
        for name, policy in policies.items():
            assert policy == {"q": 1_000_000, "w": 60}
            assert 0 <= left[name]["r"] <= policy["q"]
            assert 1 <= left[name]["t"] <= policy["w"] + 1


async def test_nobody_is_told_quotas_who_is_not_known(client: AsyncClient) -> None:
    for wrong in ("", "Bearer crm_test_x", "Basic abc"):
        answer = await client.get("/customers", headers={"Authorization": wrong})
        refused(answer, 401, "unauthorized")
        assert "ratelimit" not in answer.headers


async def spread(apps: list[FastAPI], keys: list[str], each: int) -> list[int]:
    """`each` requests with each key to each application, all at once; their statuses."""
    clients = [client_of(app, key) for app in apps for key in keys]
    first = [await client.get("/me") for client in clients]  # then the keys are known
    rest = await asyncio.gather(*(c.get("/me") for c in clients for _ in range(each - 1)))
    for client in clients:
        await client.aclose()
    return [answer.status_code for answer in (*first, *rest)]


async def test_processes_together_serve_a_keys_quota_and_not_one_more(
    settings: Settings, house: House
) -> None:
    for quota in (1, 3, 50, 400):
        _, key = await tenant_and_key(house)
        of = {"rate_limit_key": quota, "rate_limit_window": HOUR}
        async with applications(settings, 3, **of) as apps:
            statuses = await spread(apps, [key], quota + 10)
        assert set(statuses) == {200, 429}
        assert statuses.count(200) == quota


async def test_keys_together_serve_their_tenants_quota_and_not_one_more(
    settings: Settings, house: House
) -> None:
    tenant, key = await tenant_and_key(house)
    keys = [key, *[await new_key(house, tenant) for _ in range(3)]]
    of = {"rate_limit_key": 50, "rate_limit_tenant": 120, "rate_limit_window": HOUR}
    async with applications(settings, 2, **of) as apps:
        statuses = await spread(apps, keys, 60)
        other = await tenant_and_key(house)
        assert (await spread(apps, [other[1]], 1)) == [200, 200]
    assert statuses.count(200) == 120


async def test_a_client_that_goes_by_the_headers_is_never_refused(
    settings: Settings, house: House
) -> None:
    """It knows nothing of processes, and its requests are served by any of them."""
    _, key = await tenant_and_key(house)
    served = 0
    dice = random.Random(7)
    async with applications(settings, 3, rate_limit_key=60, rate_limit_window=1) as apps:
        clients = [client_of(app, key) for app in apps]
        until = asyncio.get_running_loop().time() + 4.0
        while asyncio.get_running_loop().time() < until:
            few = dice.randint(1, 5)  # at the same time
            weights = (20, 3, 1)
            chosen = dice.choices(clients, weights, k=few)
            answers = await asyncio.gather(*(client.get("/me") for client in chosen))
            assert {answer.status_code for answer in answers} == {200}
            served += few
            left = [fields(answer)[1]["key"] for answer in answers]
            if min(left, key=lambda of: of["r"])["r"] < 6:
                await asyncio.sleep(max(of["t"] for of in left))
        for client in clients:
            await client.aclose()
    assert served > 100


async def test_a_refused_request_says_when_to_come_back_and_does_nothing(
    settings: Settings, house: House, admin: "Admin[Any]"
) -> None:
    _, key = await tenant_and_key(house)
    async with (
        applications(settings, rate_limit_key=2, rate_limit_window=2) as (app,),
        client_of(app, key) as client,
    ):
        before = await admin.fetchval("SELECT count(*) FROM events")
        answers = [await client.post("/customers", json=PERSON) for _ in range(8)]
        made = [answer for answer in answers if answer.status_code == 201]
        last = [answer for answer in answers if answer.status_code == 429][-1]
        problem = refused(last, 429, "rate-limited")
        assert problem["violated-policies"] == ["key"]
        assert last.headers["retry-after"] == str(fields(last)[1]["key"]["t"])
        assert fields(last)[1]["key"]["r"] == 0
        assert await admin.fetchval("SELECT count(*) FROM events") == before + len(made)
        await asyncio.sleep(int(last.headers["retry-after"]))
        assert (await client.post("/customers", json=PERSON)).status_code == 201


async def test_most_requests_cost_no_statement_and_refused_ones_none(
    settings: Settings, house: House
) -> None:
    _, key = await tenant_and_key(house)
    of = {"rate_limit_key": 1000, "rate_limit_tenant": 5000, "rate_limit_window": HOUR}
    async with applications(settings, **of) as (app,), client_of(app, key) as client:
        for _ in range(700):
            assert (await client.get("/me")).status_code == 200
        assert figure(app, "crm_rate_limit_leases_total") < 30
        while (await client.get("/me")).status_code == 200:
            pass
        asked = figure(app, "crm_rate_limit_leases_total")
        for _ in range(50):
            assert (await client.get("/me")).status_code == 429
        assert figure(app, "crm_rate_limit_leases_total") - asked <= 1
        assert figure(app, "crm_refusals_total", reason="key") >= 50


async def test_an_operator_gives_a_tenant_another_quota(
    house: House, client: AsyncClient, caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    limited = await caller(tenant=tenant)
    assert await TenantRegistry(house).limit(tenant.id, 700)
    policies, _ = fields(await limited.get("/me"))
    assert policies == {"key": {"q": 700, "w": 60}, "tenant": {"q": 700, "w": 60}}
    assert fields(await client.get("/me"))[0]["tenant"]["q"] == 1_000_000


async def test_keys_of_a_tenant_with_its_own_quota_keep_their_share_of_it(
    settings: Settings, house: House
) -> None:
    tenant, key = await tenant_and_key(house)
    assert await TenantRegistry(house).limit(tenant.id, 50)
    of = {"rate_limit_key": 100, "rate_limit_tenant": 500, "rate_limit_window": HOUR}
    async with applications(settings, **of) as (app,), client_of(app, key) as client:
        policies, _ = fields(await client.get("/me"))
    assert {name: of["q"] for name, of in policies.items()} == {"key": 10, "tenant": 50}


async def test_limits_tell_what_the_headers_tell(client: AsyncClient) -> None:
    answer = await client.get("/limits")
    assert answer.status_code == 200, answer.text
    policies, left = fields(answer)
    for policy in answer.json()["policies"]:
        name = policy["name"]
        assert (policy["quota"], policy["window_seconds"]) == (
            policies[name]["q"],
            policies[name]["w"],
        )
        assert policy["remaining"] == left[name]["r"]
        assert abs(policy["reset_seconds"] - left[name]["t"]) <= 1


async def test_limits_are_those_of_the_contract(app: FastAPI, client: AsyncClient) -> None:
    document = openapi(app)
    said = (await client.get("/limits")).json()["request"]
    schemas = document["components"]["schemas"]
    items = {
        name: schema["properties"][list_of]["maxItems"]
        for list_of in ("items", "ids")
        for name, schema in schemas.items()
        if list_of in schema.get("properties", {})
    }
    batches = {most for name, most in items.items() if name.endswith("Batch")}
    assert batches == {said["batch_items"]}
    assert set(items.values()) - batches == {said["batch_ids"], said["bulk_ids"]}
    assert document["paths"]["/v1/imports"]["post"]["x-body-limit"] == said["import_bytes"]
    pages = {
        parameter["schema"]["maximum"]
        for path in document["paths"].values()
        for parameter in path.get("get", {}).get("parameters", ())
        if parameter.get("name") == "limit"
    }
    assert pages == {said["page_items"]}


async def test_any_key_may_read_its_limits(caller: NewClient) -> None:
    assert (await (await caller("customers:read")).get("/limits")).status_code == 200


async def test_windows_of_many_keys_are_forgotten(settings: Settings, house: House) -> None:
    tenant, key = await tenant_and_key(house)
    async with (
        applications(settings, rate_limit_window=1) as (app,),
        client_of(app, key) as client,
    ):
        throttle = app.state.house.throttle
        throttle._forget_at = 1
        assert (await client.get("/me")).status_code == 200
        await asyncio.sleep(2)
        other = await new_key(house, tenant)
        throttle._forget_at = 1
        async with client_of(app, other) as second:
            assert (await second.get("/me")).status_code == 200
        assert len(throttle._leases) == 2
