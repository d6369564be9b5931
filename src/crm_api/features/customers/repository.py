from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from crm_api.kit.alone import alone
from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.looking import seen_of
from crm_api.kit.projection import Written
from crm_api.kit.ruled import check_change, check_new
from crm_api.kit.search import found_by
from crm_api.kit.statement import TENANT
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere
from crm_api.platform.parties.rules import Key

from .events import CustomerCreated
from .models import Customer, CustomerKey, CustomerState
from .resource import CUSTOMER
from .rules import FOUND_BY, check_line, check_sizes, keys_of, texts
from .schemas import CustomerRead

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


class CustomerRepository(KnownElsewhere[Customer, CustomerRead]):
    model = Customer
    noun = CUSTOMER
    read = CustomerRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, "customer")

    def add_new(self, **values: Any) -> Written[CustomerRead]:
        check_new(self.ctx.actor, self.read, values)
        id = self.ctx.new_id()
        self._index(id, set(), keys_of(values["contact_points"], values["tags"]))
        self.rename(id, {}, values)
        self.values.move(id, NOTHING, (values["custom"], True))
        found = found_by(self.ctx.tenant.id, *texts(values))
        return self.add(CustomerCreated, id=id, **values, **found)

    def rewrite(self, row: Customer, event: type[Event], **values: Any) -> Written[CustomerRead]:
        """New values, with the look-up rows that follow from them."""
        check_change(self.ctx.actor, self.read, row, values)
        customer, live = row, values.get("state", row.state) == CustomerState.live
        check_sizes(values)
        before = keys_of(customer.contact_points, customer.tags)
        points = values.get("contact_points", customer.contact_points)
        self._index(customer.id, before, keys_of(points, values.get("tags", customer.tags)))
        held = (customer.custom, customer.state == CustomerState.live)
        self.values.move(customer.id, held, (values.get("custom", customer.custom), live))
        self.rename(row.id, vars(row), vars(row) | values)
        return self.change(customer, event, **values, **self._found(customer, values))

    def _found(self, customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the customer is searched by, where that changes."""
        known = {name: getattr(customer, name) for name in FOUND_BY}
        after = {name: values.get(name, value) for name, value in known.items()}
        return found_by(self.ctx.tenant.id, *texts(after)) if after != known else {}

    async def lock_tree(self) -> None:
        """Nobody else moves an organization of this tenant until the commit."""
        await alone(self.ctx, "tree of customers")

    async def line_above(self, id: UUID) -> list[tuple[UUID, str]]:
        """The organization and all above it."""
        return [(row.id, row.kind) for row in await self.ctx.work.rows(LINE, {"first": id})]

    async def check_parent(self, sent: Mapping[str, Any], child: UUID | None = None) -> None:
        """Locks the tree, which comes before any record in the order of locks."""
        parent = sent.get("parent_id")
        if parent is not None:
            await self.lock_tree()
            there = self.seen is None or await seen_of(self.ctx, Customer, [parent])
            check_line(await self.line_above(parent) if there else (), child)

    def _index(self, id: UUID, before: set[Key], after: set[Key]) -> None:
        for kind, value in sorted(before - after):
            self.unlink(CustomerKey, kind=kind, value=value, customer_id=id)
        for kind, value in sorted(after - before):
            self.link(CustomerKey, kind=kind, value=value, customer_id=id)
