from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line
from crm_api.kit.scopes import Scope, Scopes
from crm_api.kit.words import say

from .models import IdentityProvider, Subject
from .resource import IDENTITY_PROVIDER, SUBJECT

IdentityProviderId = Annotated[UUID, IDENTITY_PROVIDER.prefix]
SubjectId = Annotated[UUID, SUBJECT.prefix]
Name = Annotated[
    Line, Field(max_length=100, description="For people.", examples=["Company sign-in"])
]
Issuer = Annotated[
    str,
    form(
        "^https?://[0-9A-Za-z._~:/%\\[\\]-]{3,500}$",
        say("Send the provider's issuer URL, such as https://login.example.com/realms/sales."),
        description="`iss` of the tokens, letter by letter. Under it the provider serves "
        "`/.well-known/openid-configuration`, which names its keys. HTTPS, unless whoever runs the "
        "server allows the address.",
        examples=["https://login.example.com/realms/sales"],
        json_schema_extra={"format": "issuer"},
    ),
]
Audience = Annotated[
    str,
    form(
        "^[!-~]{1,255}$",
        say("Send the name that the provider knows this API by, without spaces."),
        description="What `aud` of the tokens must be or hold: the name of this API at the "
        "provider. A pair of issuer and audience belongs to one tenant.",
        examples=["https://crm.example.com"],
        json_schema_extra={"format": "audience"},
    ),
]
Claim = Annotated[
    str,
    form(
        "^[!-~]{1,200}$",
        say("Send the name of a claim, such as groups, or a JSON Pointer, such as /realm/roles."),
        examples=["groups"],
    ),
]
SubjectClaim = Annotated[
    Claim,
    Field(
        description="The claim that names the person or program for good: the audit tells people "
        "apart by it. Never one that people can choose themselves, such as a nickname.",
        examples=["sub"],
    ),
]
GivenToAll = Annotated[
    Scopes, Field(description="What everybody may do who comes with a token of this provider.")
]
CLAIM = "A claim of the token, by its name, or by a JSON Pointer where it is inside another one."
RuleClaim = Annotated[Claim, Field(description=CLAIM)]
RuleValue = Annotated[
    Line,
    Field(
        max_length=200,
        description="The claim is this text, or a list that holds it, or words with spaces "
        "between them of which it is one, as in `scope`.",
        examples=["crm-sales"],
    ),
]


class ScopeRuleInput(Input):
    """Scopes for those whose token says so."""

    claim: RuleClaim
    value: RuleValue
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=200)]


class ScopeRule(BaseModel):
    """Scopes for those whose token says so."""

    claim: Annotated[str, Field(description=CLAIM, examples=["groups"])]
    value: Annotated[str, Field(examples=["crm-sales"])]
    scopes: Annotated[list[str], Field(examples=[["customers:read", "customers:write"]])]


Rules = Annotated[
    list[ScopeRuleInput],
    Field(max_length=50, description="A token has the scopes of all the rules that fit it."),
]


class IdentityProviderCreate(Input):
    """A provider of tokens; you can only give scopes that you hold yourself."""

    name: Name
    issuer: Issuer
    audience: Audience
    subject_claim: SubjectClaim = "sub"
    scopes: GivenToAll = []
    scope_rules: Rules = []


class IdentityProviderUpdate(Input):
    """The issuer and the audience stay: they say whose tokens these are."""

    name: Name | MISSING = MISSING
    subject_claim: SubjectClaim | MISSING = MISSING
    scopes: GivenToAll | MISSING = MISSING
    scope_rules: Rules | MISSING = MISSING


class IdentityProviderRead(EntityRead):
    """Whose tokens the tenant trusts, and what they may do here."""

    table = IdentityProvider

    id: IdentityProviderId
    object: Literal["identity_provider"]
    name: Annotated[str, Field(examples=["Company sign-in"])]
    issuer: Annotated[str, Field(examples=["https://login.example.com/realms/sales"])]
    audience: Annotated[str, Field(examples=["https://crm.example.com"])]
    subject_claim: Annotated[str, Field(examples=["sub"])]
    scopes: Annotated[
        list[str],
        Field(description="What everybody has who comes with a token.", examples=[["tenant:read"]]),
    ]
    scope_rules: list[ScopeRule]


class IdentityProviderPage(Page[IdentityProviderRead]):
    """One page of identity providers."""


class IdentityProviderQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]


class SubjectRead(EntityRead):
    """Who has come with a token: the `actor_id` of what they did."""

    table = Subject

    id: SubjectId
    object: Literal["subject"]
    issuer: Annotated[str, Field(examples=["https://login.example.com/realms/sales"])]
    subject: Annotated[
        str,
        Field(
            description="What the provider calls them, in the claim that it was settled for.",
            examples=["f:7c2e:wang.fang"],
        ),
    ]


class SubjectPage(Page[SubjectRead]):
    """One page of subjects."""


class SubjectQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
