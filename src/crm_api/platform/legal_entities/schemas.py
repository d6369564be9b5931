from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.money import Currency
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import CountryCode, EntityRead, Input, Line, live_or_archived
from crm_api.kit.search import Found, SearchText
from crm_api.kit.words import say

from .models import LegalEntity, LegalEntityState
from .resource import LEGAL_ENTITY

LegalEntityId = Annotated[UUID, LEGAL_ENTITY.prefix]
Name = Annotated[
    Line, Field(max_length=200, description="The name to show.", examples=["Sunrise Shanghai"])
]
LegalName = Annotated[
    Line,
    Field(
        max_length=200, description="As it is registered.", examples=["旭日（上海）贸易有限公司"]
    ),
]
Country = Annotated[CountryCode, Field(description="Where it is registered (ISO 3166-1 alpha-2).")]
RegistrationNumber = Annotated[
    str,
    form(
        "^[0-9A-Z]([0-9A-Z ./-]{0,38}[0-9A-Z])?$",
        say("Send capital letters and digits, and between them spaces, dots, slashes or hyphens."),
        description="What the register of its country knows it by; in China the 统一社会信用代码, "
        "whose check character is checked. Unique among the live ones of a country.",
        examples=["91110000600037341L"],
        json_schema_extra={"format": "registration-number"},
    ),
]
BookCurrency = Annotated[
    Currency,
    Field(description="The currency of its books (ISO 4217); null for the tenant's own."),
]
Sort = Literal["created_at", "-created_at", "name", "-name"]


class LegalEntityCreate(Input):
    name: Name
    country: Country
    legal_name: LegalName | None = None
    registration_number: RegistrationNumber | None = None
    currency: BookCurrency | None = None


class LegalEntityUpdate(Input):
    name: Name | MISSING = MISSING
    country: Country | MISSING = MISSING
    legal_name: LegalName | MISSING | None = MISSING
    registration_number: RegistrationNumber | MISSING | None = MISSING
    currency: BookCurrency | MISSING | None = MISSING


class LegalEntityRead(EntityRead):
    """A company of the group, as a register knows it: business units belong to it."""

    table = LegalEntity

    id: LegalEntityId
    object: Literal["legal_entity"]
    name: Annotated[str, Field(examples=["Sunrise Shanghai"])]
    legal_name: Annotated[str | None, Field(examples=["旭日（上海）贸易有限公司"])]
    country: Annotated[str, Field(examples=["CN"])]
    registration_number: Annotated[str | None, Field(examples=["91110000600037341L"])]
    currency: Annotated[str | None, Field(examples=["CNY"])]
    state: Annotated[str, live_or_archived(LegalEntityState)]


class LegalEntityPage(Page[LegalEntityRead]):
    """One page of legal entities."""


class LegalEntityQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: list[Sort] = ["-created_at"]
    q: Annotated[
        SearchText | None,
        Found("legal_entities"),
        Field(description="Parts of names, pinyin and registration numbers."),
    ] = None
    state: Annotated[list[LegalEntityState], OneOf("state"), Field(max_length=10)] = [
        LegalEntityState.live
    ]
    country: Annotated[list[CountryCode], Where("country"), Field(max_length=50)] = []
    registration_number: Annotated[
        list[RegistrationNumber], Where("registration_number"), Field(max_length=50)
    ] = []
