"""The first that a customer writes makes a ticket, once, however often it comes."""

import asyncio
from typing import Any

import pytest

from crm_api.cli.unit import operator
from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.messages.service import MessageService
from crm_api.features.desk.terms.schemas import TicketChannel
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from tests.conftest import NewClient, NewTenant, Unchanged

from .asking import Desk, desk

MAIL = {"channel": TicketChannel.email, "external_id": "<1@example.com>", "text": "It leaks"}


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def asking(caller: NewClient, tenant: Tenant) -> Desk:
    return await desk(await caller(tenant=tenant))


async def arrives(house: House, tenant: Tenant, at: Desk, **said: Any) -> str:
    """By mail, from somebody who is known; the id of the message."""
    ctx = operator(house, tenant)
    customer = CUSTOMER.prefix.read(at.customer)
    of = {"requester_id": customer, "business_unit_id": BUSINESS_UNIT.prefix.read(at.unit)}
    written = await MessageService(ctx).begun(
        {**of, "subject": "The filler leaks"}, {**MAIL, "customer_id": customer, **said}
    )
    await ctx.finish()
    return written.name()


async def test_a_mail_makes_a_ticket(house: House, tenant: Tenant, asking: Desk) -> None:
    id = await arrives(house, tenant, asking)
    message = (await asking.client.get(f"/ticket-messages/{id}")).json()
    ticket = await asking.now({"id": message["ticket_id"]})
    assert message == message | {"direction": "in", "channel": "email", "text": "It leaks"}
    assert ticket == ticket | {
        "channel": "email",
        "category": "open",
        "message_count": 1,
        "last_customer_message_at": message["created_at"],
        "follower_ids": [],
    }


async def test_a_mail_that_comes_again_makes_nothing(
    house: House, tenant: Tenant, asking: Desk, nothing_changes: Unchanged
) -> None:
    id = await arrives(house, tenant, asking)
    async with nothing_changes():
        assert await arrives(house, tenant, asking, text="Anew") == id


async def test_a_mail_that_comes_many_times_at_once_makes_one_ticket(
    house: House, tenant: Tenant, asking: Desk
) -> None:
    ids = await asyncio.gather(*(arrives(house, tenant, asking) for _ in range(8)))
    assert len(set(ids)) == 1
    assert len(await asking.found()) == 1


async def test_what_is_received_by_nobody_in_particular_goes_where_it_belongs(
    house: House, tenant: Tenant, asking: Desk
) -> None:
    """As what comes by a channel: whoever brings it has no part in it."""
    ticket = await asking.acted(await asking.ticket(), "close")
    ctx = operator(house, tenant)
    said = {**MAIL, "external_id": "<2@example.com>"}
    await MessageService(ctx).received(TICKET.prefix.read(ticket["id"]), said)
    await ctx.finish()
    (follows,) = await asking.found(follows_id=ticket["id"])
    assert (await asking.now({"id": follows}))["channel"] == "email"
