from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.kit.unmasking import unmasked
from crm_api.platform.audit.remembering import Remembering
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.external_ids.service import Sent
from crm_api.platform.parties.rules import joined, phone, spelled, without

from . import rules
from .criteria import CUSTOMERS
from .events import CustomerArchived, CustomerRestored, CustomerUnmasked, CustomerUpdated
from .models import Customer, CustomerState
from .queries import CustomerAggregate, CustomerQuery, CustomerSearch
from .repository import CustomerRepository
from .resource import CUSTOMER
from .schemas import (
    ContactPointsChange,
    CustomerCreate,
    CustomerRead,
    CustomerUpdate,
    TagsChange,
    Unmasking,
)

Ids = list[UUID]
One = Document[CustomerRead]
Changed = Written[CustomerRead]


class CustomerService(Remembering[CustomerRead, CustomerQuery]):
    """The persons and organizations that the group does business with."""

    fields = CUSTOMERS
    noun = CUSTOMER

    def __init__(self, ctx: Context) -> None:
        self.region = ctx.tenant.phone_region
        self.customers = CustomerRepository(ctx)
        super().__init__(ctx, self.customers)
        self.custom = CustomValues(ctx, CUSTOMER)

    async def list(self, query: CustomerQuery) -> Listing:
        phones = [phone(text, self.region, "?phone") for text in query.phone]
        emails = [text.lower() for text in query.email]
        spelled = query.model_copy(update={"phone": phones, "email": emails})
        return await self.customers.page(spelled)

    async def aggregate(self, asked: CustomerAggregate) -> bytes:
        return await self._figures(CustomerSearch(state=asked.state), asked)

    async def hold(self, id: UUID) -> None:
        """Live until the commit. Raises NotFound, Conflict."""
        await self.customers.hold(id)

    async def create(self, data: CustomerCreate) -> Changed:
        return await self._add(data.changes())

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.customers.by_external_id(system, value, expand)

    async def get_many(self, ids: Ids, expand: Expand = ()) -> tuple[str, Ids]:
        return await self.customers.get_many(ids, expand)

    async def update(self, id: UUID, data: CustomerUpdate) -> Changed:
        sent = data.changes()
        await self.customers.check_parent(sent, id)
        customer = await self.customers.editable(id)
        rules.check_kind(customer.kind, sent)
        sent = await self.custom.revised(customer, sent)
        return self._rewrite(customer, **rules.revised(customer, sent, self.region))

    async def archive(self, id: UUID) -> Changed:
        """Hide a customer from daily work; orders, tickets and points remain."""
        return await self.customers.move(id, CustomerState.archived, CustomerArchived)

    async def restore(self, id: UUID) -> Changed:
        return await self.customers.move(id, CustomerState.live, CustomerRestored)

    async def unmask(self, id: UUID, data: Unmasking) -> Changed:
        return await unmasked(self.customers, id, CustomerUnmasked, data.reason)

    async def add_tags(self, id: UUID, data: TagsChange) -> Changed:
        customer = await self.customers.editable(id)
        return self._rewrite(customer, tags=rules.each_once([*customer.tags, *data.tags]))

    async def remove_tags(self, id: UUID, data: TagsChange) -> Changed:
        customer = await self.customers.editable(id)
        return self._rewrite(customer, tags=[t for t in customer.tags if t not in data.tags])

    async def add_contact_points(self, id: UUID, data: ContactPointsChange) -> Changed:
        customer = await self.customers.editable(id)
        added = spelled(data.changes()["contact_points"], self.region)
        return self._rewrite(customer, contact_points=joined(customer.contact_points, added))

    async def remove_contact_points(self, id: UUID, data: ContactPointsChange) -> Changed:
        customer = await self.customers.editable(id)
        gone = spelled(data.changes()["contact_points"], self.region)
        return self._rewrite(customer, contact_points=without(customer.contact_points, gone))

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Customer]:
        if any(one.get("parent_id") for one in sent):
            await self.customers.lock_tree()
        await self.custom.look_up(sent)
        return await self.customers.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        rules.check_complete(sent)
        return await self._add(sent)

    async def seen_again(self, row: Customer, sent: Sent) -> Changed:
        """As the system sees it; an archived one comes back into daily work."""
        rules.check_kind(row.kind, sent)
        await self.customers.check_parent(sent, row.id)
        sent = await self.custom.revised(row, sent)
        values = rules.revised(row, sent, self.region)
        if row.state == CustomerState.live:
            return self._rewrite(row, **values)
        return self.customers.rewrite(row, CustomerRestored, **values | {"state": "live"})

    async def _add(self, sent: Sent) -> Changed:
        await self.customers.check_parent(sent)
        sent = await self.custom.complete(sent)
        return self.customers.add_new(**rules.complete(sent, self.region, self.ctx.now))

    def _rewrite(self, customer: Customer, **values: Any) -> Changed:
        return self.customers.rewrite(customer, CustomerUpdated, **values)
