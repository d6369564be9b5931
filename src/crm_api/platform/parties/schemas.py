"""What persons and organizations have wherever they appear: how to reach and how to name them."""

import re
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, BaseModel, Field
from stdnum.cn import uscc as credit_code
from typing_extensions import TypeAliasType

from crm_api.kit.forms import form
from crm_api.kit.schema import CountryCode, Input, LanguageTag, Line
from crm_api.kit.words import misfit, say

USCC = "^[0-9A-HJ-NPQRTUWXY]{18}$"


def is_uscc(code: str) -> bool:
    """Its form and its check character: the first one, of the authority, may be a letter."""
    fits = re.fullmatch(USCC, code) is not None
    return fits and credit_code.calc_check_digit(code[:-1]) == code[-1]


def _checked(code: str) -> str:
    if not is_uscc(code):
        raise misfit("uscc_invalid", say("The check character of this code does not fit"))
    return code


Short = Annotated[Line, Field(max_length=100)]
Label = Annotated[Line, Field(max_length=40, description="For people.", examples=["work"])]
Source = Annotated[
    str,
    form(
        "^[a-z][a-z0-9_]{0,39}$",
        say("Send lower-case letters, digits and _, a letter first."),
        description="Where the customer came from.",
        examples=["trade_fair"],
    ),
]
Uscc = Annotated[
    str,
    form(
        USCC,
        say("Send the 18 characters of a 统一社会信用代码; it has no I, O, S, V or Z."),
        description="统一社会信用代码 (GB 32100-2015); unique among live organizations.",
        examples=["91110000600037341L"],
        json_schema_extra={"format": "uscc"},
    ),
    AfterValidator(_checked),
]
Website = Annotated[
    str,
    form(
        "^https?://[!-~]{3,400}$",
        say("Send an address that begins with https:// or http://."),
        examples=["https://example.cn"],
    ),
]
Email = Annotated[
    str,
    form(
        "^[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+([.][0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*"
        "@([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?[.])+[A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])$",
        say("Send an e-mail address such as wang.fang@example.com."),
        max_length=254,
        description="Kept in lower case.",
        examples=["wang.fang@example.com"],
    ),
]
Phone = Annotated[
    str,
    Field(
        min_length=3,
        max_length=40,
        description="Any common way to write it; kept as E.164. Without a country code it belongs "
        "to the tenant's `phone_region`.",
        examples=["+86 138 0013 8000"],
        json_schema_extra={"format": "phone"},
    ),
]
WeChat = Annotated[
    str,
    form(
        "^[A-Za-z][0-9A-Za-z_-]{5,19}$",
        say("Send a WeChat id: 6 to 20 letters, digits, - or _, a letter first."),
        examples=["wangfang_88"],
    ),
]
TimeOfDay = Annotated[
    str,
    form(
        "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        say("Send a time of day such as 09:00."),
        examples=["09:00"],
    ),
]


class Address(Input):
    """Where the customer is; the first address is the main one."""

    country: CountryCode
    label: Label | None = None
    recipient: Short | None = None
    region: Annotated[Short | None, Field(description="Province or state.")] = None
    city: Short | None = None
    district: Short | None = None
    line1: Annotated[Line, Field(max_length=200)] | None = None
    line2: Annotated[Line, Field(max_length=200)] | None = None
    postal_code: Annotated[Line, Field(max_length=20)] | None = None


class AddressRead(BaseModel):
    """Where the customer is."""

    country: Annotated[str, Field(examples=["CN"])]
    label: str | None
    recipient: str | None
    region: str | None
    city: Annotated[str | None, Field(examples=["上海"])]
    district: str | None
    line1: Annotated[str | None, Field(examples=["南京东路 1 号"])]
    line2: str | None
    postal_code: str | None


class _ContactPoint(Input):
    label: Label | None = None
    is_primary: Annotated[
        bool, Field(description="The one of its kind to use first; without any, the first is.")
    ] = False


class EmailInput(_ContactPoint):
    kind: Literal["email"]
    value: Email


class PhoneInput(_ContactPoint):
    kind: Literal["phone"]
    value: Phone


class WeChatInput(_ContactPoint):
    kind: Literal["wechat"]
    value: WeChat


ContactPointInput = TypeAliasType(
    "ContactPointInput",
    Annotated[EmailInput | PhoneInput | WeChatInput, Field(discriminator="kind")],
)
ContactPoints = Annotated[list[ContactPointInput], Field(max_length=30)]


class ContactPoint(BaseModel):
    """A way to reach the customer."""

    kind: Annotated[str, Field(examples=["phone"])]
    value: Annotated[str, Field(description="Normalised.", examples=["+8613800138000"])]
    label: Annotated[str | None, Field(examples=["work"])]
    is_primary: Annotated[bool, Field(examples=[True])]


Channel = Literal["email", "phone", "sms", "wechat", "post"]
Interests = Annotated[list[Short], Field(max_length=50)]


class PreferencesPatch(Input):
    """How the customer wants to be approached; null clears, what is absent stays."""

    channel: Channel | MISSING | None = MISSING
    not_before: TimeOfDay | MISSING | None = MISSING
    not_after: TimeOfDay | MISSING | None = MISSING
    language: LanguageTag | MISSING | None = MISSING
    interests: Interests | MISSING = MISSING


class Preferences(BaseModel):
    """How the customer wants to be approached, in the customer's own local time."""

    channel: Annotated[str | None, Field(examples=["wechat"])]
    not_before: Annotated[str | None, Field(examples=["09:00"])]
    not_after: Annotated[str | None, Field(examples=["20:00"])]
    language: Annotated[str | None, Field(examples=["zh-CN"])]
    interests: Annotated[list[str], Field(examples=[["tea"]])]
