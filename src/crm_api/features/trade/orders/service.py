from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.trade.sales.service import SaleService
from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.events import Event
from crm_api.kit.linked import Held
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.audit.remembering import Remembering
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.external_ids.service import Sent as Sent
from crm_api.platform.number_patterns.numbering import Unnumbered
from crm_api.platform.users.service import UserService

from . import events, rules
from .criteria import ORDERS
from .models import Order
from .queries import OrderAggregate, OrderQuery, OrderSearch
from .repository import OrderRepository
from .resource import ORDER
from .rules import walked as walked
from .schemas import OrderCreate, OrderRead, OrderUpdate

One = Document[OrderRead]
Changed = Written[OrderRead]
Decided = tuple[Sequence[type[Event]], Sent]
Decide = Callable[[Sent], Awaitable[Decided]]


class OrderService(Remembering[OrderRead, OrderQuery]):
    """What customers have ordered."""

    fields = ORDERS
    noun = ORDER

    def __init__(self, ctx: Context) -> None:
        self.orders = OrderRepository(ctx)
        super().__init__(ctx, self.orders)
        self.custom, self.sales = CustomValues(ctx, ORDER), SaleService(ctx, rules.WRITE)
        self.customers, self.users = Held(ctx, CUSTOMER), UserService(ctx)
        self.unnumbered, self.system = Unnumbered(ctx, ORDER.word), ""

    async def aggregate(self, asked: OrderAggregate) -> bytes:
        return await self._figures(OrderSearch(), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.orders.by_external_id(system, value, expand)

    async def create(self, data: OrderCreate) -> Changed:
        created = await self.seen_first(data.changes())
        await self.write_new()
        return created

    async def update(self, id: UUID, data: OrderUpdate) -> Changed:
        """Raises PreconditionRequired where what was confirmed is changed unseen."""
        order, sent = await self.orders.load(id), data.changes()
        if order.status != OrderStatus.draft and not sent.keys().isdisjoint(rules.PRICED_BY):
            self.ctx.expect(order.version, required=True)
        return await self._take_on(order, sent)

    async def place(self, id: UUID, decide: Decide) -> Changed:
        """Takes an order to where `decide` says that it goes from where it is."""
        order = await self.orders.load(id)
        return self.orders.take_on(order, *await decide(vars(order)))

    async def bring(self, ids: Collection[UUID], decide: Decide) -> list[Changed]:
        """The same of orders to which something happens, whoever calls. Raises NotFound."""
        orders = await self.orders.load_any(list(ids))
        if len(orders) < len(set(ids)):
            raise NotFound
        return [self.orders.take_on(order, *await decide(vars(order))) for order in orders]

    async def locked(self, ids: Collection[UUID]) -> dict[UUID, OrderRead]:
        """As they are until the commit, whoever calls: nobody else changes them."""
        return {row.id: self.orders.told(row) for row in await self.orders.load_any(list(ids))}

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Order]:
        """What orders are going to name is looked for at once."""
        self.unnumbered, self.system = Unnumbered(self.ctx, ORDER.word), system
        self.customers, self.sales = Held(self.ctx, CUSTOMER), SaleService(self.ctx, rules.WRITE)
        await self.customers.look_up(one["customer_id"] for one in sent if "customer_id" in one)
        await self.custom.look_up(sent)
        await self.sales.lines.look_up(line for one in sent for line in one.get("lines", ()))
        return await self.orders.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteOrder, and all that it names and holds may raise."""
        sent = await self.sales.of_deal(await self.custom.complete(sent))
        owner = sent.get("owner_id", self.ctx.actor.user_id)
        unit = await self.sales.unit(sent.get("business_unit_id"), owner)
        return await self._begin({**sent, "owner_id": owner, "business_unit_id": unit})

    async def draft_of(self, deal: UUID) -> None:
        """Of a deal that was won and is to have one; whom it names is named, archived or gone."""
        sent = await self.sales.won(deal)
        if sent and not await self.orders.counted(deal_id=deal):
            await self._begin(sent, {"lines": sent["lines"]})
            await self.write_new()

    async def _begin(self, sent: Sent, to_check: Sent | None = None) -> Changed:
        order = {**rules.begun(sent, self.ctx.tenant, self.ctx.now), "id": self.ctx.new_id()}
        order |= await self._changed(order, sent if to_check is None else to_check)
        reached, way = rules.walked(order, sent, self.ctx.now)
        self.unnumbered.keep({**order, **reached, "told": [events.REACHED[to] for to in way]})
        return Written(OrderRead, order["id"], 1, "created")

    async def write_new(self) -> None:
        """Orders that were seen first get their numbers together."""
        for order in await self.unnumbered.numbered():
            self.orders.add_new(**order)

    async def seen_again(self, row: Order, sent: Sent) -> Changed:
        """As its system sees it now; what is late is passed over."""
        if rules.is_late(row, self.system, sent):
            return Written(OrderRead, row.id, row.version, "unchanged")
        return await self._take_on(row, sent, by_its_system=True)

    async def _take_on(self, row: Order, sent: Sent, *, by_its_system: bool = False) -> Changed:
        before = vars(row)
        values = await self._changed(before, await self.custom.revised(row, sent))
        rules.check_settled(row, values, by_its_system=by_its_system)
        values = {name: value for name, value in values.items() if value != before[name]}
        event = events.OrderRevised if rules.is_revised(row, values) else events.OrderUpdated
        if event is events.OrderRevised:
            values["revision"] = row.revision + 1
        reached, way = rules.walked({**before, **values}, sent, self.ctx.now)
        told = [*([event] if values or not way else ()), *(events.REACHED[to] for to in way)]
        return self.orders.take_on(row, told, {**values, **reached})

    async def _changed(self, before: Sent, sent: Sent) -> Sent:
        """The columns that follow. Raises UnknownReference, ArchivedThere, UnknownUsers, and what
        `SaleService.reckoned` raises."""
        await self.customers.check(rules.newly("customer_id", before, sent))
        await self.users.check_named(rules.newly("owner_id", before, sent))
        values = rules.columns(before, sent, self.system)
        if rules.is_reckoned(before, sent):
            values |= await self.sales.reckoned({**before, **values}, sent.get("lines"), before)
        return values
