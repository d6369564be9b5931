from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.projection import Document, Written
from crm_api.kit.query import Listing

from . import rules
from .errors import ArchivedCustomer, CircularParent, OtherKind, UnknownParent
from .events import CustomerArchived, CustomerRestored, CustomerUpdated
from .models import Customer, CustomerKind, CustomerState
from .repository import CustomerRepository
from .resource import CUSTOMER
from .schemas import (
    ContactPointsChange,
    CustomerCreate,
    CustomerQuery,
    CustomerRead,
    CustomerUpdate,
    TagsChange,
)


class CustomerService:
    """The persons and organizations that the group does business with."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.region = ctx.tenant.phone_region
        self.customers = CustomerRepository(ctx)

    async def list(self, query: CustomerQuery) -> Listing:
        query.phone = [rules.phone(text, self.region, "?phone") for text in query.phone]
        query.email = [text.lower() for text in query.email]
        return await self.customers.page(query)

    async def get(self, id: UUID) -> Document[CustomerRead]:
        return await self.customers.get(id)

    async def create(self, data: CustomerCreate) -> Written[CustomerRead]:
        sent = data.changes()
        await self._check_parent(sent)
        return self.customers.add_new(**rules.complete(sent, self.region, self.ctx.now))

    async def update(self, id: UUID, data: CustomerUpdate) -> Written[CustomerRead]:
        sent = data.changes()
        await self._check_parent(sent, id)
        customer = await self._editable(id)
        if foreign := rules.foreign_fields(customer.kind, sent):
            raise OtherKind(customer.kind, foreign)
        return self._rewrite(customer, **rules.revised(customer, sent, self.region))

    async def archive(self, id: UUID) -> Written[CustomerRead]:
        """Hide a customer from daily work; orders, tickets and points remain."""
        customer = await self.customers.load(id)
        CUSTOMER.check_transition(customer.state, CustomerState.archived)
        return self.customers.change(customer, CustomerArchived, state=CustomerState.archived)

    async def restore(self, id: UUID) -> Written[CustomerRead]:
        customer = await self.customers.load(id)
        CUSTOMER.check_transition(customer.state, CustomerState.live)
        return self.customers.change(customer, CustomerRestored, state=CustomerState.live)

    async def add_tags(self, id: UUID, data: TagsChange) -> Written[CustomerRead]:
        customer = await self._editable(id)
        return self._rewrite(customer, tags=rules.each_once([*customer.tags, *data.tags]))

    async def remove_tags(self, id: UUID, data: TagsChange) -> Written[CustomerRead]:
        customer = await self._editable(id)
        return self._rewrite(customer, tags=[t for t in customer.tags if t not in data.tags])

    async def add_contact_points(
        self, id: UUID, data: ContactPointsChange
    ) -> Written[CustomerRead]:
        customer = await self._editable(id)
        added = rules.spelled(data.changes()["contact_points"], self.region)
        return self._rewrite(customer, contact_points=rules.joined(customer.contact_points, added))

    async def remove_contact_points(
        self, id: UUID, data: ContactPointsChange
    ) -> Written[CustomerRead]:
        customer = await self._editable(id)
        gone = rules.spelled(data.changes()["contact_points"], self.region)
        return self._rewrite(customer, contact_points=rules.without(customer.contact_points, gone))

    async def _editable(self, id: UUID) -> Customer:
        customer = await self.customers.load(id)
        if customer.state == CustomerState.archived:
            raise ArchivedCustomer
        return customer

    def _rewrite(self, customer: Customer, **values: Any) -> Written[CustomerRead]:
        return self.customers.rewrite(customer, CustomerUpdated, **values)

    async def _check_parent(self, sent: Mapping[str, Any], child: UUID | None = None) -> None:
        """The parent is an organization of this tenant, and not below the child itself.

        Locks the tree, which comes before any record in the order of locks.
        """
        if sent.get("parent_id") is None:
            return
        line = await self.customers.line_above(sent["parent_id"])
        if not line:
            raise UnknownParent
        kinds, ids = {kind for _, kind in line}, {id for id, _ in line}
        if kinds != {CustomerKind.organization} or child in ids:
            raise CircularParent
