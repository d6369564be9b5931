from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_api.features.billing.allocations.schemas import allocated, check_left, with_more, without
from crm_api.features.billing.allocations.service import AllocationService
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.business_units.working import check_own
from crm_api.platform.custom_fields.searching import Searching
from crm_api.platform.number_patterns.numbering import Unnumbered
from crm_api.platform.users.service import UserService

from . import events, rules
from .criteria import RECEIPTS
from .models import Receipt, ReceiptStatus
from .queries import ReceiptAggregate, ReceiptQuery, ReceiptSearch
from .repository import ReceiptRepository
from .resource import RECEIPT
from .schemas import (
    ReceiptAllocate,
    ReceiptCreate,
    ReceiptDeallocate,
    ReceiptRead,
    ReceiptReverse,
    ReceiptUpdate,
)

Sent = dict[str, Any]
One = Document[ReceiptRead]
Changed = Written[ReceiptRead]


class ReceiptService(Searching[ReceiptRead, ReceiptQuery]):
    """What customers have paid, and for what."""

    fields = RECEIPTS

    def __init__(self, ctx: Context) -> None:
        self.receipts = ReceiptRepository(ctx)
        super().__init__(ctx, self.receipts)
        self.customers, self.users = Held(ctx, CUSTOMER), UserService(ctx)
        self.units, self.allocations = BusinessUnitService(ctx), AllocationService(ctx)
        self.unnumbered = Unnumbered(ctx, RECEIPT.word)

    async def aggregate(self, asked: ReceiptAggregate) -> bytes:
        return await self._figures(ReceiptSearch(), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.receipts.by_external_id(system, value, expand)

    async def create(self, data: ReceiptCreate) -> Changed:
        created = await self.seen_first(data.changes())
        await self.write_new()
        return created

    async def update(self, id: UUID, data: ReceiptUpdate) -> Changed:
        return await self.seen_again(await self.receipts.load(id), data.changes())

    async def confirm(self, id: UUID) -> Changed:
        """The money is there. Raises what `AllocationService.pay` raises."""
        receipt = await self.receipts.load(id)
        RECEIPT.check_transition(receipt.status, ReceiptStatus.confirmed)
        await self.allocations.pay(vars(receipt), receipt.allocations)
        confirmed = rules.confirmed(self.ctx.now)
        return self.receipts.rewrite(receipt, events.ReceiptConfirmed, **confirmed)

    async def allocate(self, id: UUID, data: ReceiptAllocate) -> Changed:
        """Raises NotConfirmed, UnknownReference, and what `AllocationService.pay` raises."""
        receipt, asked = await self.receipts.load(id), data.changes()["allocations"]
        rules.check_confirmed(receipt)
        check_left(asked, receipt.unallocated, receipt.currency)
        values = allocated(with_more(receipt.allocations, asked))
        await self.allocations.check_named(receipt.allocations, asked)
        await self.allocations.pay(vars(receipt), asked)
        return self.receipts.rewrite(receipt, events.ReceiptAllocated, **values)

    async def deallocate(self, id: UUID, data: ReceiptDeallocate) -> Changed:
        """Raises NotConfirmed."""
        receipt, named = await self.receipts.load(id), data.changes()["order_ids"]
        rules.check_confirmed(receipt)
        left, off = without(receipt.allocations, named)
        await self.allocations.take_off(off)
        return self.receipts.rewrite(receipt, events.ReceiptDeallocated, **allocated(left))

    async def reverse(self, id: UUID, data: ReceiptReverse) -> Changed:
        """Another receipt takes it back. Raises ReversalStays."""
        receipt = await self.receipts.load(id)
        RECEIPT.check_transition(receipt.status, ReceiptStatus.reversed)
        rules.check_reversible(receipt)
        await self.allocations.take_off(receipt.allocations)
        other, now = self.ctx.new_id(), self.ctx.now
        reversal = rules.reversal(vars(receipt), other, now)
        self.unnumbered.keep({**reversal, "told": [events.ReceiptConfirmed]})
        await self.write_new()
        reversed_by = rules.reversed_by(other, data.reason, now)
        return self.receipts.rewrite(receipt, events.ReceiptReversed, **reversed_by)

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Receipt]:
        self.unnumbered = Unnumbered(self.ctx, RECEIPT.word)
        self.customers = Held(self.ctx, CUSTOMER)
        await self.customers.look_up(one["customer_id"] for one in sent if "customer_id" in one)
        return await self.receipts.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteReceipt, and all that it names and pays for may raise."""
        receipt = rules.begun(sent, self.ctx.actor.user_id, self.ctx.now)
        unit = await self.units.working(rules.WRITE, sent.get("business_unit_id"))
        check_own(self.ctx.actor, rules.WRITE, unit, (receipt["handler_id"],), "handler_id")
        receipt |= {"id": self.ctx.new_id(), "business_unit_id": unit}
        await self._check_named(receipt, sent)
        receipt |= rules.columns(receipt, sent)
        told: list[type[Event]] = []
        if sent.get("status") == ReceiptStatus.confirmed:
            await self.allocations.pay(receipt, receipt["allocations"])
            receipt |= rules.confirmed(self.ctx.now)
            told = [events.ReceiptConfirmed]
        self.unnumbered.keep({**receipt, "told": told})
        return Written(ReceiptRead, receipt["id"], 1, "created")

    async def write_new(self) -> None:
        """Receipts that were seen first get their numbers together."""
        for receipt in await self.unnumbered.numbered():
            self.receipts.add_new(**receipt)

    async def seen_again(self, row: Receipt, sent: Sent) -> Changed:
        """As whoever keeps it sees it now. Raises SettledReceipt, AllocatedDraft."""
        values = rules.renewed(row, rules.columns(vars(row), sent))
        await self._check_named(vars(row), sent)
        if not rules.is_confirmed_by(row, sent):
            return self.receipts.rewrite(row, events.ReceiptUpdated, **values)
        told = [*([events.ReceiptUpdated] if values else ()), events.ReceiptConfirmed]
        return self.receipts.take_on(row, told, **values, **rules.confirmed(self.ctx.now))

    async def _check_named(self, before: Sent, sent: Sent) -> None:
        """Whom it names anew. Raises UnknownReference, ArchivedThere, UnknownUsers."""
        await self.customers.check(rules.newly("customer_id", before, sent))
        await self.users.check_named(rules.newly("handler_id", before, sent))
        await self.allocations.check_named(before["allocations"], sent.get("allocations", ()))
