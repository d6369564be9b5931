from crm_api.kit.context import Context
from crm_api.platform.identity_providers.claims import is_subject
from crm_api.platform.organization.models import TenantKind

from .schemas import Me, MeTenant


class MeService:
    """The caller, as the API sees him."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def get(self) -> Me:
        actor, tenant = self.ctx.actor, self.ctx.tenant
        kind = TenantKind.sandbox if tenant.sandbox else TenantKind.live
        return Me(
            object="me",
            api_key_id=None if is_subject(actor.id) else actor.id,
            subject_id=actor.id if is_subject(actor.id) else None,
            scopes=sorted(actor.scopes),
            masked=actor.masked,
            tenant=MeTenant(id=tenant.id, name=tenant.name, kind=kind),
        )
