from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.mail import servers
from crm_api.kit.mail.automatic import Ours
from crm_api.kit.mail.letters import Mailbox
from crm_api.kit.mail.outgoing import Transport
from crm_api.kit.mail.posted import SignedPost
from crm_api.kit.mail.servers import Security, Server
from crm_api.kit.mail.smtp import Smtp
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.webhook_endpoints.schemas import SecretRotation

from . import rules
from .events import ChannelArchived, ChannelRestored, ChannelUpdated
from .models import Channel, ChannelState
from .repository import ChannelRepository
from .rules import WayIn, WayOut
from .schemas import ChannelCreate, ChannelQuery, ChannelRead, ChannelUpdate

Sent = dict[str, Any]


class ChannelService:
    """The ways on which messages come in, and answers leave."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.channels = ChannelRepository(ctx)

    async def list(self, query: ChannelQuery) -> Listing:
        return await self.channels.page(query)

    async def get(self, id: UUID) -> Document[ChannelRead]:
        return await self.channels.get(id)

    async def create(self, data: ChannelCreate) -> tuple[str, Written[ChannelRead]]:
        """The secret, shown this once, and the channel."""
        id, sent = self.ctx.new_id(), data.changes()
        rules.check(sent)
        await self._check_named(sent)
        secret = rules.new_secret(data.kind)
        key = rules.inbound_key(self.ctx.tenant.id, id)
        given = self.channels.spelled(id, sent) | {"inbound_key": key}
        return secret, self.channels.open(id, secret, given)

    async def update(self, id: UUID, data: ChannelUpdate) -> Written[ChannelRead]:
        channel, sent = await self.channels.editable(id), data.changes()
        rules.check(vars(channel) | sent)
        await self._check_named(sent, channel.business_unit_id)
        return self.channels.change(channel, ChannelUpdated, **self.channels.spelled(id, sent))

    async def rotate(self, id: UUID, data: SecretRotation) -> tuple[str, Written[ChannelRead]]:
        """A new secret, shown this once; the old one signs too for a while."""
        channel = await self.channels.editable(id)
        secret = rules.new_secret(channel.kind)
        until = self.ctx.now + timedelta(seconds=data.overlap_seconds)
        return secret, self.channels.rotate(channel, secret, until)

    async def archive(self, id: UUID) -> Written[ChannelRead]:
        return await self.channels.move(id, ChannelState.archived, ChannelArchived)

    async def restore(self, id: UUID) -> Written[ChannelRead]:
        return await self.channels.move(id, ChannelState.live, ChannelRestored)

    async def way_in(self, id: UUID) -> WayIn:
        """Of a live channel. Raises NotFound."""
        row = await self.channels.in_use(id)
        secrets = self.channels.vault.opened(id, row.secrets)
        told = (row.business_unit_id, row.address, row.auto_ack)
        return WayIn(id, row.kind, *told, secrets)

    async def way_out(self, id: UUID) -> WayOut | None:
        """Of a live channel; null where its answers leave by no way. Nothing is held or locked.

        Raises NotFound.
        """
        row = await self.channels.in_use(id)
        transport = self._transport(row)
        if transport is None:
            return None
        from_ = Mailbox(row.name, row.address or row.inbound_key)
        return WayOut(transport, from_, rules.mark(self.ctx.tenant.id))

    async def ours(self) -> Ours:
        """By what mail of the tenant is known where it comes back."""
        return Ours(await self.channels.addresses(), rules.mark(self.ctx.tenant.id))

    def _transport(self, row: Channel) -> Transport | None:
        outbound, vault = self.ctx.house.outbound, self.channels.vault
        if row.smtp:
            sealed = row.smtp_password
            return Smtp(outbound, _server(row.smtp, vault.open(row.id, sealed) if sealed else None))
        if row.outbound_url:
            return SignedPost(outbound, row.outbound_url, vault.opened(row.id, row.secrets))
        return None

    async def _check_named(self, sent: Sent, unit: UUID | None = None) -> None:
        """What stands in `unit` already may stay there. Raises UnknownReference, WrongPlace,
        UrlNotAllowed, ServerNotAllowed."""
        wanted = sent.get("business_unit_id")
        if wanted and wanted != unit:
            await BusinessUnitService(self.ctx).check_live(wanted)
        outbound = self.ctx.house.outbound
        if url := sent.get("outbound_url"):
            await outbound.check(url, "/outbound_url")
        if server := sent.get("smtp"):
            await servers.check(outbound, _server(server, None), "/smtp/host")


def _server(told: Sent, password: str | None) -> Server:
    security = Security(told["security"])
    return Server(told["host"], told["port"], security, told["username"], password)
