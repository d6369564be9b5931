from typing import Annotated

from fastapi import Response

from crm_api.features.desk.channels.resource import CHANNEL
from crm_api.features.desk.channels.schemas import ChannelId
from crm_api.kit.asked import asked
from crm_api.kit.http import said
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.signed import provide_to_signer
from crm_api.kit.unit_route import resource
from crm_api.kit.uploads import Upload, upload_of, uploaded

from .schemas import MAIL, MOST_MAIL, InboundForm, InboundMessage, InboundQuery, InboundReceipt
from .service import DELIVER, InboundService, signer

ids_in_paths(CHANNEL.prefix)
router = resource("channels", "channels")

Inbound = Annotated[InboundService, provide_to_signer(InboundService, signer, DELIVER)]
Key = Annotated[InboundQuery, asked(InboundQuery)]


@router.post(
    "/{id:chn}/inbound-mail", response_model=InboundReceipt, **upload_of([MAIL], MOST_MAIL)
)
async def deliver_mail(
    inbound: Inbound, id: ChannelId, query: Key, mail: Annotated[Upload, uploaded(MAIL)]
) -> Response:
    """Hand in a mail as it came, of up to 25 MB: with a key, or signed with the secret of the
    channel (Standard Webhooks) and its `inbound_key` in `?key=`.

    It belongs to the ticket whose messages it answers, or whose number its subject names where the
    sender takes part; else it begins one. However often it is handed in, it is there once. Mail
    that goes in a circle is dropped, and what machines say about a ticket is noted.
    """
    return said(await inbound.mail(id, mail))


@router.post("/{id:chn}/inbound-form", response_model=InboundReceipt)
async def deliver_form(inbound: Inbound, id: ChannelId, query: Key, data: InboundForm) -> Response:
    """Hand in what somebody has filled in on a web page: it begins a ticket. What a machine has
    filled in is dropped. With a key, or signed as `inbound-mail` is."""
    return said(await inbound.form(id, data))


@router.post("/{id:chn}/inbound-message", response_model=InboundReceipt)
async def deliver_message(
    inbound: Inbound, id: ChannelId, query: Key, data: InboundMessage
) -> Response:
    """Hand in what somebody has written in a chat, or in WeChat: it belongs to the newest ticket
    that he has by this channel and that goes on, else it begins one. With a key, or signed as
    `inbound-mail` is."""
    return said(await inbound.message(id, data))
