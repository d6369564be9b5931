from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.webhook_endpoints.schemas import SecretRotation

from .resource import CHANNEL
from .schemas import (
    ChannelCreate,
    ChannelId,
    ChannelPage,
    ChannelQuery,
    ChannelRead,
    ChannelUpdate,
    ChannelWithSecret,
)
from .service import ChannelService

ids_in_paths(CHANNEL.prefix)
router = resource("channels", "channels")

Reader = Annotated[ChannelService, provide(ChannelService, "channels:read")]
Writer = Annotated[ChannelService, provide(ChannelService, "channels:write")]


@router.get("", response_model=ChannelPage)
async def list_channels(
    channels: Reader, query: Annotated[ChannelQuery, asked(ChannelQuery)]
) -> Response:
    """List channels, live ones unless `state` says otherwise, newest first."""
    return listed(await channels.list(query))


@router.post("", status_code=201, response_model=ChannelWithSecret)
async def create_channel(channels: Writer, data: ChannelCreate) -> Response:
    """Open a way on which messages come in and answers leave. The secret is in this answer and
    nowhere else."""
    secret, channel = await channels.create(data)
    return created(channel, secret=secret)


@router.get("/{id:chn}", response_model=ChannelRead)
async def get_channel(channels: Reader, id: ChannelId) -> Response:
    """Read a channel. An archived one is answered: look at its `state`."""
    return found(await channels.get(id))


@router.patch("/{id:chn}", response_model=ChannelRead)
async def update_channel(channels: Writer, id: ChannelId, data: ChannelUpdate) -> Response:
    """Change some fields of a channel, its mail server all at once: with the password."""
    return changed(await channels.update(id, data))


@router.post("/{id:chn}/rotate-secret", response_model=ChannelWithSecret)
async def rotate_channel_secret(channels: Writer, id: ChannelId, data: SecretRotation) -> Response:
    """Make a new secret. Both are good until the overlap ends: give it to the other side.

    Five secrets may be in use at a time.
    """
    secret, channel = await channels.rotate(id, data)
    return changed(channel, secret=secret)


@router.post("/{id:chn}/archive", response_model=ChannelRead)
async def archive_channel(channels: Writer, id: ChannelId) -> Response:
    """Close a channel: nothing comes in by it, and nothing leaves."""
    return changed(await channels.archive(id))


@router.post("/{id:chn}/restore", response_model=ChannelRead)
async def restore_channel(channels: Writer, id: ChannelId) -> Response:
    """Open an archived channel again, with its secrets as they were."""
    return changed(await channels.restore(id))
