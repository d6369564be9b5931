from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field, model_validator

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.search import Found, SearchText
from crm_api.kit.times import CalendarDate, TimeZone
from crm_api.kit.words import misfit, say
from crm_api.platform.calendars.schemas import BusinessCalendarId
from crm_api.platform.legal_entities.schemas import LegalEntityId

from .criteria import AsOf, Under
from .models import BusinessUnit, BusinessUnitState
from .resource import BUSINESS_UNIT

BusinessUnitId = Annotated[UUID, BUSINESS_UNIT.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Shanghai West"])]
Code = Annotated[
    str,
    form(
        "^[0-9A-Za-z]([0-9A-Za-z_./-]{0,38}[0-9A-Za-z])?$",
        say("Send letters and digits, and between them _, -, dots or slashes."),
        description="What the group's other systems call it; unique among live units.",
        examples=["SH-02"],
    ),
]
Kind = Annotated[
    str,
    form(
        "^[a-z][a-z0-9_]{0,39}$",
        say("Send lower-case letters, digits and _, a letter first."),
        description="What kind of unit it is, in your words: `subsidiary`, `region`, `branch`, "
        "`shop`, `department`.",
        examples=["shop"],
    ),
]
ParentId = Annotated[
    BusinessUnitId,
    Field(description="The unit that it stands below; null at the top."),
]
EntityId = Annotated[
    LegalEntityId,
    Field(description="The legal entity that it belongs to; null for that of the unit above."),
]
Zone = Annotated[
    TimeZone, Field(description="IANA time zone; null for that of the unit above, or the tenant's.")
]
CalendarId = Annotated[
    BusinessCalendarId,
    Field(description="The calendar of its business hours; null for that of the unit above."),
]
OpensOn = Annotated[
    CalendarDate,
    Field(description="Its first day. If it is in the past, the unit has its place from then on."),
]
ClosesOn = Annotated[CalendarDate, Field(description="The first day on which it is closed.")]
UnderId = Annotated[
    BusinessUnitId, Field(description="The unit itself and all that is below it today.")
]
Sort = Literal["created_at", "-created_at", "name", "-name"]


class BusinessUnitCreate(Input):
    name: Name
    kind: Kind
    code: Code | None = None
    parent_id: ParentId | None = None
    legal_entity_id: EntityId | None = None
    time_zone: Zone | None = None
    calendar_id: CalendarId | None = None
    opens_on: OpensOn | None = None
    closes_on: ClosesOn | None = None


class BusinessUnitUpdate(Input):
    """All but its place, which `POST .../move` changes."""

    name: Name | MISSING = MISSING
    kind: Kind | MISSING = MISSING
    code: Code | MISSING | None = MISSING
    time_zone: Zone | MISSING | None = MISSING
    calendar_id: CalendarId | MISSING | None = MISSING
    opens_on: Annotated[CalendarDate, Field(description="Its first day.")] | MISSING | None = (
        MISSING
    )
    closes_on: ClosesOn | MISSING | None = MISSING


class BusinessUnitMove(Input):
    """Another parent, another legal entity, or both; what is left out stays."""

    model_config = {
        "json_schema_extra": {
            "anyOf": [{"required": ["parent_id"]}, {"required": ["legal_entity_id"]}]
        }
    }

    parent_id: ParentId | MISSING | None = MISSING
    legal_entity_id: EntityId | MISSING | None = MISSING
    on: Annotated[
        CalendarDate | None,
        Field(
            description="From this day on, by the clock of the tenant; left out, from today. A day "
            "to come is a plan, one that has gone by corrects what was. It lasts until the next "
            "period that is known already."
        ),
    ] = None

    @model_validator(mode="after")
    def _somewhere(self) -> "BusinessUnitMove":
        if not self.model_fields_set & {"parent_id", "legal_entity_id"}:
            raise misfit("no_place", say("Send parent_id, legal_entity_id or both"))
        return self


class BusinessUnitPeriod(BaseModel):
    """Where a unit stands from a date until before another one."""

    from_on: CalendarDate
    until_on: Annotated[CalendarDate | None, Field(description="Null for ever.", examples=[None])]
    parent_id: Annotated[BusinessUnitId | None, Field(examples=[None])]
    legal_entity_id: LegalEntityId | None


class BusinessUnitRead(EntityRead):
    """A subsidiary, region, branch, shop or department: units form a tree."""

    table = BusinessUnit

    id: BusinessUnitId
    object: Literal["business_unit"]
    name: Annotated[str, Field(examples=["Shanghai West"])]
    code: Annotated[str | None, Field(examples=["SH-02"])]
    kind: Annotated[str, Field(examples=["shop"])]
    state: Annotated[str, live_or_archived(BusinessUnitState)]
    parent_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that it stands below today; null at the top."),
    ]
    legal_entity_id: Annotated[
        LegalEntityId | None,
        Field(description="The one that it belongs to today; null for that of the unit above."),
    ]
    time_zone: Annotated[
        str | None,
        Field(
            description="Null for that of the unit above, or the tenant's: `GET .../place` tells.",
            examples=["Asia/Shanghai"],
        ),
    ]
    calendar_id: Annotated[
        BusinessCalendarId | None,
        Field(description="Null for that of the unit above: `GET .../place` tells."),
    ]
    opens_on: CalendarDate | None
    closes_on: Annotated[
        CalendarDate | None,
        Field(description="The first day on which it is closed.", examples=[None]),
    ]
    periods: Annotated[
        list[BusinessUnitPeriod],
        Field(description="Its places on all dates, planned ones too, one after another."),
    ]


class BusinessUnitPage(Page[BusinessUnitRead]):
    """One page of business units."""


class BusinessUnitQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: list[Sort] = ["-created_at"]
    q: Annotated[
        SearchText | None,
        Found("business_units"),
        Field(description="Parts of names, pinyin and codes."),
    ] = None
    as_of: Annotated[
        CalendarDate | None,
        AsOf(),
        Field(
            description="Show each unit's parent and legal entity as of this date, planned ones "
            "too, and leave out units that were not there yet."
        ),
    ] = None
    state: Annotated[list[BusinessUnitState], OneOf("state"), Field(max_length=10)] = [
        BusinessUnitState.live
    ]
    under: Annotated[list[UnderId], Under("id"), Field(max_length=50)] = []
    parent_id: Annotated[list[BusinessUnitId], Where("parent_id"), Field(max_length=50)] = []
    legal_entity_id: Annotated[
        list[LegalEntityId], Where("legal_entity_id"), Field(max_length=50)
    ] = []
    kind: Annotated[list[Kind], Where("kind"), Field(max_length=50)] = []
    code: Annotated[list[Code], Where("code"), Field(max_length=50)] = []

    @model_validator(mode="after")
    def _today_or_then(self) -> "BusinessUnitQuery":
        if self.as_of is not None and self.under:
            raise misfit("under_on_a_date", say("Leave out either under or as_of"))
        return self


class UnitInLine(BaseModel):
    """A unit on the way from the top."""

    id: BusinessUnitId
    name: Annotated[str, Field(examples=["Shanghai"])]
    code: Annotated[str | None, Field(examples=["SH"])]
    kind: Annotated[str, Field(examples=["region"])]


class BusinessUnitPlace(BaseModel):
    """Where a unit stands on a date, and what it takes from the units above it."""

    object: Literal["business_unit_place"]
    business_unit_id: BusinessUnitId
    on: CalendarDate
    path: Annotated[
        list[UnitInLine], Field(description="From the top to the unit itself, which is the last.")
    ]
    legal_entity_id: Annotated[
        LegalEntityId | None,
        Field(description="Its own, or that of the nearest unit above that has one."),
    ]
    time_zone: Annotated[
        str,
        Field(
            description="Its own, or that of the nearest unit above that has one, or the tenant's.",
            examples=["Asia/Shanghai"],
        ),
    ]
    calendar_id: Annotated[
        BusinessCalendarId | None,
        Field(description="Its own, or that of the nearest unit above that has one."),
    ]


class PlaceAsked(Input):
    as_of: Annotated[
        CalendarDate | None,
        Field(description="The date; left out, today by the clock of the tenant."),
    ] = None


class BusinessUnitMovePreview(BaseModel):
    """What a move would change; nothing has been changed."""

    object: Literal["business_unit_move_preview"]
    business_unit_id: BusinessUnitId
    from_on: CalendarDate
    until_on: Annotated[
        CalendarDate | None,
        Field(description="The next period begins then, as planned; null for ever."),
    ]
    path_before: Annotated[list[UnitInLine], Field(description="From the top to the unit.")]
    path_after: list[UnitInLine]
    legal_entity_id_before: Annotated[
        LegalEntityId | None, Field(description="The one that it has or takes from above.")
    ]
    legal_entity_id_after: LegalEntityId | None
    units_below: Annotated[
        int, Field(description="So many units below it go along.", examples=[12])
    ]
    residents: Annotated[
        dict[str, int],
        Field(
            description="So many records of other nouns stand in these units today.",
            examples=[{"user": 34}],
        ),
    ]
