from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.parts.schemas import people
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere
from crm_api.platform.users.listed import relist

from .events import DealCreated
from .models import Deal, DealCollaborator, DealContact, DealState
from .resource import DEAL
from .schemas import DealRead

Columns = Mapping[str, Any]


class DealRepository(NamedRepository[Deal, DealRead], KnownElsewhere[Deal, DealRead]):
    model = Deal
    noun = DEAL
    read = DealRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, DEAL.word)

    def add_new(self, **values: Any) -> Written[DealRead]:
        self._follow(values["id"], {}, values)
        return self.add(DealCreated, **values)

    def rewrite(self, row: Deal, event: type[Event], **values: Any) -> Written[DealRead]:
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which a deal is found follow its columns."""
        self.rename(id, before, after)
        self.values.move(id, _held(before), _held(after))
        listed = (row.get("collaborator_ids", ()) for row in (before, after))
        relist(self, DealCollaborator, {"deal_id": id}, *listed)
        gone, come = (set(people(row.get("contacts", ()))) for row in (before, after))
        self._talk(id, gone - come, come - gone)

    def _talk(self, id: UUID, gone: Iterable[UUID], come: Iterable[UUID]) -> None:
        for customer in sorted(gone):
            self.unlink(DealContact, customer_id=customer, deal_id=id)
        for customer in sorted(come):
            self.link(DealContact, customer_id=customer, deal_id=id)


def _held(row: Columns) -> tuple[Columns, bool]:
    live = row.get("state", DealState.live) == DealState.live
    return (row["custom"], live) if "custom" in row else NOTHING
