from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.identity_providers.schemas import (
    CLAIM,
    IdentityProviderId,
    RuleClaim,
    RuleValue,
)
from crm_api.platform.role_assignments.schemas import UnitOfRole
from crm_api.platform.roles.schemas import RoleId

from .models import RoleRule
from .resource import ROLE_RULE

RoleRuleId = Annotated[UUID, ROLE_RULE.prefix]


class RoleRuleCreate(Input):
    """A role for users whose token says so; you can only give what you hold yourself, for the
    group."""

    identity_provider_id: IdentityProviderId
    claim: RuleClaim
    value: RuleValue
    role_id: RoleId
    business_unit_id: UnitOfRole | None = None


class RoleRuleRead(EntityRead):
    """That users hold a role as long as their token says so."""

    table = RoleRule

    id: RoleRuleId
    object: Literal["role_rule"]
    identity_provider_id: IdentityProviderId
    claim: Annotated[str, Field(description=CLAIM, examples=["groups"])]
    value: Annotated[str, Field(description="What the claim is, or holds.", examples=["crm-sales"])]
    role_id: RoleId
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="Where; null for the whole group.")
    ]


class RoleRulePage(Page[RoleRuleRead]):
    """One page of role rules."""


class RoleRuleQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    identity_provider_id: Annotated[
        list[IdentityProviderId], Where("identity_provider_id"), Field(max_length=50)
    ] = []
    role_id: Annotated[list[RoleId], Where("role_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
