from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.context import Context
from crm_api.kit.projection import many

WHOLE = many(CustomerRead)


class RequesterRepository:
    """Who asks, as rules and policies know them: whole, whoever calls."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def known(self, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
        items, _ = await self.ctx.work.fetch(WHOLE, {"ids": list(ids)})
        return {CUSTOMER.prefix.read(one["id"]): one for one in from_json(f"[{items or ''}]")}
