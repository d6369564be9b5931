from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.definitions import NONE, Definition
from crm_api.kit.repository import Repository

from .events import CustomFieldPurged
from .models import CustomField, CustomUnique, CustomValue
from .reading import kept_values
from .resource import CUSTOM_FIELD
from .schemas import CustomFieldRead
from .statements import FIELDS, LEFT, removal

VALUES, UNIQUES = table_of(CustomValue), table_of(CustomUnique)
Held = tuple[Mapping[str, Any], bool]
"""The values of a record, and whether it is live."""
NOTHING: Held = ({}, False)
Name = tuple[str, str, str]
Entry = tuple[Table, dict[str, Any]]


class CustomFieldRepository(Repository[CustomField, CustomFieldRead]):
    model = CustomField
    noun = CUSTOM_FIELD
    read = CustomFieldRead

    async def remove_values(self, field: CustomField, most: int) -> int:
        """Takes the values of a field from so many records; from how many it did."""
        asked = {"key": field.key, "field": field.id, "most": most}
        removed = await self.ctx.work.rows(removal(field.resource), asked)
        return int(removed[0][0])

    async def drop(self, field: CustomField, records: int) -> None:
        """The definition, when no record has a value any more; the event tells of how many."""
        asked = {"key": field.key, "field": field.id, "resource": field.resource}
        await self.ctx.work.rows(LEFT, asked)
        told = {"id": field.id, "state": field.state, "purged_records": records}
        self.ctx.work.stage("update", FIELDS, told)
        await self.ctx.work.flush()
        self.remove(field, CustomFieldPurged)


class CustomValueRepository:
    """What the records of a noun are found by, in fields that the tenant has defined."""

    def __init__(self, ctx: Context, noun: str) -> None:
        self.ctx, self.noun = ctx, noun

    def move(self, id: UUID, before: Held, after: Held) -> None:
        """Link a record to the values that it has from now on, and to no others."""
        fields = (self.ctx.fields or {}).get(self.noun, NONE).every
        if before == after or not fields:
            return
        known, wanted = self._rows(id, fields, before), self._rows(id, fields, after)
        for name in known.keys() - wanted.keys():
            self.ctx.work.stage("delete", *known[name])
        for name in sorted(wanted.keys() - known.keys()):
            self.ctx.work.stage("insert", *wanted[name])

    def _rows(self, id: UUID, fields: Mapping[str, Definition], held: Held) -> dict[Name, Entry]:
        values, live = held
        found: dict[Name, Entry] = {}
        for key, field in fields.items():
            if field.indexed and key in values:
                for value in kept_values(field, values[key]):
                    row = {"value": value, "object_id": id}
                    found["found", key, value] = VALUES, {"field_id": field.id, **row}
                    if field.unique and live:
                        whose = {"resource": self.noun, "key": key}
                        found["sole", key, value] = UNIQUES, {**whose, **row}
        return found
