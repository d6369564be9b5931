from datetime import datetime
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository
from crm_api.platform.role_assignments.holding import Told

from .events import ApiKeyMade, ApiKeyRevoked, ApiKeyRotated
from .keys import SHAPE, digest
from .models import ApiKey, KeyEntry
from .registry import KeyRegistry
from .schemas import ApiKeyCreate, ApiKeyRead


class UserRights:
    """What users hold by now."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.registry = ctx, KeyRegistry(ctx.house.pool)

    async def of(self, user: UUID) -> Told | None:
        return await self.registry.user(self.ctx.tenant.id, user)


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

    def rotate(self, key: ApiKey, secret: str, until: datetime | None) -> Written[ApiKeyRead]:
        """Another secret; the one until now works `until` then, the one before it no more."""
        before, after = _as_json(key.digest), _as_json(digest(secret.encode()))
        self._forget(key.previous_digest)
        if until is None:
            self._forget(key.digest)
        self.link(KeyEntry, digest=after, key_id=key.id)
        kept = {"previous_digest": before if until else None, "previous_expires_at": until}
        return self.change(key, ApiKeyRotated, digest=after, last_four=secret[-4:], **kept)

    async def revoke(self, id: UUID) -> None:
        key = await self.load(id)
        self._forget(key.digest)
        self._forget(key.previous_digest)
        self.remove(key, ApiKeyRevoked)

    def _forget(self, digest: bytes | None) -> None:
        if digest is not None:
            self.unlink(KeyEntry, digest=_as_json(digest))


def _as_json(digest: bytes) -> str:
    """Bytes as PostgreSQL reads them from a string."""
    return f"\\x{digest.hex()}"
