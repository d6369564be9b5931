from uuid import UUID

from sqlalchemy import Text, column, text

from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.statement import in_tenant

from .models import RatingLink
from .schemas import Linked

LINKS = table_of(RatingLink)
FIND = in_tenant(
    text(
        "SELECT CAST(row_to_json(r) AS text) AS told FROM ("
        "SELECT r.id, r.ticket_id, r.kind, r.state, r.expires_at, t.number, t.subject "
        "FROM rating_links l "
        "JOIN ratings r ON r.tenant_id = l.tenant_id AND r.id = l.rating_id "
        "JOIN tickets t ON t.tenant_id = r.tenant_id AND t.id = r.ticket_id "
        "WHERE l.tenant_id = :tenant AND l.token_hash = :hash) r"
    )
    .columns(column("told", Text))
    .scalar_subquery()
)


class RatingLinkRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def add(self, rating: UUID, hash: str) -> None:
        made = {"rating_id": rating, "token_hash": hash, "created_at": self.ctx.now}
        self.ctx.work.stage("insert", LINKS, made)

    async def find(self, hash: str) -> Linked | None:
        """The rating that a token leads to, and what it is about; no transaction is begun."""
        found = await self.ctx.work.fetch(FIND, {"hash": hash})
        return Linked.model_validate_json(found) if found else None
