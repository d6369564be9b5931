"""The door for customers: nobody needs a key there, and nobody guesses."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.rating_links.rules import digest, new_token, tenant_of
from crm_api.kit.context import House
from crm_api.main import create_app
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused

from .rating import answer, ratings


@pytest.fixture
async def customer(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody without a key."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test/v1") as client:
        yield client


@given(st.uuids())
def test_a_token_says_of_which_tenant_it_is_and_no_two_are_the_same(tenant: UUID) -> None:
    one, other = new_token(tenant), new_token(tenant)
    assert one != other
    assert digest(one) != digest(other)
    assert tenant_of(one) == tenant_of(other) == tenant


@given(st.one_of(st.text(), st.from_regex(r"crm_rating_[A-Za-z0-9_=-]{60,70}", fullmatch=True)))
def test_whatever_is_sent_for_a_token_is_one_or_none(text: str) -> None:
    tenant = tenant_of(text)
    assert tenant is None or len(text) == len(new_token(tenant))


async def test_who_guesses_is_shut_out_by_his_address(
    settings: Settings, client: AsyncClient, house: House
) -> None:
    asks = await ratings(client, house)
    await asks.policy()
    token = await asks.token(await asks.asked())
    few = create_app(settings.model_copy(update={"wrong_keys": 5}))
    async with few.router.lifespan_context(few):
        for address, tries in (("192.0.2.1", 5), ("192.0.2.2", 0)):
            transport = ASGITransport(few, client=(address, 1))
            async with AsyncClient(transport=transport, base_url="http://test/v1") as guest:
                for _ in range(tries):
                    refused(await answer(guest, new_token(uuid4()), score=5), 404, "not-found")
                said = await answer(guest, token, score=5)
                assert said.status_code == (429 if tries else 204)


async def test_a_tenant_that_is_suspended_takes_no_answers(
    new_tenant_: NewTenant,
    caller: NewClient,
    customer: AsyncClient,
    house: House,
    nothing_changes: Unchanged,
) -> None:
    tenant = await new_tenant_()
    asks = await ratings(await caller(tenant=tenant), house)
    await asks.policy()
    token = await asks.token(await asks.asked())
    registry = TenantRegistry(house)
    await registry.suspend(tenant.id, suspended=True)
    async with nothing_changes():
        refused(await customer.get(f"/ratings/by-token/{token}"), 404, "not-found")
        refused(await answer(customer, token, score=5), 404, "not-found")
    await registry.suspend(tenant.id, suspended=False)
    assert (await answer(customer, token, score=5)).status_code == 204


async def test_only_pages_of_the_tenant_may_read_what_is_asked(
    client: AsyncClient, customer: AsyncClient, house: House
) -> None:
    asks = await ratings(client, house)
    await asks.policy()
    await client.patch("/tenant", json={"allowed_origins": ["https://crm.example.com"]})
    path = f"/ratings/by-token/{await asks.token(await asks.asked())}"
    for origin, allowed in (
        ("https://crm.example.com", "https://crm.example.com"),
        ("https://x.com", None),
    ):
        told = await customer.get(path, headers={"Origin": origin})
        assert told.status_code == 200
        assert told.headers.get("access-control-allow-origin") == allowed


async def test_a_key_opens_no_more_than_the_link_does(
    client: AsyncClient, house: House, customer: AsyncClient
) -> None:
    """What is sent beside the token counts for nothing."""
    asks = await ratings(client, house)
    await asks.policy()
    token = await asks.token(await asks.asked())
    headers = {"Authorization": "Bearer nonsense", "Crm-Dry-Run": "true"}
    path = f"/ratings/by-token/{token}"
    said = await customer.post(path, json={"score": 5}, headers=headers)
    assert said.status_code == 204
    assert (await asks.all())[0]["state"] == "answered"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(
    client: AsyncClient, house: House, customer: AsyncClient, method: str
) -> None:
    asks = await ratings(client, house)
    await asks.policy()
    token = await asks.token(await asks.asked())
    said = await customer.request(method, f"/ratings/by-token/{token}")
    assert said.status_code == 405
