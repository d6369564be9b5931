from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class ChannelKind(StrEnum):
    email = "email"
    web_form = "web_form"
    web_chat = "web_chat"
    wechat = "wechat"


class ChannelState(StrEnum):
    live = "live"
    archived = "archived"


class Channel(Entity):
    """A way on which messages come in and leave.

    `inbound_key` is what stands in the address that others send to. The secrets and the password
    of the mail server are sealed.
    """

    __tablename__ = "channels"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        CheckConstraint("kind <> 'email' OR address IS NOT NULL", name="mail_has_an_address"),
        CheckConstraint(
            "kind IN ('email', 'web_form') OR num_nonnulls(address, smtp) = 0", name="only_mail"
        ),
        CheckConstraint("smtp IS NULL OR address IS NOT NULL", name="mail_is_from_an_address"),
        CheckConstraint("smtp_password IS NULL OR smtp IS NOT NULL", name="password_of_a_server"),
        CheckConstraint(
            "kind IN ('web_chat', 'wechat') OR outbound_url IS NULL", name="only_requests"
        ),
    )

    name: Mapped[str]
    kind: Mapped[ChannelKind]
    business_unit_id: Mapped[UUID | None]
    address: Mapped[str | None]
    smtp: Mapped[dict[str, Any] | None]
    smtp_password: Mapped[str | None]
    outbound_url: Mapped[str | None]
    auto_ack: Mapped[bool] = mapped_column(server_default="false")
    inbound_key: Mapped[str]
    secrets: Mapped[list[dict[str, Any]]]
    old_secrets_until: Mapped[datetime | None]
    state: Mapped[ChannelState] = mapped_column(server_default="live")


listed_by(Channel, Channel.kind, Channel.business_unit_id, Channel.address)
Index("uq_channels_name", Channel.tenant_id, Channel.name, unique=True)
Index(
    "uq_channels_address",
    Channel.tenant_id,
    Channel.address,
    unique=True,
    postgresql_where=text("state = 'live' AND kind = 'email'"),
    info={"pointer": "/address"},
)
