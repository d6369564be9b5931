from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, text

from crm_api.kit.context import Context
from crm_api.kit.db import table_of

from .models import RatingLink

LINKS = table_of(RatingLink)
FIND = text(
    "SELECT r.id, r.ticket_id, r.kind, r.state, r.expires_at, t.number, t.subject "
    "FROM rating_links l "
    "JOIN ratings r ON r.tenant_id = l.tenant_id AND r.id = l.rating_id "
    "JOIN tickets t ON t.tenant_id = r.tenant_id AND t.id = r.ticket_id "
    "WHERE l.tenant_id = :tenant AND l.token_hash = :hash"
).bindparams(bindparam("hash", type_=Text()))


class RatingLinkRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def add(self, rating: UUID, hash: str) -> None:
        made = {"rating_id": rating, "token_hash": hash, "created_at": self.ctx.now}
        self.ctx.work.stage("insert", LINKS, made)

    async def find(self, hash: str) -> Mapping[str, Any] | None:
        """The rating that a token leads to, and what it is about."""
        found = await self.ctx.work.rows(FIND, {"hash": hash})
        return dict(found[0]._mapping) if found else None
