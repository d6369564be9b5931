from uuid import UUID

from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.errors import NotFound
from crm_api.kit.overviews import shown
from crm_api.kit.projection import Document
from crm_api.kit.reader import Reader, digest
from crm_api.kit.sight import bound, seen_by

from .queries import PARTS, overview
from .schemas import CustomerOverview


class OverviewRepository(Reader[CustomerRead]):
    read = CustomerRead

    async def of(self, id: UUID) -> Document[CustomerOverview]:
        """Raises NotFound."""
        actor = self.ctx.actor
        nouns = {name: shown[name].noun for name in PARTS}
        readable = (name for name, noun in nouns.items() if actor.may([noun.scope]))
        sights = {name: seen_by(actor, nouns[name].model) for name in readable}
        statement = overview(self.seen, tuple(sights.items()), self.masks)
        found = await self._fetch(statement, {"id": id, **bound(*sights.values())})
        if found is None:
            raise NotFound
        body, version = found
        return Document(CustomerOverview, int(version), body, digest(body))
