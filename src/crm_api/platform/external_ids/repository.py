from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ScalarSelect, Text, bindparam, select, text

from crm_api.kit.context import Context
from crm_api.kit.db import Entity, table_of
from crm_api.kit.projection import Document
from crm_api.kit.reader import Expand
from crm_api.kit.repository import Repository
from crm_api.kit.schema import Read
from crm_api.kit.statement import TENANT, quoted

from .models import ExternalId
from .rules import Key, identities

IDS = table_of(ExternalId)
RESOURCE = bindparam("resource", type_=Text())
SYSTEM, VALUE = bindparam("system", type_=Text()), bindparam("value", type_=Text())
LOCK = text(
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(concat_ws('|', "
    "'external id', CAST(:tenant AS uuid), CAST(:resource AS text), CAST(:system AS text), value), "
    "0) AS key FROM unnest(CAST(:values AS text[])) value ORDER BY 1) keys"
)
OWNERS = select(IDS.c.value, IDS.c.object_id).where(
    IDS.c.tenant_id == TENANT,
    IDS.c.resource == RESOURCE,
    IDS.c.system == SYSTEM,
    IDS.c.value == bindparam("values", type_=ARRAY(Text())).any_(),
)
SYSTEMS = text(
    "WITH RECURSIVE known AS ((SELECT system FROM external_ids WHERE tenant_id = :tenant "
    "AND resource = :resource ORDER BY system LIMIT 1) UNION ALL SELECT (SELECT system "
    "FROM external_ids e WHERE tenant_id = :tenant AND resource = :resource "
    "AND e.system > known.system ORDER BY system LIMIT 1) FROM known "
    "WHERE known.system IS NOT NULL) SELECT system FROM known WHERE system IS NOT NULL LIMIT 50"
)
M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=Read)


@lru_cache
def owner_of(resource: str) -> ScalarSelect[UUID]:
    """The record of this resource that `system` means by `value`."""
    found = select(IDS.c.object_id).where(
        IDS.c.tenant_id == TENANT,
        IDS.c.resource == quoted(resource),
        IDS.c.system == SYSTEM,
        IDS.c.value == VALUE,
    )
    return found.scalar_subquery()


class ExternalIdRepository:
    """Whose record an outside system means; one resource's ids."""

    def __init__(self, ctx: Context, resource: str) -> None:
        self.ctx, self.resource = ctx, resource

    async def claim(self, system: str, values: Sequence[str]) -> dict[str, UUID]:
        """The records of these ids. Until the commit nobody else gives one of them a record."""
        asked: dict[str, Any] = {
            "resource": self.resource,
            "system": system,
            "values": list(values),
        }
        await self.ctx.work.rows(LOCK, asked)
        return {row.value: row.object_id for row in await self.ctx.work.rows(OWNERS, asked)}

    async def systems(self) -> list[str]:
        """The systems that know records, 50 at most; from one to the next by the key."""
        found = await self.ctx.work.rows(SYSTEMS, {"resource": self.resource})
        return [row.system for row in found]

    def move(self, id: UUID, before: Iterable[Key], after: Iterable[Key]) -> None:
        """Link a record to the ids that it has from now on, and to no others."""
        known, wanted = set(before), set(after)
        for system, value in sorted(known - wanted):
            self.ctx.work.stage("delete", IDS, self._row(id, system, value))
        for system, value in sorted(wanted - known):
            self.ctx.work.stage("insert", IDS, self._row(id, system, value))

    def _row(self, id: UUID, system: str, value: str) -> dict[str, Any]:
        return {"resource": self.resource, "system": system, "value": value, "object_id": id}


class KnownElsewhere(Repository[M, R]):
    """Records that other systems know by ids of their own, in `external_ids` and aliases."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.ids = ExternalIdRepository(ctx, self.noun.word)

    async def by_external_id(self, system: str, value: str, expand: Expand) -> Document[R]:
        which = owner_of(self.noun.word)
        return await self.get_by(which, expand, system=system, value=value)

    async def claim(self, system: str, values: Sequence[str]) -> dict[str, M]:
        """The records of these external ids, locked, of those that the caller may change. The
        other ids are ours to give, or taken."""
        owners = await self.ids.claim(system, values)
        rows = {row.id: row for row in await self.load_all(list(owners.values()))} if owners else {}
        return {value: rows[id] for value, id in owners.items() if id in rows}

    def rename(self, id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """The rows by which a record with these columns is found, new ones or changed."""
        self.ids.move(id, _known_by(before), _known_by(after))


def _known_by(row: Mapping[str, Any]) -> set[Key]:
    return identities(row.get("external_ids", {}), row.get("external_id_aliases", ()))
