from crm_api.kit.projection import Written
from crm_api.kit.reader import Reader
from crm_api.kit.repository import Repository

from .claims import issuer_digest
from .events import IdentityProviderCreated, IdentityProviderDeleted
from .models import IdentityProvider, IssuerEntry
from .schemas import IdentityProviderCreate, IdentityProviderRead, SubjectRead


class IdentityProviderRepository(Repository[IdentityProvider, IdentityProviderRead]):
    model = IdentityProvider
    read = IdentityProviderRead

    def trust(self, data: IdentityProviderCreate) -> Written[IdentityProviderRead]:
        id = self.ctx.new_id()
        self.link(IssuerEntry, digest=_digest(data.issuer, data.audience), provider_id=id)
        return self.add(IdentityProviderCreated, id=id, **data.changes())

    def distrust(self, provider: IdentityProvider) -> None:
        self.unlink(IssuerEntry, digest=_digest(provider.issuer, provider.audience))
        self.remove(provider, IdentityProviderDeleted)


class SubjectRepository(Reader[SubjectRead]):
    read = SubjectRead


def _digest(issuer: str, audience: str) -> str:
    """Bytes as PostgreSQL reads them from a string."""
    return f"\\x{issuer_digest(issuer, audience).hex()}"
