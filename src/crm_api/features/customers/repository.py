from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text

from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.ids import uuid7
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT
from crm_api.platform.external_ids.models import ExternalId

from .events import CustomerCreated
from .models import Customer, CustomerKey
from .rules import Key, keys_of
from .schemas import CustomerRead

TREE = text("SELECT pg_advisory_xact_lock(hashtextextended('customer tree ' || :tenant, 0))")
CUSTOMERS = table_of(Customer)
ABOVE = (
    select(CUSTOMERS.c.id, CUSTOMERS.c.parent_id, CUSTOMERS.c.kind)
    .where(CUSTOMERS.c.tenant_id == TENANT, CUSTOMERS.c.id == bindparam("first"))
    .cte("above", recursive=True)
)
ABOVE = ABOVE.union(
    select(CUSTOMERS.c.id, CUSTOMERS.c.parent_id, CUSTOMERS.c.kind).where(
        CUSTOMERS.c.tenant_id == TENANT, CUSTOMERS.c.id == ABOVE.c.parent_id
    )
)
LINE = select(ABOVE.c.id, ABOVE.c.kind)


class CustomerRepository(Repository[Customer, CustomerRead]):
    model = Customer
    read = CustomerRead

    def add_new(self, **values: Any) -> Written[CustomerRead]:
        id = uuid7()
        self._index(id, set(), keys_of(values["contact_points"], values["tags"]))
        self._identify(id, {}, values["external_ids"])
        return self.add(CustomerCreated, id=id, **values)

    def rewrite(
        self, customer: Customer, event: type[Event], **values: Any
    ) -> Written[CustomerRead]:
        """New values, with the look-up rows that follow from them."""
        before = keys_of(customer.contact_points, customer.tags)
        points = values.get("contact_points", customer.contact_points)
        self._index(customer.id, before, keys_of(points, values.get("tags", customer.tags)))
        known = customer.external_ids
        self._identify(customer.id, known, values.get("external_ids", known))
        return self.change(customer, event, **values)

    async def line_above(self, id: UUID) -> list[tuple[UUID, str]]:
        """The organization and all above it. Locks the tenant's tree until the commit."""
        await self.ctx.work.rows(TREE, {"tenant": str(self.ctx.tenant.id)})
        return [(row.id, row.kind) for row in await self.ctx.work.rows(LINE, {"first": id})]

    def _index(self, id: UUID, before: set[Key], after: set[Key]) -> None:
        for kind, value in sorted(before - after):
            self.unlink(CustomerKey, kind=kind, value=value, customer_id=id)
        for kind, value in sorted(after - before):
            self.link(CustomerKey, kind=kind, value=value, customer_id=id)

    def _identify(self, id: UUID, before: dict[str, str], after: dict[str, str]) -> None:
        same: dict[str, Any] = {"resource": "customer", "object_id": id}
        for system, value in sorted(before.items() - after.items()):
            self.unlink(ExternalId, system=system, value=value, **same)
        for system, value in sorted(after.items() - before.items()):
            self.link(ExternalId, system=system, value=value, **same)
