from uuid import UUID

from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.errors import NotFound
from crm_api.kit.projection import Document
from crm_api.kit.reader import Reader, digest
from crm_api.kit.sight import bound

from .queries import overview, sights_of
from .schemas import CustomerOverview


class OverviewRepository(Reader[CustomerRead]):
    read = CustomerRead

    async def of(self, id: UUID) -> Document[CustomerOverview]:
        """Raises NotFound."""
        sights = sights_of(self.ctx.actor)
        statement = overview(self.seen, sights, self.masks)
        told = bound(*(seen for _, seen in sights))
        found = await self._fetch(statement, {"id": id, **told})
        if found is None:
            raise NotFound
        body, version = found
        return Document(CustomerOverview, int(version), body, digest(body))
