from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.scopes import Scope

from .models import Access, Reach, Role, RoleState
from .resource import ROLE

RoleId = Annotated[UUID, ROLE.prefix]
REACHED = (
    "Whose records: `own` those that the user owns or collaborates on; `team` also those of the "
    "members of the user's teams; `unit` also those of the unit of the assignment; `subtree` also "
    "those of the units below it; `group` all. Null for scopes of what all see alike, such as "
    "`grade_schemes:read`, and for `*`."
)
Name = Annotated[Line, Field(max_length=100, examples=["Key account manager"])]
About = Annotated[
    Line, Field(max_length=500, description="For people.", examples=["Sales for key accounts"])
]
MaskedRole = Annotated[
    bool,
    Field(
        description="Show phones, e-mails, addresses and birthdays masked to those whose roles all "
        "say so. What one cannot see one cannot change either: such a role only has scopes that "
        "read."
    ),
]
SHOWN = [
    {"scope": "customers:read", "reach": "subtree"},
    {"scope": "customers:write", "reach": "own"},
]


ACCESS = (
    "`read`: its holders see the field and do not change it. `mask`: they see it masked, or null "
    "or empty, do not change it, and cannot ask by it. All other fields can be read and written."
)
RULED = [{"resource": "customers", "field": "born_on", "access": "mask"}]
Collection = Annotated[
    Line, Field(max_length=40, description="A collection.", examples=["customers"])
]
FieldOfIt = Annotated[
    Line, Field(max_length=40, description="A field of its records.", examples=["born_on"])
]


class FieldRuleInput(Input):
    resource: Collection
    field: FieldOfIt
    access: Annotated[Access, Field(description=ACCESS)]


class FieldRule(BaseModel):
    """What the holders of a role cannot do with a field."""

    resource: Annotated[str, Field(examples=["customers"])]
    field: Annotated[str, Field(examples=["born_on"])]
    access: Annotated[str, OpenEnum(Access), Field(description=ACCESS)]


FieldRules = Annotated[
    list[FieldRuleInput],
    Field(
        max_length=100,
        description="Fields that the role's holders do not see, or do not change. Of several roles "
        "that give anything of a collection, the one counts that allows most.",
        examples=[RULED],
    ),
]


class PermissionInput(Input):
    scope: Scope
    reach: Annotated[Reach | None, Field(description=REACHED)] = None


class Permission(BaseModel):
    """What the holders of a role may do, and with whose records."""

    scope: Annotated[str, Field(examples=["customers:read"])]
    reach: Annotated[str | None, OpenEnum(Reach), Field(description=REACHED)]


Permissions = Annotated[
    list[PermissionInput],
    Field(
        max_length=200,
        description="Each scope once. You can only give what you hold yourself, for the group.",
        examples=[SHOWN],
    ),
]


class RoleCreate(Input):
    name: Name
    description: About | None = None
    permissions: Permissions
    masked: MaskedRole = False
    fields: FieldRules = []


class RoleUpdate(Input):
    """Whoever holds the role may do what it says by then, within a second."""

    name: Name | MISSING = MISSING
    description: About | MISSING | None = MISSING
    permissions: Permissions | MISSING = MISSING
    masked: MaskedRole | MISSING = MISSING
    fields: FieldRules | MISSING = MISSING


class RoleRead(EntityRead):
    """What its holders may do, and how far."""

    table = Role

    id: RoleId
    object: Literal["role"]
    name: Annotated[str, Field(examples=["Key account manager"])]
    description: Annotated[str | None, Field(examples=["Sales for key accounts"])]
    code: Annotated[
        str | None,
        Field(
            description="Of a role that came with the product and is never changed; null for your "
            "own.",
            examples=["sales"],
        ),
    ]
    permissions: Annotated[list[Permission], Field(examples=[SHOWN])]
    masked: Annotated[bool, Field(description="Whether it shows personal data masked.")]
    fields: Annotated[list[FieldRule], Field(examples=[RULED])]
    state: Annotated[
        str,
        live_or_archived(RoleState),
        Field(description="An `archived` role gives nothing to anybody."),
    ]


class RolePage(Page[RoleRead]):
    """One page of roles."""


class RoleQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[list[RoleState], OneOf("state"), Field(max_length=10)] = [RoleState.live]
    code: Annotated[list[Line], Where("code"), Field(max_length=50)] = []
