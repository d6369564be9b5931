from uuid import UUID

from crm_api.features.customers.schemas import PersonCreate
from crm_api.features.customers.service import CustomerService
from crm_api.kit.context import Context

from .repository import RequesterRepository
from .rules import Writer


class RequesterService:
    """The customers behind what comes in."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.known = ctx, RequesterRepository(ctx)

    async def of(self, channel: UUID, kind: str, writer: Writer) -> UUID:
        """Whoever has one of the contact points, else who has written from the address before, else
        a new person, of the unit in which this work is done."""
        for point in writer.points:
            if found := await self.known.found(*point):
                return found
        if found := await self.known.wrote(channel, writer.address):
            return found
        return await self._new(kind, writer)

    async def _new(self, source: str, writer: Writer) -> UUID:
        points = [{"kind": kind, "value": value} for kind, value in writer.points]
        sent = {"kind": "person", "name": writer.name, "source": source, "contact_points": points}
        return (await CustomerService(self.ctx).create(PersonCreate.model_validate(sent))).id
