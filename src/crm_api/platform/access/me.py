from crm_api.kit.context import Context
from crm_api.platform.identity_providers.claims import is_subject
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.roles.fields import told
from crm_api.platform.roles.schemas import FieldRule
from crm_api.platform.users.service import UserService

from .schemas import Me, MeTenant, MeUser


class MeService:
    """The caller, as the API sees him."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def get(self) -> Me:
        actor, tenant = self.ctx.actor, self.ctx.tenant
        kind = TenantKind.sandbox if tenant.sandbox else TenantKind.live
        return Me(
            object="me",
            api_key_id=None if is_subject(actor.id) else actor.id,
            subject_id=actor.id if is_subject(actor.id) else None,
            scopes=sorted(actor.scopes),
            masked=actor.masked,
            fields=[FieldRule(**rule) for rule in told(actor)],
            business_unit_ids=sorted(actor.reach.units),
            user=await self._user(),
            tenant=MeTenant(id=tenant.id, name=tenant.name, kind=kind),
        )

    async def _user(self) -> MeUser | None:
        """One's own name needs no scope."""
        id = self.ctx.actor.user_id
        if id is None:
            return None
        user = (await UserService(self.ctx).get(id)).value
        return MeUser.model_validate(user, from_attributes=True)
