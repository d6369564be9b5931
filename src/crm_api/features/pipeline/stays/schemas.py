from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.features.pipeline.pipelines.schemas import PipelineId, StageId, StageKind
from crm_api.kit.filters import Where
from crm_api.kit.ids import Prefix
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import OpenEnum, Read
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.platform.users.schemas import UserId

from .models import StageStay

DEAL = Prefix("dea")
StayId = Annotated[UUID, Prefix("sty")]
DealId = Annotated[UUID, DEAL]


class StageStayRead(Read):
    """That a deal was in a stage, and what it was when it came there."""

    table = StageStay

    id: StayId
    object: Literal["stage_stay"]
    deal_id: DealId
    number: Annotated[int, Field(description="1, 2, 3: the stays of the deal.", examples=[2])]
    pipeline_id: PipelineId
    stage_id: StageId
    from_stage_id: Annotated[
        StageId | None, Field(description="Where it was before; null for a new deal.")
    ]
    kind: Annotated[str, OpenEnum(StageKind), Field(description="What the stage was.")]
    skipped: Annotated[
        bool, Field(description="The deal went past: it came and left in the same moment.")
    ]
    entered_at: Timestamp
    left_at: Annotated[
        Timestamp | None,
        Field(description="Null where the deal is now. A closed deal stays nowhere."),
    ]
    user_id: Annotated[UserId | None, Field(description="Who brought it there, if it was a user.")]
    owner_id: Annotated[UserId | None, Field(description="Who had it then.")]
    amount: Annotated[
        Money | None, MoneyIn("amount", "currency"), Field(description="What it was worth then.")
    ]
    base_amount: Annotated[
        Money | None,
        MoneyIn("base_amount", "base_currency"),
        Field(description="The same in the tenant's currency, by the rate of that day."),
    ]
    expected_close_on: Annotated[
        CalendarDate | None, Field(description="When it was to be closed, as one thought then.")
    ]


class StageStayPage(Page[StageStayRead]):
    """One page of the stays of a deal."""


class StayQuery(ListQuery):
    sort: list[Literal["number", "-number"]] = ["number"]


class StaysOf(StayQuery):
    deal_id: Annotated[DealId, Where("deal_id")]
