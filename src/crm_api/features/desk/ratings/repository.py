from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.features.desk.tickets.resource import TICKETS
from crm_api.kit import timers
from crm_api.kit.db import table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.recording import record
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .events import RatingQueued
from .models import Rating
from .resource import RATING
from .schemas import RatingRead

TIMER, RATINGS = "ratings", table_of(Rating)
NAMES = (
    *("id", "requester_id", "business_unit_id", "assignee_id", "type", "category"),
    *("close_reason", "resolved_at", "reopened_count"),
)
TICKET = select(*(TICKETS.c[name] for name in NAMES)).where(
    TICKETS.c.tenant_id == TENANT, TICKETS.c.id == bindparam("ticket", type_=Uuid())
)
OF_RESOLUTION = select(RATINGS.c.id).where(
    RATINGS.c.tenant_id == TENANT,
    RATINGS.c.ticket_id == bindparam("ticket", type_=Uuid()),
    RATINGS.c.resolution == bindparam("resolution"),
)
AT = TIMESTAMP(timezone=True, precision=3)
TURN = text(
    "INSERT INTO rating_turns AS known (tenant_id, customer_id, asked_at) "
    "SELECT :tenant, :customer, :now WHERE NOT EXISTS (SELECT FROM ratings "
    "WHERE tenant_id = :tenant AND customer_id = :customer AND asked_at > :rested) "
    "ON CONFLICT (tenant_id, customer_id) DO UPDATE SET asked_at = excluded.asked_at "
    "WHERE known.asked_at <= :rested RETURNING customer_id"
).bindparams(
    *(bindparam(name, type_=Uuid()) for name in ("tenant", "customer")),
    *(bindparam(name, type_=AT) for name in ("now", "rested")),
)
"""Whoever takes a turn at the same time waits here, and sees then that it is taken. A customer who
was merged brings his ratings along, and so is asked about them too."""


class RatingRepository(Repository[Rating, RatingRead]):
    model = Rating
    noun = RATING
    read = RatingRead

    async def ticket(self, id: UUID) -> Mapping[str, Any]:
        """What is asked about, whoever calls."""
        found = await self.ctx.work.rows(TICKET, {"ticket": id})
        return dict(found[0]._mapping)

    async def of_resolution(self, ticket: UUID, number: int) -> Rating | None:
        """Locked, whatever the caller may change."""
        named = {"ticket": ticket, "resolution": number}
        found = await self.ctx.work.rows(OF_RESOLUTION, named)
        rows = await self.load_any([row.id for row in found]) if found else []
        return rows[0] if rows else None

    async def take_turn(self, customer: UUID, days: int) -> bool:
        """Whether the customer is asked now, and by nobody else for as many days."""
        if not days:
            return True
        told = {"customer": customer, "now": self.ctx.now}
        told["rested"] = self.ctx.now - timedelta(days=days)
        return bool(await self.ctx.work.rows(TURN, told))

    def queue(self, rating: Mapping[str, Any]) -> None:
        """The timer of a rating has its id."""
        id, tenant = self.ctx.new_id(), self.ctx.tenant.id
        self.add(RatingQueued, id=id, **rating)
        timers.schedule(self.ctx, TIMER, id, tenant, rating["asks_at"])

    async def seen_one(self, id: UUID) -> Rating:
        """As the caller sees it, locked. Raises NotFound."""
        rows = await self._locked([id], self.seen)
        if not rows:
            raise NotFound
        return rows[0]

    def tell_of(self, event: type[Event], row: Rating) -> Written[RatingRead]:
        """Of a rating that stays as it is."""
        self.ctx.work.stage("leave", RATINGS, {"id": row.id})
        record(self.ctx, self.read, event, row.id, row.version)
        return Written(self.read, row.id, row.version, "unchanged")

    def tell_also(self, event: type[Event], id: UUID, version: int) -> None:
        """More that has happened by the change that was written last."""
        record(self.ctx, self.read, event, id, version)
