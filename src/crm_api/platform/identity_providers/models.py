from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by


class IssuerEntry(Base):
    """Which provider of which tenant tokens of an issuer for an audience belong to; read before
    the tenant is known. `digest` is of both, so that names of issuers stay with their tenants."""

    __tablename__ = "issuer_index"
    __table_args__ = {"info": {"pointer": "/issuer"}}

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    provider_id: Mapped[UUID]


class IdentityProvider(Entity):
    """Whose tokens a tenant trusts, and what they may do here."""

    __tablename__ = "identity_providers"

    name: Mapped[str]
    issuer: Mapped[str]
    audience: Mapped[str]
    subject_claim: Mapped[str]
    scopes: Mapped[list[str]]
    scope_rules: Mapped[list[dict[str, Any]]]


class Subject(Entity):
    """Who has come with a token of a provider: named by the issuer and its name for them."""

    __tablename__ = "subjects"

    issuer: Mapped[str]
    subject: Mapped[str]


listed_by(IdentityProvider)
listed_by(Subject)
Index(None, Subject.tenant_id, Subject.issuer, Subject.subject)
