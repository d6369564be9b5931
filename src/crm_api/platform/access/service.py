from datetime import datetime, timedelta
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.covering import only_look
from crm_api.kit.errors import Forbidden, Invalid
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.scopes import check_given
from crm_api.kit.words import say
from crm_api.platform.role_assignments.service import RoleAssignmentService
from crm_api.platform.roles.fields import Role
from crm_api.platform.roles.rules import check_role_giver
from crm_api.platform.users.service import UserService

from .keys import new_key
from .models import ApiKey
from .repository import ApiKeyRepository
from .schemas import ApiKeyCreate, ApiKeyQuery, ApiKeyRead, ApiKeyRotate


class ApiKeyService:
    """Keys of a tenant: who holds one acts for the tenant within its scopes."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.keys = ApiKeyRepository(ctx)

    async def list(self, query: ApiKeyQuery) -> Listing:
        return await self.keys.page(query)

    async def get(self, id: UUID) -> Document[ApiKeyRead]:
        return await self.keys.get(id)

    async def create(self, data: ApiKeyCreate) -> tuple[str, Written[ApiKeyRead]]:
        """The secret, shown this once, and the key. Nobody can give more than he holds."""
        self._check_scopes(data)
        self._check_end(data.expires_at)
        data.user_id = await self._user(data.user_id)
        secret = new_key(self.ctx.tenant.sandbox)
        return secret, self.keys.add_secret(data, secret)

    async def rotate(self, id: UUID, data: ApiKeyRotate) -> tuple[str, Written[ApiKeyRead]]:
        """Another secret, shown this once, and the key. Whoever knows a secret may do what its key
        may: so nobody gets one of a key that may do more than he."""
        key = await self.keys.load(id)
        check_given(self.ctx, key.scopes)
        await self._check_giver(key)
        self._check_end(key.expires_at)
        overlap = timedelta(seconds=data.overlap_seconds)
        secret = new_key(self.ctx.tenant.sandbox)
        return secret, self.keys.rotate(key, secret, self.ctx.now + overlap if overlap else None)

    async def revoke(self, id: UUID) -> None:
        await self.keys.revoke(id)

    async def _user(self, wanted: UUID | None) -> UUID | None:
        """Whose roles say what somebody may do makes keys that act as him.

        Raises UnknownReference, GivesMore.
        """
        actor = self.ctx.actor
        user = wanted or (actor.user_id if actor.reach.by_roles else None)
        if user is not None:
            await UserService(self.ctx).check_named({"/user_id": user})
            await RoleAssignmentService(self.ctx).check_acting(user)
        return user

    async def _check_giver(self, key: ApiKey) -> None:
        """Raises GivesMore."""
        if key.user_id is None:
            check_role_giver(self.ctx.actor, _as_role(key))
        else:
            await RoleAssignmentService(self.ctx).check_acting(key.user_id)

    def _check_scopes(self, data: ApiKeyCreate) -> None:
        check_given(self.ctx, data.scopes)
        if data.masked and not only_look(data.scopes):
            message = say(
                "Give a masked key scopes that end in :read, :export or :unmask, or do not mask it."
            )
            raise Invalid(
                say("A masked key cannot change what it cannot see."),
                {"pointer": "/scopes", "code": "masked_key_writes", "message": message},
            )

    def _check_end(self, wanted: datetime | None) -> None:
        end = self.ctx.actor.expires_at
        if end is not None and (wanted is None or wanted > end):
            raise Forbidden(say("A key that expires can only make keys that expire no later."))
        if wanted is not None and wanted <= self.ctx.now:
            raise Invalid(
                say("The key would never work."),
                {
                    "pointer": "/expires_at",
                    "code": "in_the_past",
                    "message": say("Send a later time."),
                },
            )


def _as_role(key: ApiKey) -> Role:
    """What a key gives that acts as nobody."""
    given = [{"scope": scope, "reach": None} for scope in key.scopes]
    return {"permissions": given, "masked": key.masked, "fields": []}
