from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_api.kit.db import detached, table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.projection import ID, Written
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT
from crm_api.kit.vault import Vault

from .events import ChannelCreated, ChannelSecretRotated
from .models import Channel
from .resource import CHANNEL
from .schemas import ChannelRead

CHANNELS = table_of(Channel)
IN_USE = select(CHANNELS).where(
    CHANNELS.c.tenant_id == TENANT, CHANNELS.c.id == ID, CHANNELS.c.state == "live"
)
ADDRESSES = select(CHANNELS.c.address).where(
    CHANNELS.c.tenant_id == TENANT, CHANNELS.c.state == "live", CHANNELS.c.address.is_not(None)
)


class ChannelRepository(Repository[Channel, ChannelRead]):
    model = Channel
    noun = CHANNEL
    read = ChannelRead

    @property
    def vault(self) -> Vault:
        return Vault(self.ctx, CHANNEL.prefix)

    def open(self, id: UUID, secret: str, values: Mapping[str, Any]) -> Written[ChannelRead]:
        secrets = [self.vault.sealed(id, secret)]
        return self.add(ChannelCreated, id=id, **values, secrets=secrets, old_secrets_until=None)

    def rotate(self, row: Channel, secret: str, until: datetime) -> Written[ChannelRead]:
        """Raises TooManySecrets."""
        changed = self.vault.rotated(row.id, row.secrets, secret, until)
        return self.change(row, ChannelSecretRotated, **changed)

    def spelled(self, id: UUID, sent: dict[str, Any]) -> dict[str, Any]:
        """As the row has it: the password of a mail server is sealed."""
        if "smtp" not in sent:
            return sent
        server = dict(sent["smtp"] or {})
        password = server.pop("password", None)
        kept = {**server, "has_password": password is not None} if server else None
        sealed = self.vault.seal(id, password) if password else None
        return sent | {"smtp": kept, "smtp_password": sealed}

    async def in_use(self, id: UUID) -> Channel:
        """The row of a live one, without a lock. Raises NotFound."""
        found = await self.ctx.work.rows(IN_USE, {"id": id})
        if not found:
            raise NotFound
        return detached(Channel, dict(found[0]._mapping))

    async def addresses(self) -> frozenset[str]:
        return frozenset(row.address for row in await self.ctx.work.rows(ADDRESSES, {}))
