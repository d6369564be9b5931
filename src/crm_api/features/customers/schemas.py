from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field
from typing_extensions import TypeAliasType

from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.masking import Instead, Masked
from crm_api.kit.schema import EntityRead, Input, LanguageTag, Line, OpenEnum, live_or_archived
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.kit.words import say
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.parties.masks import (
    MASKED_ADDRESSES,
    MASKED_CONTACT_POINTS,
    MASKED_TEXT,
    primary,
)
from crm_api.platform.parties.schemas import (
    Address,
    AddressRead,
    ContactPoint,
    ContactPointInput,
    ContactPoints,
    Preferences,
    PreferencesPatch,
    Short,
    Source,
    Uscc,
    Website,
)

from .models import Customer, CustomerKind, CustomerState, Gender
from .resource import CUSTOMER

KIND = OpenEnum(CustomerKind, person=say("Person"), organization=say("Organization"))
STATE = live_or_archived(CustomerState)
GENDER = OpenEnum(Gender, female=say("Female"), male=say("Male"), other=say("Other"))
Aliases = Annotated[
    list[ExternalIdAlias],
    Field(max_length=50, description="Also find the record by these; replaced ids join them."),
]
CustomerId = Annotated[UUID, CUSTOMER.prefix]
Name = Annotated[Line, Field(max_length=200, description="The name to show.", examples=["王芳"])]
Tag = Annotated[Line, Field(max_length=60, examples=["vip"])]
Tags = Annotated[list[Tag], Field(max_length=100, description="Each tag once, in your order.")]
Born = Annotated[CalendarDate, Field(description="Birthday.", examples=["1988-05-12"])]


class _Create(Input):
    name: Name
    source: Source | None = None
    acquired_at: Annotated[Timestamp | None, Field(description="Now, when not sent.")] = None
    contact_points: ContactPoints | MISSING = MISSING
    addresses: Annotated[list[Address], Field(max_length=20)] | MISSING = MISSING
    external_ids: ExternalIds | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    preferences: PreferencesPatch | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class PersonCreate(_Create):
    kind: Literal["person"]
    family_name: Short | None = None
    given_name: Short | None = None
    gender: Gender | None = None
    born_on: Born | None = None
    language: LanguageTag | None = None
    occupation: Short | None = None
    education: Short | None = None
    income_band: Short | None = None
    title: Short | None = None


class OrganizationCreate(_Create):
    kind: Literal["organization"]
    legal_name: Name | None = None
    uscc: Uscc | None = None
    industry: Short | None = None
    size_band: Short | None = None
    website: Website | None = None
    parent_id: Annotated[CustomerId | None, Field(description="The organization above it.")] = None


CustomerCreate = TypeAliasType(
    "CustomerCreate",
    Annotated[PersonCreate | OrganizationCreate, Field(discriminator="kind")],
)


class CustomerUpdate(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole."""

    name: Name | MISSING = MISSING
    source: Source | MISSING | None = MISSING
    acquired_at: Timestamp | MISSING = MISSING
    contact_points: ContactPoints | MISSING = MISSING
    addresses: Annotated[list[Address], Field(max_length=20)] | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Aliases | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    preferences: PreferencesPatch | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING
    family_name: Short | MISSING | None = MISSING
    given_name: Short | MISSING | None = MISSING
    gender: Gender | MISSING | None = MISSING
    born_on: Born | MISSING | None = MISSING
    language: LanguageTag | MISSING | None = MISSING
    occupation: Short | MISSING | None = MISSING
    education: Short | MISSING | None = MISSING
    income_band: Short | MISSING | None = MISSING
    title: Short | MISSING | None = MISSING
    legal_name: Name | MISSING | None = MISSING
    uscc: Uscc | MISSING | None = MISSING
    industry: Short | MISSING | None = MISSING
    size_band: Short | MISSING | None = MISSING
    website: Website | MISSING | None = MISSING
    parent_id: CustomerId | MISSING | None = MISSING


class CustomerUpsert(CustomerUpdate):
    """A merge patch; a customer that is not there yet needs `kind` and `name`."""

    kind: CustomerKind | MISSING = MISSING


class CustomerBatchItem(BatchItem[CustomerUpsert]):
    """One customer as its system sees it."""


class CustomerBatch(Batch[CustomerBatchItem]):
    """Up to a hundred customers of one system, each created or changed by its external id."""


class Unmasking(Input):
    reason: Annotated[
        Line,
        Field(
            max_length=500,
            description="Why you look; the audit keeps it.",
            examples=["Ticket 4711: calls back about a wrong delivery"],
        ),
    ]


class TagsChange(Input):
    tags: Annotated[list[Tag], Field(min_length=1, max_length=100)]


class ContactPointsChange(Input):
    contact_points: Annotated[list[ContactPointInput], Field(min_length=1, max_length=30)]


RULED = (
    "source contact_points addresses tags preferences family_name given_name gender born_on "
    "language occupation education income_band title legal_name uscc industry size_band website"
)
"""What roles may hide or keep from being changed: neither what a customer is known by nor what is
reckoned from it."""
NO_TAGS = Instead("[]")
NO_PREFERENCES = (
    '{"channel": null, "language": null, "interests": [], "not_after": null, "not_before": null}'
)


class _CustomerRead(EntityRead):
    table = Customer

    id: CustomerId
    object: Literal["customer"]
    kind: Annotated[str, KIND, Field(title=say("Kind"), description=say("What the customer is."))]
    state: Annotated[
        str,
        STATE,
        Field(title=say("State"), description=say("Whether the customer is in use.")),
    ]
    name: Annotated[str, Field(title=say("Name"), examples=["王芳"])]


class CustomerRead(_CustomerRead):
    """A person or an organization; what belongs to the other kind is null."""

    ruled = {name: name for name in RULED.split()}

    sort_name: Annotated[
        str,
        Field(description="By what `sort=name` sorts: pinyin, lower case.", examples=["wang fang"]),
    ]
    source: Annotated[
        str | None,
        Field(
            title=say("Source"),
            description=say("Where the customer came from."),
            examples=["trade_fair"],
        ),
    ]
    acquired_at: Annotated[Timestamp, Field(title=say("Customer since"))]
    contact_points: Annotated[list[ContactPoint], MASKED_CONTACT_POINTS]
    addresses: Annotated[list[AddressRead], MASKED_ADDRESSES]
    external_ids: Annotated[dict[str, str], Field(examples=[{"sap": "0000104711"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    tags: Annotated[list[str], NO_TAGS, Field(examples=[["vip"]])]
    preferences: Annotated[Preferences, Instead(NO_PREFERENCES)]
    custom: Annotated[Custom, Without("custom", "customer")]
    family_name: Annotated[str | None, Field(title=say("Family name"), examples=["王"])]
    given_name: Annotated[str | None, Field(title=say("Given name"), examples=["芳"])]
    gender: Annotated[
        str | None,
        GENDER,
        Field(title=say("Gender"), description=say("As the customer says; empty if unknown.")),
    ]
    born_on: Annotated[
        CalendarDate | None, Masked(), Field(title=say("Birthday"), examples=["1988-05-12"])
    ]
    language: Annotated[str | None, Field(title=say("Language"), examples=["zh-CN"])]
    occupation: Annotated[str | None, Field(title=say("Occupation"))]
    education: Annotated[str | None, Field(title=say("Education"))]
    income_band: Annotated[str | None, Field(title=say("Income band"))]
    title: Annotated[str | None, Field(title=say("Form of address"))]
    legal_name: Annotated[str | None, Field(title=say("Legal name"))]
    uscc: Annotated[str | None, Field(title=say("Unified social credit code"))]
    industry: Annotated[str | None, Field(title=say("Industry"))]
    size_band: Annotated[str | None, Field(title=say("Size"))]
    website: Annotated[str | None, Field(title=say("Website"))]
    parent_id: Annotated[CustomerId | None, Field(title=say("Parent"), examples=[None])]
    parent: Annotated["CustomerRead | MISSING | None", Expanded("parent_id")] = MISSING


class CustomerSummary(_CustomerRead):
    """What a list shows of a customer."""

    ruled = {"email": "contact_points", "phone": "contact_points", "tags": "tags"}

    email: Annotated[
        str | None, primary("email"), MASKED_TEXT, Field(description="The primary one.")
    ]
    phone: Annotated[
        str | None, primary("phone"), MASKED_TEXT, Field(description="The primary one.")
    ]
    tags: Annotated[list[str], NO_TAGS, Field(examples=[["vip"]])]
    parent_id: Annotated[CustomerId | None, Field(examples=[None])]
