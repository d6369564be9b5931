from typing import Any
from uuid import UUID

from crm_api.features.customers.queries import CustomerQuery
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.context import Context
from crm_api.kit.rights import check_clear
from crm_api.platform.parties.rules import phone

from . import rules
from .errors import WrongReference
from .repository import ResolutionRepository
from .schemas import CustomerResolution, CustomerResolve, ResolvedCustomer


class ResolutionService:
    """Who is meant by a key: of those whom one sees, and whether the group knows somebody else."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.customers = ResolutionRepository(ctx)

    async def resolve(self, asked: CustomerResolve) -> CustomerResolution:
        """Who may be told of others is counted whatever he hears, so that a refusal tells nothing.

        Raises Forbidden, RateLimited.
        """
        keys, tells = self._keys(asked), rules.is_told(self.ctx.actor)
        if tells:
            await self.ctx.house.throttle.spend(self.ctx.actor, rules.TOLD)
        found, other = await self.customers.of(keys, tells=tells)
        return CustomerResolution(
            object="customer_resolution",
            data=[ResolvedCustomer(**one) for one in found],
            known_to_group=other is not None,
            reference=await self._told_of(other) if other else None,
        )

    def named(self, reference: str) -> UUID:
        """The customer of a reference. Raises WrongReference."""
        found = rules.meant(self.ctx.house.secret, self.ctx.actor, reference, self.ctx.now)
        if found is None:
            raise WrongReference
        return found

    async def _told_of(self, other: UUID) -> str:
        await self.customers.tell(other)
        return rules.reference(self.ctx.house.secret, self.ctx.actor, other, self.ctx.now)

    def _keys(self, asked: CustomerResolve) -> dict[str, Any]:
        """As they are kept."""
        keys = asked.used()
        check_clear(self.ctx.actor, CustomerRead, keys, CustomerQuery.reveals)
        if "phone" in keys:
            keys["phone"] = phone(keys["phone"], self.ctx.tenant.phone_region, "/phone")
        if "email" in keys:
            keys["email"] = keys["email"].lower()
        external = keys.pop("external_id", None)
        return keys | (external.model_dump() if external else {})
