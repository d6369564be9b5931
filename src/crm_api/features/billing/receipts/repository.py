from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.billing.allocations.schemas import amounts
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.recording import record
from crm_api.platform.external_ids.repository import KnownElsewhere

from .events import ReceiptCreated
from .models import Receipt, ReceiptOrder
from .resource import RECEIPT
from .schemas import ReceiptRead

Columns = Mapping[str, Any]
Events = Sequence[type[Event]]


class ReceiptRepository(KnownElsewhere[Receipt, ReceiptRead]):
    model = Receipt
    noun = RECEIPT
    read = ReceiptRead

    def add_new(self, told: Events, **values: Any) -> Written[ReceiptRead]:
        """A new receipt, and what else has happened to it at once."""
        self._follow(values["id"], {}, values)
        written = self.add(ReceiptCreated, **values)
        self._tell(written, told)
        return written

    def rewrite(self, row: Receipt, event: type[Event], **values: Any) -> Written[ReceiptRead]:
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def take_on(self, row: Receipt, events: Events, **values: Any) -> Written[ReceiptRead]:
        """What has happened to a receipt in one change: each of it is told."""
        written = self.rewrite(row, events[0], **values)
        if written.outcome == "updated":
            self._tell(written, events[1:])
        return written

    def _tell(self, written: Written[ReceiptRead], events: Events) -> None:
        for event in events:
            record(self.ctx, ReceiptRead, event, written.id, written.version)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which a receipt is found follow its columns."""
        self.rename(id, before, after)
        gone, come = (amounts(row.get("allocations", ())).keys() for row in (before, after))
        for order in sorted(gone - come):
            self.unlink(ReceiptOrder, order_id=order, receipt_id=id)
        for order in sorted(come - gone):
            self.link(ReceiptOrder, order_id=order, receipt_id=id)
