"""What each tenant has defined, remembered for a second."""

import asyncio
import time
from collections import defaultdict
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic_core import from_json
from sqlalchemy import Text, cast, func, select

from crm_api.kit.db import table_of
from crm_api.kit.definitions import Definition, Definitions, Fields
from crm_api.kit.statement import TENANT, in_tenant
from crm_api.kit.work import UnitOfWork

from .models import CustomField
from .rules import definition_of

SECONDS = 1.0
FIELDS = table_of(CustomField)
ALL = in_tenant(
    select(cast(func.json_agg(func.row_to_json(FIELDS.table_valued())), Text))
    .where(FIELDS.c.tenant_id == TENANT)
    .scalar_subquery()
)
UNKNOWN: tuple[Fields, float] = ({}, 0.0)


class FieldRegistry:
    """Definitions of a process's tenants. A change is known at once where it was made, and
    within a second elsewhere."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[Fields, float]] = {}
        self._asking: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._changed = 0

    async def of(self, work: UnitOfWork) -> Fields:
        """Who ask for one tenant at the same time wait for one look-up."""
        fields, until = self._known.get(work.tenant_id, UNKNOWN)
        if until >= time.monotonic():
            return fields
        async with self._asking.setdefault(work.tenant_id, asyncio.Lock()):
            fields, until = self._known.get(work.tenant_id, UNKNOWN)
            return fields if until >= time.monotonic() else await self.again(work)

    async def again(self, work: UnitOfWork) -> Fields:
        """What changes while it is being read is not remembered."""
        before = self._changed
        fields = _fields(await work.fetch(ALL, {}))
        if before == self._changed:
            self._forget_the_old()
            self._known[work.tenant_id] = fields, time.monotonic() + SECONDS
        return fields

    def forget(self, tenant_id: UUID) -> None:
        self._changed += 1
        self._known.pop(tenant_id, None)

    def _forget_the_old(self) -> None:
        now = time.monotonic()
        self._known = {tenant: entry for tenant, entry in self._known.items() if entry[1] > now}


def _fields(found: str | None) -> Fields:
    nouns: defaultdict[str, dict[str, Definition]] = defaultdict(dict)
    rows: list[dict[str, Any]] = from_json(found) if found else []
    for row in rows:
        nouns[row["resource"]][row["key"]] = definition_of(row)
    return {noun: Definitions(every) for noun, every in nouns.items()}
