from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by


class EndpointState(StrEnum):
    active = "active"
    degraded = "degraded"
    disabled = "disabled"


class DisabledReason(StrEnum):
    gone = "gone"
    failing = "failing"
    key_revoked = "key_revoked"
    filter_broken = "filter_broken"


class Payload(StrEnum):
    full = "full"
    thin = "thin"


class WebhookEndpoint(Entity):
    """Where events of a tenant are sent to.

    `scopes`, `masked` and `masks`, the fields that are hidden from it, are what it may see: never
    more than `created_by` might, nor further than `user_id` reaches, the user whose roles say so.
    It begins with events whose number is greater than `starts_after`, but for those that were
    there already and had no number yet: `passed_over`. `failures` is how many attempts have failed
    in a row, since `failing_since`; nothing is sent before `not_before`.
    """

    __tablename__ = "webhook_endpoints"

    url: Mapped[str]
    description: Mapped[str | None]
    event_types: Mapped[list[str]]
    filter: Mapped[dict[str, Any] | None]
    payload: Mapped[Payload]
    state: Mapped[EndpointState]
    disabled_reason: Mapped[DisabledReason | None]
    header_names: Mapped[list[str]]
    sealed_headers: Mapped[str | None]
    secrets: Mapped[list[dict[str, Any]]]
    old_secrets_until: Mapped[datetime | None]
    created_by: Mapped[UUID]
    scopes: Mapped[list[str]]
    masked: Mapped[bool]
    masks: Mapped[list[str]] = mapped_column(server_default="{}")
    user_id: Mapped[UUID | None]
    starts_after: Mapped[int] = mapped_column(BigInteger)
    passed_over: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    failures: Mapped[int] = mapped_column(server_default="0")
    failing_since: Mapped[datetime | None]
    not_before: Mapped[datetime | None]


listed_by(WebhookEndpoint)
Index(None, WebhookEndpoint.tenant_id, WebhookEndpoint.created_by)


class WebhookCursor(Base):
    """Up to which number the events of a tenant have been handed out to its endpoints."""

    __tablename__ = "webhook_cursors"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
