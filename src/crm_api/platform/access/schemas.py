from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.kit.any_ids import AnyId
from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.scopes import Scope, Scopes
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.identity_providers.schemas import SubjectId
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantId
from crm_api.platform.role_assignments.schemas import RoleAssignmentId
from crm_api.platform.roles.models import Reach
from crm_api.platform.roles.schemas import FieldRule, RoleId
from crm_api.platform.users.schemas import UserId

from .models import ApiKey
from .resource import API_KEY

ApiKeyId = Annotated[UUID, API_KEY.prefix]
KeyScopes = Annotated[
    Scopes,
    Field(
        min_length=1,
        description="What the key may do; `*` is everything, `*:read` all that only reads, also "
        "what later releases add.",
    ),
]
KeyName = Annotated[
    Line, Field(max_length=100, description="For people.", examples=["ERP nightly sync"])
]


class ApiKeyCreate(Input):
    name: KeyName
    scopes: KeyScopes
    expires_at: Annotated[
        Timestamp | None,
        Field(
            description="From then on the key is refused; null is never.",
            examples=["2099-12-31T00:00:00.000Z"],
        ),
    ] = None
    masked: Annotated[
        bool,
        Field(
            description="Show phones, e-mails, addresses and birthdays masked. What a key cannot "
            "see it cannot change either: the scopes of such a key end in `:read`, `:export` or "
            "`:unmask`."
        ),
    ] = False

    user_id: Annotated[
        UserId | None,
        Field(
            description="The user as whom it acts: it may do what both may, reaches "
            "as far as the user does, and stops while the user is not active. A key that a user "
            "makes acts as that user."
        ),
    ] = None


class ApiKeyRotate(Input):
    overlap_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=604_800,
            description="How long the secret until now works beside the new one; 0 where somebody "
            "else may know it.",
        ),
    ] = 86_400


class ApiKeyRead(EntityRead):
    """A key, without its secret."""

    table = ApiKey

    id: ApiKeyId
    object: Literal["api_key"]
    name: Annotated[str, Field(examples=["ERP nightly sync"])]
    prefix: Annotated[str, Field(examples=["crm_test_"])]
    last_four: Annotated[str, Field(examples=["x7Qa"])]
    scopes: Annotated[list[str], Field(examples=[["customers:read"]])]
    expires_at: Annotated[Timestamp | None, Field(examples=[None])]
    masked: Annotated[bool, Field(description="Whether it sees personal data masked.")]
    user_id: Annotated[
        UserId | None, Field(description="The user as whom it acts; null for nobody in particular.")
    ]
    previous_expires_at: Annotated[
        Timestamp | None,
        Field(
            description="Until then the secret before the last rotation works too.",
            examples=[None],
        ),
    ]


class ApiKeyWithSecret(ApiKeyRead):
    """A key that has just been made or rotated, and the one time that its secret is shown."""

    secret: Annotated[
        str,
        Field(
            description="Send it as `Authorization: Bearer ...`; keep it, it is never shown again.",
            examples=["crm_test_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
        ),
    ]


class ApiKeyPage(Page[ApiKeyRead]):
    """One page of keys."""


class ApiKeyQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    user_id: Annotated[list[UserId], Where("user_id"), Field(max_length=50)] = []


class AccessReason(StrEnum):
    allowed = "allowed"
    user_not_active = "user_not_active"
    scope_missing = "scope_missing"
    out_of_reach = "out_of_reach"


class AccessQuestion(Input):
    """May this user do this, with this record?"""

    user_id: UserId
    scope: Annotated[Scope, Field(description="What an operation asks for.")]
    record_id: Annotated[
        AnyId | None, Field(description="A record that you see yourself; left out for any.")
    ] = None


class AccessRule(BaseModel):
    """What one role that the user holds says."""

    role_assignment_id: RoleAssignmentId
    role_id: RoleId
    role_name: Annotated[str, Field(examples=["Sales"])]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="Where it is held; null for the whole group.")
    ]
    gives: Annotated[bool, Field(description="Whether the role has the scope.")]
    reach: Annotated[
        str | None, OpenEnum(Reach), Field(description="How far; null for all, and for wildcards.")
    ]
    reaches: Annotated[
        bool | None,
        Field(description="Whether it reaches the record; null where there is nothing to ask."),
    ]


class AccessExplanation(BaseModel):
    """Whether a user may do something, and which role says so, or what each lacks."""

    object: Literal["access_explanation"]
    user_id: UserId
    scope: Annotated[str, Field(examples=["customers:write"])]
    record_id: Annotated[AnyId | None, Field()]
    allowed: bool
    reason: Annotated[
        str,
        OpenEnum(AccessReason),
        Field(
            description="`scope_missing`: no role has the scope; `out_of_reach`: those that have "
            "it do not reach the record."
        ),
    ]
    rules: Annotated[
        list[AccessRule],
        Field(description="Of the roles that the user holds now, in no order; others say nothing."),
    ]


class MeTenant(BaseModel):
    """The tenant that you work for; `/v1/tenant` tells more."""

    id: TenantId
    name: Annotated[str, Field(examples=["Sunrise Group"])]
    kind: Annotated[str, OpenEnum(TenantKind)]


class MeUser(BaseModel):
    """The user that you are; `/v1/users` tells more."""

    id: UserId
    name: Annotated[str, Field(examples=["王芳"])]
    language: Annotated[str | None, Field(examples=["zh-CN"])]
    time_zone: Annotated[
        str | None, Field(description="Null for that of your unit.", examples=["Asia/Shanghai"])
    ]
    business_unit_id: Annotated[BusinessUnitId | None, Field(description="Where you work.")]


class Me(BaseModel):
    """Who you are, for which tenant, with which scopes."""

    object: Literal["me"]
    api_key_id: Annotated[
        ApiKeyId | None, Field(description="Your key; null if you came with a provider's token.")
    ]
    subject_id: Annotated[
        SubjectId | None, Field(description="Who came with a provider's token; null for a key.")
    ]
    user: Annotated[
        MeUser | None,
        Field(description="The user whom your subject is linked to; null for others, and keys."),
    ]
    scopes: Annotated[list[str], Field(examples=[["customers:read", "customers:write"]])]
    masked: Annotated[bool, Field(description="Whether you see personal data masked.")]
    fields: Annotated[
        list[FieldRule],
        Field(description="Fields that your roles hide from you, or keep you from changing."),
    ]
    business_unit_ids: Annotated[
        list[BusinessUnitId],
        Field(
            description="The units that your roles are held in; where there are several, send one "
            "as `Crm-Business-Unit` with what you make.",
        ),
    ]
    tenant: MeTenant
