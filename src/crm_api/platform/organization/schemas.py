from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.kit.forms import form
from crm_api.kit.money import Currency
from crm_api.kit.phones import REGIONS
from crm_api.kit.schema import EntityRead, Input, LanguageTag, Line, OpenEnum
from crm_api.kit.times import TimeZone
from crm_api.kit.words import misfit, say

from .models import Tenant, TenantKind
from .resource import TENANT

TenantId = Annotated[UUID, TENANT.prefix]


def _known_region(code: str) -> str:
    if code not in REGIONS:
        raise misfit("phone_region_unknown", say("Send an ISO 3166-1 country, such as CN"))
    return code


PhoneRegion = Annotated[
    str,
    form(
        "^[A-Z]{2}$",
        say("Send two capital letters, such as CN."),
        description="Country whose numbers may be written without country code.",
        examples=["CN"],
        json_schema_extra={"format": "phone-region"},
    ),
    AfterValidator(_known_region),
]
Languages = Annotated[
    list[LanguageTag],
    Field(min_length=1, max_length=20, description="Languages of the tenant, the first one first."),
]
Origins = Annotated[
    list[
        Annotated[
            str,
            form(
                "^https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$",
                say("Send an origin such as https://crm.example.com, without a path."),
            ),
        ]
    ],
    Field(
        max_length=50,
        description="Web origins whose pages may read this API's answers (CORS).",
        examples=[["https://crm.example.com"]],
    ),
]
TellsKnown = Annotated[
    bool,
    Field(
        description="Whether those who see some customers only are told, when they ask for one by "
        "a key, that the group knows somebody whom they do not see.",
    ),
]
ReopenDays = Annotated[
    int,
    Field(
        ge=0,
        le=365,
        description="For how many days after it was resolved a ticket may be opened again.",
        examples=[7],
    ),
]
TenantName = Annotated[Line, Field(max_length=200, examples=["Sunrise Group"])]


class TenantCreate(Input):
    """What a new tenant begins with; the kind is for life."""

    name: TenantName
    kind: TenantKind
    base_currency: Currency = "CNY"
    time_zone: TimeZone = "Asia/Shanghai"
    phone_region: PhoneRegion = "CN"
    languages: Languages = ["zh-CN", "en"]


class TenantUpdate(Input):
    name: TenantName | MISSING = MISSING
    base_currency: Currency | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
    phone_region: PhoneRegion | MISSING = MISSING
    languages: Languages | MISSING = MISSING
    allowed_origins: Origins | MISSING = MISSING
    tells_known_to_group: TellsKnown | MISSING = MISSING
    reopen_days: ReopenDays | MISSING = MISSING


class TenantRead(EntityRead):
    """The tenant that the key belongs to."""

    table = Tenant

    id: TenantId
    object: Literal["tenant"]
    name: Annotated[str, Field(examples=["Sunrise Group"])]
    kind: Annotated[str, OpenEnum(TenantKind)]
    base_currency: Annotated[
        str,
        Field(
            description="ISO 4217 currency that exchange rates lead to, and totals are in.",
            examples=["CNY"],
        ),
    ]
    time_zone: Annotated[str, Field(examples=["Asia/Shanghai"])]
    phone_region: Annotated[str, Field(examples=["CN"])]
    languages: Annotated[list[str], Field(examples=[["zh-CN", "en"]])]
    allowed_origins: Annotated[list[str], Field(examples=[["https://crm.example.com"]])]
    clock_advanced_seconds: Annotated[
        int, Field(description="How far a sandbox is ahead of the real time.", examples=[0])
    ]
    tells_known_to_group: TellsKnown
    reopen_days: ReopenDays
