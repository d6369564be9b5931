from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, LanguageTag, Line, OpenEnum
from crm_api.kit.search import Found, SearchText
from crm_api.kit.times import TimeZone
from crm_api.kit.words import say
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.identity_providers.schemas import IdentityProviderId, SubjectId
from crm_api.platform.parties.masks import MASKED_TEXT
from crm_api.platform.parties.schemas import Email

from .models import User, UserState
from .resource import USER

MOST_COLLABORATORS = 50
STATE = OpenEnum(
    UserState,
    invited=say("Invited"),
    active=say("Enabled"),
    suspended=say("Suspended"),
    departed=say("Departed"),
    revoked=say("Revoked"),
)
UserId = Annotated[UUID, USER.prefix]
Name = Annotated[Line, Field(max_length=200, description="The name to show.", examples=["王芳"])]
WorkEmail = Annotated[
    Email,
    Field(
        description="At work, kept in lower case; unique among those who have not left. It is for "
        "people: nobody who signs in becomes a user by an e-mail address."
    ),
]
EmployeeNumber = Annotated[
    str,
    form(
        "^[0-9A-Za-z]([0-9A-Za-z_./-]{0,38}[0-9A-Za-z])?$",
        say("Send letters and digits, and between them _, -, dots or slashes."),
        description="What the personnel system calls them; unique among those who have not left.",
        examples=["E-1024"],
    ),
]
Home = Annotated[BusinessUnitId, Field(description="The unit that they work in.")]
ManagerId = Annotated[UserId, Field(description="To whom they report.")]
Zone = Annotated[TimeZone, Field(description="IANA time zone; null for that of their unit.")]
Sort = Literal["created_at", "-created_at", "name", "-name"]


class UserCreate(Input):
    name: Name
    email: WorkEmail | None = None
    employee_number: EmployeeNumber | None = None
    language: LanguageTag | None = None
    time_zone: Zone | None = None
    business_unit_id: Home | None = None
    manager_id: ManagerId | None = None


class UserUpdate(Input):
    name: Name | MISSING = MISSING
    email: WorkEmail | MISSING | None = MISSING
    employee_number: EmployeeNumber | MISSING | None = MISSING
    language: LanguageTag | MISSING | None = MISSING
    time_zone: Zone | MISSING | None = MISSING
    business_unit_id: Home | MISSING | None = MISSING
    manager_id: ManagerId | MISSING | None = MISSING


class UserLink(Input):
    """Who, at which provider, this user is."""

    identity_provider_id: IdentityProviderId
    subject: Annotated[
        Line,
        Field(
            max_length=255,
            description="What the provider calls them, in the claim of its `subject_claim`, letter "
            "by letter. It need not have come yet.",
            examples=["f:7c2e:wang.fang"],
        ),
    ]


class UserRead(EntityRead):
    """Somebody who works in the group."""

    table = User

    id: UserId
    object: Literal["user"]
    name: Annotated[str, Field(examples=["王芳"])]
    email: Annotated[str | None, MASKED_TEXT, Field(examples=["wang.fang@example.com"])]
    employee_number: Annotated[str | None, Field(examples=["E-1024"])]
    language: Annotated[str | None, Field(examples=["zh-CN"])]
    time_zone: Annotated[
        str | None, Field(description="Null for that of their unit.", examples=["Asia/Shanghai"])
    ]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="The unit that they work in.")
    ]
    manager_id: Annotated[UserId | None, Field(description="To whom they report.", examples=[None])]
    subject_id: Annotated[
        SubjectId | None,
        Field(
            description="Whoever comes with a token of this subject is this user; null while "
            "nobody is linked."
        ),
    ]
    state: Annotated[
        str,
        STATE,
        Field(
            description="`suspended` and `departed` users are refused whatever their provider says."
        ),
    ]


class UserPage(Page[UserRead]):
    """One page of users."""


class UserQuery(ListQuery):
    sorts = {"name": "sort_name"}
    reveals = {"q": ("email",)}

    sort: list[Sort] = ["-created_at"]
    q: Annotated[
        SearchText | None,
        Found("users"),
        Field(description="Parts of names, pinyin, e-mails and employee numbers."),
    ] = None
    state: Annotated[list[UserState], OneOf("state"), Field(max_length=10)] = [
        UserState.invited,
        UserState.active,
        UserState.suspended,
    ]
    email: Annotated[list[Email], Where("email"), Field(max_length=50)] = []
    employee_number: Annotated[
        list[EmployeeNumber], Where("employee_number"), Field(max_length=50)
    ] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Those who work in one of these units, or below it."),
    ] = []
    manager_id: Annotated[list[UserId], Where("manager_id"), Field(max_length=50)] = []
    subject_id: Annotated[list[SubjectId], Where("subject_id"), Field(max_length=50)] = []


class CollaboratorsChange(Input):
    collaborator_ids: Annotated[list[UserId], Field(min_length=1, max_length=MOST_COLLABORATORS)]
