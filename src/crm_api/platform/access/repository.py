from uuid import UUID

from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository

from .events import ApiKeyMade, ApiKeyRevoked
from .keys import SHAPE, digest
from .models import ApiKey, KeyEntry
from .schemas import ApiKeyCreate, ApiKeyRead


class ApiKeyRepository(Repository[ApiKey, ApiKeyRead]):
    model = ApiKey
    read = ApiKeyRead

    def add_secret(self, data: ApiKeyCreate, secret: str) -> Written[ApiKeyRead]:
        id, name = self.ctx.new_id(), SHAPE.fullmatch(secret)
        assert name is not None
        shown = {"prefix": f"crm_{name[1]}_", "last_four": secret[-4:]}
        written = _as_json(digest(secret.encode()))
        self.link(KeyEntry, digest=written, key_id=id)
        return self.add(ApiKeyMade, id=id, digest=written, **shown, **data.model_dump())

    async def revoke(self, id: UUID) -> None:
        key = await self.load(id)
        self.unlink(KeyEntry, digest=_as_json(key.digest))
        self.remove(key, ApiKeyRevoked)


def _as_json(digest: bytes) -> str:
    """Bytes as PostgreSQL reads them from a string."""
    return f"\\x{digest.hex()}"
