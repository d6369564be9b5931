"""How a request becomes a unit of work: whose it is, within which quotas, and in whose place."""

from collections.abc import Mapping

from fastapi import Request

from .actor import Actor
from .context import Context, House
from .http import versions
from .said import id_in, understood

PLACES = (b"crm-on-behalf-of", b"crm-business-unit")


async def came_in(house: House, request: Request) -> Context:
    """Known, within its quotas, and not one too many at the same time."""
    scope = request.scope
    said = scope["said"] = understood(scope["headers"])
    actor = scope["actor"] = scope["actor"] or await _identified(house, request)
    ctx = scope["ctx"] = Context.open(house, actor, scope["request_id"])
    ctx.headers = scope["headers"]
    await house.throttle.take(actor, scope["answer_headers"])
    scope["admission"].enter_tenant(scope, actor.tenant.id)
    ctx.act_as(await in_place(house, actor, said))
    ctx.unit = ctx.actor.reach.home if b"crm-business-unit" in said else None
    if match := said.get(b"if-match"):
        ctx.if_match = versions(",".join(match))
    await ctx.learn()
    return ctx


async def in_place(house: House, actor: Actor, said: Mapping[bytes, list[str]]) -> Actor:
    """The caller as the headers of a request say. Raises Forbidden, Invalid."""
    if said.keys().isdisjoint(PLACES):
        return actor
    behalf, unit = (id_in(said, header) for header in PLACES)
    return await house.doorkeeper.in_place(actor, behalf, unit)


async def _identified(house: House, request: Request) -> Actor:
    address = request.client.host if request.client else None
    return await house.doorkeeper.actor(request.scope["said"].get(b"authorization", ()), address)
