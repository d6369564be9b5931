from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.unfit import Unfit, mistake

from . import rules
from .errors import InPurge, JustRetired, NotFit, TooManyFields
from .events import (
    CustomFieldCreated,
    CustomFieldRestored,
    CustomFieldRetired,
    CustomFieldUpdated,
    CustomFieldValuesRemoved,
)
from .models import CustomField, FieldState
from .reading import merged, spelled
from .repository import CustomFieldRepository
from .resource import CUSTOM_FIELD
from .schemas import (
    CustomFieldCreate,
    CustomFieldPurge,
    CustomFieldQuery,
    CustomFieldRead,
    CustomFieldUpdate,
)

AT_ONCE = 10_000
"""So many records lose a value in one transaction: others wait for it."""
BEGUN = {"state": FieldState.live, "retired_at": None, "purged_records": 0}


class CustomFieldService:
    """The fields that a tenant defines itself, for the records of a noun."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.fields = CustomFieldRepository(ctx)

    async def list(self, query: CustomFieldQuery) -> Listing:
        return await self.fields.page(query)

    async def get(self, id: UUID) -> Document[CustomFieldRead]:
        return await self.fields.get(id)

    async def create(self, data: CustomFieldCreate) -> Written[CustomFieldRead]:
        sent = {**data.model_dump(), **BEGUN, "id": self.ctx.new_id()}
        sent["indexed"] = data.indexed or data.unique
        self._check(sent)
        await self._check_room(data.resource)
        self._learn_later()
        return self.fields.add(CustomFieldCreated, **sent)

    async def update(self, id: UUID, data: CustomFieldUpdate) -> Written[CustomFieldRead]:
        field = await self.fields.load(id)
        if field.state == FieldState.purging:
            raise InPurge
        sent = data.changes()
        if "labels" in sent:
            sent["labels"] = merged(field.labels, sent["labels"])
            rules.check_labels(sent["labels"])
        rules.check_options(field.options, sent.get("options", field.options))
        after = vars(field) | sent
        self._check(after)
        self._learn_later()
        return self.fields.change(field, CustomFieldUpdated, **sent | {"default": after["default"]})

    async def retire(self, id: UUID) -> Written[CustomFieldRead]:
        """Values are hidden, and kept; nobody writes new ones."""
        self._learn_later()
        return await self.fields.move(
            id, FieldState.retired, CustomFieldRetired, retired_at=self.ctx.now
        )

    async def restore(self, id: UUID) -> Written[CustomFieldRead]:
        """Values are shown again as they were."""
        self._learn_later()
        field = await self.fields.load(id)
        CUSTOM_FIELD.check_transition(field.state, FieldState.live)
        await self._check_room(field.resource)
        told = {"state": FieldState.live, "retired_at": None}
        return self.fields.change(field, CustomFieldRestored, **told)

    async def purge(self, id: UUID) -> CustomFieldPurge:
        """Take the values of a retired field from records, some thousand at a time."""
        field = await self.fields.load(id)
        CUSTOM_FIELD.check_transition(field.state, FieldState.purging)
        self._check_settled(field)
        removed = await self.fields.remove_values(field, AT_ONCE)
        records, complete = field.purged_records + removed, removed < AT_ONCE
        if complete:
            await self.fields.drop(field, records)
        else:
            told: dict[str, Any] = {"state": FieldState.purging, "purged_records": records}
            self.fields.change(field, CustomFieldValuesRemoved, **told)
        self._learn_later()
        return CustomFieldPurge(
            object="custom_field_purge",
            custom_field_id=id,
            purged_records=records,
            complete=complete,
        )

    def _check(self, row: dict[str, Any]) -> None:
        """A definition that is in itself right; its default becomes canonical."""
        rules.check(row)
        try:
            row["default"] = spelled(rules.definition_of(row), row["default"])
        except Unfit as unfit:
            raise NotFit(mistake(f"/default{unfit.part}", unfit)) from unfit

    async def _check_room(self, resource: str) -> None:
        live = await self.fields.counted(resource=resource, state=FieldState.live)
        if live >= rules.MOST_FIELDS:
            raise TooManyFields(rules.MOST_FIELDS)

    def _check_settled(self, field: CustomField) -> None:
        settled = (field.retired_at or self.ctx.now) + timedelta(seconds=rules.SETTLE_SECONDS)
        if settled > self.ctx.now:
            raise JustRetired(ceil((settled - self.ctx.now).total_seconds()))

    def _learn_later(self) -> None:
        """This process, as soon as the change is committed."""
        forget, tenant = self.ctx.house.fields.forget, self.ctx.tenant.id
        self.ctx.afterwards.append(lambda: forget(tenant))
