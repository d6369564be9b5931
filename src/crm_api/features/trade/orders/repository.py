from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.products.resource import PRODUCT
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.recording import record
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere

from .events import OrderCreated
from .models import Order, OrderProduct
from .resource import ORDER
from .schemas import OrderRead

Columns = Mapping[str, Any]
Events = Sequence[type[Event]]


class OrderRepository(KnownElsewhere[Order, OrderRead]):
    model = Order
    noun = ORDER
    read = OrderRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, ORDER.word)

    def add_new(self, told: Events, **values: Any) -> Written[OrderRead]:
        """A new order, and what else has happened to it at once."""
        self._follow(values["id"], {}, values)
        written = self.add(OrderCreated, **values)
        self._tell(written, told)
        return written

    def rewrite(self, row: Order, event: type[Event], **values: Any) -> Written[OrderRead]:
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def take_on(self, row: Order, events: Events, values: Columns) -> Written[OrderRead]:
        """What has happened to an order in one change: each of it is told."""
        written = self.rewrite(row, events[0], **values)
        if written.outcome == "updated":
            self._tell(written, events[1:])
        return written

    def told(self, row: Order) -> OrderRead:
        """A row that was locked just now, as it is told to others."""
        return OrderRead.model_validate_json(self.ctx.work.before[row.id])

    def _tell(self, written: Written[OrderRead], events: Events) -> None:
        for event in events:
            record(self.ctx, OrderRead, event, written.id, written.version)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which an order is found follow its columns."""
        self.rename(id, before, after)
        self.values.move(id, _held(before), _held(after))
        gone, come = (_ordered(row.get("lines", ())) for row in (before, after))
        self._contain(id, gone - come, come - gone)

    def _contain(self, id: UUID, gone: Iterable[str], come: Iterable[str]) -> None:
        for product in sorted(gone):
            self.unlink(OrderProduct, product_id=PRODUCT.prefix.read(product), order_id=id)
        for product in sorted(come):
            self.link(OrderProduct, product_id=PRODUCT.prefix.read(product), order_id=id)


def _ordered(lines: Iterable[Columns]) -> set[str]:
    """The products, as the contract has their ids."""
    return {line["product_id"] for line in lines if line["product_id"]}


def _held(row: Columns) -> tuple[Columns, bool]:
    return (row["custom"], True) if "custom" in row else NOTHING
