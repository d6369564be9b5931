from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository

from .events import TenantCreated
from .models import Tenant, TenantEntry
from .schemas import TenantCreate, TenantRead


class TenantRepository(Repository[Tenant, TenantRead]):
    model = Tenant
    read = TenantRead

    def found(self, data: TenantCreate) -> Written[TenantRead]:
        self.link(TenantEntry, kind=data.kind, created_at=self.ctx.now)
        return self.add(TenantCreated, id=self.ctx.tenant.id, **data.model_dump())
