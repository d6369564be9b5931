"""Links for customers: made by who has a key, and answered by who has the link.

A customer has no key, so the door for him is none of the contract's operations.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import FastAPI, Request, Response
from pydantic import TypeAdapter

from crm_api.features.desk.ratings.resource import RATING
from crm_api.features.desk.ratings.schemas import RatingAnswer, RatingId
from crm_api.kit.actor import OPERATOR, Actor
from crm_api.kit.bodies import read_body
from crm_api.kit.context import Context, House
from crm_api.kit.deadline import Deadline
from crm_api.kit.failures import told_as_problems
from crm_api.kit.http import changed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import WHATEVER_VERSION, resource
from crm_api.kit.whole import whole
from crm_api.platform.access.strangers import Strangers
from crm_api.platform.organization.registry import TenantRegistry

from .errors import UnknownLink
from .schemas import Linked, RatingWithToken, tenant_of
from .service import RatingLinkService

ids_in_paths(RATING.prefix)
router = resource("ratings", "ratings")

Maker = Annotated[
    RatingLinkService, provide(RatingLinkService, "ratings:read", "rating_links:write")
]
PLACE, ANSWER = "/v1/ratings/by-token/{token}", TypeAdapter(RatingAnswer)


@router.post("/{id:rat}/link", response_model=RatingWithToken, openapi_extra=WHATEVER_VERSION)
async def link_rating(links: Maker, id: RatingId) -> Response:
    """Make a link by which the customer answers, while he is asked (409 before, 410 after).

    Whoever has it answers for him, so this takes a scope of its own. Links that were made before
    stay good; the first answer ends them all.
    """
    token, rating = await links.make(id)
    return changed(rating, token=token)


def install_rating_links(app: FastAPI, strangers: Strangers) -> None:
    door = Door(strangers)
    app.add_route(PLACE, door.read, methods=["GET"], include_in_schema=False)
    app.add_route(PLACE, door.answer, methods=["POST"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Door:
    """For customers: the token says of which tenant, and is all the right that they have. Whoever
    guesses is shut out by his address; those of a tenant have the quota of one key together."""

    strangers: Strangers

    async def read(self, request: Request) -> Response:
        async with self._entered(request) as (links, found):
            return said(links.read(found))

    async def answer(self, request: Request) -> Response:
        with told_as_problems:
            data = await read_body(request, ANSWER)
        async with self._entered(request) as (links, found):
            await links.answer(found, data)
        return Response(status_code=204)

    @asynccontextmanager
    async def _entered(self, request: Request) -> AsyncIterator[tuple[RatingLinkService, Linked]]:
        """Raises UnknownLink, RateLimited."""
        house: House = request.scope["house"]
        address, token = request.client and request.client.host, request.path_params["token"]
        with told_as_problems, Deadline(house.deadlines, request.scope):
            self.strangers.check(address)
            try:
                async with whole(await _opened(house, request, tenant_of(token))) as ctx:
                    links = RatingLinkService(ctx)
                    found = await links.find(token)
                    await house.throttle.take(_customers(ctx), request.scope["answer_headers"])
                    yield links, found
            except UnknownLink:
                self.strangers.missed(address)
                raise


def _customers(ctx: Context) -> Actor:
    return Actor(uuid5(ctx.tenant.id, "ratings"), ctx.tenant, frozenset())


async def _opened(house: House, request: Request, tenant_id: UUID | None) -> Context:
    """What customers answer is nobody's act here: the server writes it down. Raises UnknownLink."""
    tenant = await TenantRegistry(house).served(tenant_id) if tenant_id else None
    if tenant is None:
        raise UnknownLink
    scope, actor = request.scope, Actor(OPERATOR, tenant, frozenset())
    scope["actor"], scope["ctx"] = actor, Context.open(house, actor, scope["request_id"])
    scope["ctx"].headers = scope["headers"]
    scope["admission"].enter_tenant(scope, tenant.id)
    ctx: Context = scope["ctx"]
    return ctx
