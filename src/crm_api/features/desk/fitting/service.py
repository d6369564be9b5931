from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from crm_api.kit.asking import Asker
from crm_api.kit.catalogue import Catalogue, catalogues
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document
from crm_api.kit.errors import Invalid
from crm_api.kit.matching import Group, Node, holds
from crm_api.kit.rights import ALL, Rights, rights_of
from crm_api.kit.tree import Filter
from crm_api.platform.custom_fields.criteria import with_custom

from .repository import RequesterRepository

FILTER: TypeAdapter[Filter] = TypeAdapter(Filter)
Stored = Mapping[str, Any]
EVERY, NONE = Group("all", ()), Group("any", ())


class FittingService:
    """Whether a ticket is of those that a policy or a rule is made for.

    The document of a ticket has its requester beside it, as `requester`. What a ticket is called
    here, `catalogues` says: tickets themselves are above.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.requesters: dict[UUID, Document] = {}

    async def look_up(self, requesters: Iterable[UUID]) -> None:
        """At once, who asks."""
        if wanted := set(requesters) - self.requesters.keys():
            self.requesters |= await RequesterRepository(self.ctx).known(wanted)

    async def beside(self, ticket: Document, requester: UUID) -> Document:
        """The document of a ticket with its requester beside it, whoever calls."""
        await self.look_up([requester])
        return {**ticket, "requester": self.requesters.get(requester)}

    async def check(self, conditions: Filter | None) -> None:
        """Raises Invalid; Forbidden for a field that the caller may not see."""
        if conditions is not None:
            asker = self._asker(await self._catalogue(), rights_of(self.ctx))
            asker.understand(conditions, "/conditions")

    async def first(self, conditions: Iterable[Stored | None], ticket: Document) -> int | None:
        """The number of the first that a ticket meets; null is met by all, and one that asks
        about a field which is gone by none."""
        catalogue = await self._catalogue()
        nodes = (self._understood(stored, catalogue) for stored in conditions)
        return next((number for number, node in enumerate(nodes) if holds(node, ticket)), None)

    async def met_by(self, conditions: Stored | None, tickets: Iterable[Document]) -> list[bool]:
        """As `first`, of many tickets and one filter, which is understood once."""
        node = self._understood(conditions, await self._catalogue())
        return [holds(node, ticket) for ticket in tickets]

    def _understood(self, stored: Stored | None, catalogue: Catalogue) -> Node:
        if stored is None:
            return EVERY
        try:
            return self._asker(catalogue, ALL).understand(FILTER.validate_python(stored))
        except Invalid:
            return NONE

    def _asker(self, catalogue: Catalogue, rights: Rights) -> Asker:
        return Asker(catalogue, self.ctx.tenant, self.ctx.now, rights)

    async def _catalogue(self) -> Catalogue:
        return await with_custom(self.ctx, catalogues["tickets"])
