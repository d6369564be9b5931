from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.sharing.access_grants.service import AccessGrantService
from crm_api.features.sharing.resolutions.service import ResolutionService
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound, OutOfReach
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .errors import OthersDecide
from .events import (
    AccessRequestApproved,
    AccessRequestExpired,
    AccessRequestRejected,
    AccessRequestWithdrawn,
)
from .models import AccessRequest, AccessRequestState
from .repository import AccessRequestRepository
from .schemas import (
    AccessRequestApprove,
    AccessRequestCreate,
    AccessRequestQuery,
    AccessRequestRead,
    AccessRequestReject,
)

T = TypeVar("T")


class AccessRequestService:
    """What units ask for; whoever may change the customer decides, and nobody for himself."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.requests = AccessRequestRepository(ctx)
        self.grants = AccessGrantService(ctx)

    async def list(self, query: AccessRequestQuery) -> Listing:
        return await self.requests.page(query)

    async def get(self, id: UUID) -> Document[AccessRequestRead]:
        return await self.requests.get(id)

    async def create(self, data: AccessRequestCreate) -> Written[AccessRequestRead]:
        """Raises WrongReference, UnknownReference, SayUnit, NotYourUnit, WrongUntil, WrongPlace."""
        sent, units = data.changes(), BusinessUnitService(self.ctx)
        self.grants.check_until(data.until)
        sent["business_unit_id"] = await units.working(rules.WRITE, data.business_unit_id)
        if reference := sent.pop("reference", None):
            sent["customer_id"] = ResolutionService(self.ctx).named(reference)
        else:
            await Held(self.ctx, CUSTOMER).check({"/customer_id": sent["customer_id"]})
        sent["requester_id"] = self.ctx.actor.user_id
        return self.requests.add_new(**sent, expires_at=rules.expires(self.ctx.now))

    async def approve(self, id: UUID, data: AccessRequestApprove) -> Written[AccessRequestRead]:
        request, sent = await self._undecided(id, AccessRequestState.approved), data.changes()
        terms = rules.given(request, sent)
        self.grants.check_level(request.level, terms["level"])
        grant = await _reaching(self.grants.give(terms))
        return self.requests.end(
            request, AccessRequestState.approved, AccessRequestApproved, access_grant_id=grant.id
        )

    async def reject(self, id: UUID, data: AccessRequestReject) -> Written[AccessRequestRead]:
        request = await self._undecided(id, AccessRequestState.rejected)
        await _reaching(self.grants.check_changes(request.customer_id))
        return self.requests.end(
            request,
            AccessRequestState.rejected,
            AccessRequestRejected,
            decision_reason=data.reason,
        )

    async def withdraw(self, id: UUID) -> Written[AccessRequestRead]:
        request = await self.requests.load(id)
        rules.check_asker(self.ctx.actor, request)
        return self.requests.end(request, AccessRequestState.withdrawn, AccessRequestWithdrawn)

    async def expire(self, id: UUID) -> datetime | None:
        """Ends a request on which nobody has decided in time; when that will be, if not yet."""
        [request] = await self.requests.load_all([id])
        if request.state != AccessRequestState.pending:
            return None
        if request.expires_at > self.ctx.now:
            return request.expires_at
        self.requests.end(request, AccessRequestState.expired, AccessRequestExpired)
        return None

    async def _undecided(self, id: UUID, to: AccessRequestState) -> AccessRequest:
        """Raises OwnRequest, TooLate, InvalidTransition."""
        request = await self.requests.load(id)
        rules.check_decider(self.ctx.actor, request, self.ctx.now)
        self.requests.noun.check_transition(request.state, to)
        return request


async def _reaching(work: Awaitable[T]) -> T:
    """Raises OthersDecide where the caller may not change the customer."""
    try:
        return await work
    except (NotFound, OutOfReach):
        raise OthersDecide from None
