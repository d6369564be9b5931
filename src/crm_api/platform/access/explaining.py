"""Why somebody may do something, or may not: which role allows it, or what each lacks."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.context import Context
from crm_api.kit.covering import EVERYTHING
from crm_api.kit.errors import UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.kit.resource import Resource, declared
from crm_api.kit.scopes import check_known
from crm_api.kit.sight import Deed
from crm_api.platform.role_assignments.holding import Held, Told, acting_as, held, one_by_one

from .repository import UserRights
from .schemas import AccessExplanation, AccessQuestion, AccessReason, AccessRule


class AccessService:
    """Answers for one user, one scope, and one record where one is named."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rights = UserRights(ctx)

    async def explain(self, asked: AccessQuestion) -> AccessExplanation:
        """Raises Invalid, UnknownReference: also for a record that the caller does not see."""
        check_known(self.ctx, [asked.scope], "/scope")
        told = await self.rights.of(asked.user_id)
        if told is None:
            raise UnknownReference("/user_id")
        record = await self._record(asked.record_id) if asked.record_id else None
        held_now = one_by_one(told, self.ctx.now)
        rules = [await self._rule(*one, asked.scope, record) for one in held_now]
        reason = _reason(held(told, self.ctx.now), rules)
        return AccessExplanation(
            object="access_explanation",
            user_id=asked.user_id,
            scope=asked.scope,
            record_id=asked.record_id,
            allowed=reason is AccessReason.allowed,
            reason=reason,
            rules=rules,
        )

    async def _rule(
        self, role: Told, user: Held, scope: str, record: tuple[Resource, UUID] | None
    ) -> AccessRule:
        actor = acting_as(replace(self.ctx.actor, scopes=frozenset({EVERYTHING})), user)
        gives = actor.may([scope])
        return AccessRule(
            role_assignment_id=UUID(role["id"]),
            role_id=UUID(role["role_id"]),
            role_name=role["name"],
            business_unit_id=role["unit"] and UUID(role["unit"]),
            gives=gives,
            reach=next((p["reach"] for p in role["permissions"] if p["scope"] == scope), None),
            reaches=await self._reaches(actor, scope, *record) if gives and record else None,
        )

    async def _reaches(self, actor: Actor, scope: str, noun: Resource, id: UUID) -> bool:
        deed: Deed = "write" if scope.endswith(":write") else "read"
        ctx = Context.open(self.ctx.house, actor, self.ctx.request_id)
        return bool(await seen_of(ctx, noun.model, [id], deed))

    async def _record(self, id: str) -> tuple[Resource, UUID]:
        nouns = {noun.prefix.name: noun for noun in declared.values()}
        noun = nouns.get(id.partition("_")[0])
        if noun is None or not self.ctx.actor.may([noun.scope]):
            raise UnknownReference("/record_id")
        record = noun.prefix.read(id)
        if not await seen_of(self.ctx, noun.model, [record]):
            raise UnknownReference("/record_id")
        return noun, record


def _reason(user: Held, rules: Iterable[AccessRule]) -> AccessReason:
    if not user.active:
        return AccessReason.user_not_active
    giving = [rule for rule in rules if rule.gives]
    if not giving:
        return AccessReason.scope_missing
    reached = any(rule.reaches is not False for rule in giving)
    return AccessReason.allowed if reached else AccessReason.out_of_reach
