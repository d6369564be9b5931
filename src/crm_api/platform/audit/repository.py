from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    select,
)
from sqlalchemy.dialects.postgresql import array

from crm_api.kit.any_ids import noun_of
from crm_api.kit.journal import EVENTS, OF_EVENT, VALUES
from crm_api.kit.reader import Reader
from crm_api.kit.statement import TENANT, in_tenant, number

from .schemas import AuditRecordRead

ONE: ColumnElement[Any] = number(1)
AT = bindparam("at", type_=TIMESTAMP(timezone=True))
OF_OBJECT: ColumnElement[bool] = and_(
    EVENTS.c.tenant_id == TENANT,
    EVENTS.c.object_id == bindparam("object_id", type_=Uuid()),
    noun_of(EVENTS.c.type) == bindparam("noun", type_=Text()),
)
KNOWN = in_tenant(select(ONE).select_from(EVENTS).where(OF_OBJECT).limit(ONE).scalar_subquery())
PAST = in_tenant(
    select(array([cast(EVENTS.c.version, Text), VALUES.c.data]))
    .select_from(EVENTS.outerjoin(VALUES, OF_EVENT))
    .where(OF_OBJECT, EVENTS.c.created_at <= AT)
    .order_by(EVENTS.c.version.desc(), EVENTS.c.id.desc())
    .limit(ONE)
    .scalar_subquery()
)


class AuditRepository(Reader[AuditRecordRead]):
    """Numbered events, and what a record was; nothing is ever changed here."""

    read = AuditRecordRead

    async def knows(self, noun: str, id: UUID) -> bool:
        """Whether there is such a record, or was one; its events need no number for that."""
        found = await self.ctx.work.fetch(KNOWN, _object(noun, id))
        return found is not None

    async def past(self, noun: str, id: UUID, at: datetime) -> tuple[int, str | None] | None:
        """The version that a record had, and its document unless that is erased."""
        found = await self.ctx.work.fetch(PAST, {"at": at, **_object(noun, id)})
        return (int(found[0]), found[1]) if found else None


def _object(noun: str, id: UUID) -> Mapping[str, Any]:
    return {"noun": noun, "object_id": id}
