from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.scopes import Scopes
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.identity_providers.schemas import SubjectId
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantId
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
    tenant: MeTenant
