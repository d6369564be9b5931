from uuid import UUID

from sqlalchemy import select, text

from crm_api.kit.db import table_of
from crm_api.kit.projection import ID, Written
from crm_api.kit.reader import Reader
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .claims import issuer_digest, subject_id
from .events import IdentityProviderCreated, IdentityProviderDeleted
from .models import IdentityProvider, IssuerEntry
from .schemas import IdentityProviderCreate, IdentityProviderRead, SubjectRead

PROVIDERS = table_of(IdentityProvider)
ISSUER = select(PROVIDERS.c.issuer).where(PROVIDERS.c.tenant_id == TENANT, PROVIDERS.c.id == ID)
REMEMBER = text(
    "INSERT INTO subjects (tenant_id, id, issuer, subject, created_at, updated_at) "
    "VALUES (:tenant, :id, :issuer, :subject, :at, :at) ON CONFLICT DO NOTHING RETURNING id"
)


class IdentityProviderRepository(Repository[IdentityProvider, IdentityProviderRead]):
    model = IdentityProvider
    read = IdentityProviderRead

    def trust(self, data: IdentityProviderCreate) -> Written[IdentityProviderRead]:
        id = self.ctx.new_id()
        self.link(IssuerEntry, digest=_digest(data.issuer, data.audience), provider_id=id)
        return self.add(IdentityProviderCreated, id=id, **data.changes())

    async def issuer(self, id: UUID) -> str | None:
        found = await self.ctx.work.rows(ISSUER, {"id": id})
        return found[0].issuer if found else None

    def distrust(self, provider: IdentityProvider) -> None:
        self.unlink(IssuerEntry, digest=_digest(provider.issuer, provider.audience))
        self.remove(provider, IdentityProviderDeleted)


class SubjectRepository(Reader[SubjectRead]):
    read = SubjectRead

    async def known_as(self, issuer: str, subject: str) -> UUID:
        """The one of these names at its issuer, whether it has come yet or not."""
        id = subject_id(self.ctx.tenant.id, issuer, subject)
        told = {"id": id, "issuer": issuer, "subject": subject, "at": self.ctx.now}
        await self.ctx.work.rows(REMEMBER, told)
        return id


def _digest(issuer: str, audience: str) -> str:
    """Bytes as PostgreSQL reads them from a string."""
    return f"\\x{issuer_digest(issuer, audience).hex()}"
