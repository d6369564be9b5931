"""What an endpoint may see, by now: the rights that it was given, as far as they still stand."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4

from pydantic_core import from_json, to_json

from crm_api.kit.actor import OPERATOR, Actor, Tenant
from crm_api.kit.context import Context, House
from crm_api.kit.covering import EVERYTHING
from crm_api.kit.definitions import hidden
from crm_api.kit.events import word_of
from crm_api.kit.hiding import Hidden, parameter
from crm_api.kit.resource import declared
from crm_api.platform.access.registry import KeyRegistry
from crm_api.platform.access.standing import Asker, as_he_stands
from crm_api.platform.journal.service import EventService
from crm_api.platform.journal.sight import visible_types

from .rules import Seen, thin


class Rights(Protocol):
    """An endpoint, as far as it says what it may see."""

    created_by: UUID
    scopes: list[str]
    masked: bool
    masks: list[str]
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Rendered:
    body: str
    seen: Seen


class Viewer:
    """An endpoint as somebody who reads the journal."""

    def __init__(self, ctx: Context, hidden: Hidden) -> None:
        self.ctx, self.hidden = ctx, hidden
        self.events = EventService(ctx)

    def seen(self, type: str, *, erased: bool) -> Seen:
        hidden, actor = self.hidden.get(parameter(word_of(type)), []), self.ctx.actor
        table = declared[word_of(type)].collection
        masks = sorted(name for name in actor.masks if name.startswith(f"{table}."))
        told: Seen = {"masked": actor.masked, "hidden": list(hidden), "erased": erased}
        return {**told, "masks": masks}

    def may_see(self, type: str) -> bool:
        types = visible_types(self.ctx.actor)
        return types is None or type in types

    async def sees(self, id: UUID, type: str) -> bool:
        """Whether an event may be shown now."""
        limited = self.ctx.actor.reach.is_limited
        return self.may_see(type) and (not limited or bool(await self.events.shown([id])))

    async def rendered(self, id: UUID, type: str, *, is_thin: bool) -> Rendered | None:
        """An event as it may be shown now; null where it may not."""
        told = await self.events.shown([id])
        if not told or not self.may_see(type):
            return None
        event = from_json(told[0].body)
        body = to_json(thin(event)).decode() if is_thin else told[0].body
        return Rendered(body, self.seen(type, erased=event["erased"]))


async def viewer_of(house: House, tenant: Tenant, rights: Rights) -> Viewer | None:
    """Null where the key, or whoever gave the rights, has none any more."""
    scopes, masks = frozenset(rights.scopes), frozenset(rights.masks)
    asker = Asker(rights.created_by, scopes, rights.masked, rights.user_id, masks=masks)
    actor = await as_he_stands(house, tenant.id, asker)
    if actor is None:
        return None
    ctx = Context.open(house, actor, _name())
    return Viewer(ctx, hidden(await ctx.learn(), masked=actor.masked))


async def known(house: House, id: UUID) -> tuple[Tenant, bool]:
    """A tenant as it has settled itself, and whether it is suspended."""
    found = await KeyRegistry(house.pool).standing(id, OPERATOR)
    return Tenant.of(id, found), bool(found["suspended"])


def system(house: House, tenant: Tenant) -> Context:
    """Who works for nobody but the tenant itself."""
    return Context.open(house, Actor(OPERATOR, tenant, frozenset({EVERYTHING})), _name())


def _name() -> str:
    return f"wrk_{uuid4().hex}"
