from typing import Annotated, Literal

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.pipeline.parts.schemas import (
    PARTS,
    Checklist,
    CompetitorRead,
    Competitors,
    Contacts,
    DealContactRead,
    DealProductRead,
    Products,
    SplitRead,
    Splits,
    Worth,
)
from crm_api.features.pipeline.pipelines.schemas import (
    PipelineId,
    StageCode,
    StageId,
    StageKind,
)
from crm_api.features.pipeline.stays.schemas import DealId as DealId
from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.parties.schemas import Source
from crm_api.platform.users.schemas import MOST_COLLABORATORS, UserId

from .models import Deal, DealState, ForecastCategory

FORECAST = OpenEnum(
    ForecastCategory,
    pipeline=say("Pipeline"),
    best_case=say("Best case"),
    commit=say("Commit"),
    omitted=say("Omitted"),
)
STATUS = OpenEnum(StageKind, open=say("Open"), won=say("Won"), lost=say("Lost"))
STATE = live_or_archived(DealState)
Name = Annotated[Line, Field(max_length=200, examples=["Packaging line for plant 2"])]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Owner = Annotated[UserId, Field(description="Who wins the deal, or does not.")]
Probability = Annotated[
    int,
    Field(ge=0, le=100, description="In percent; that of its stage, until you say another."),
]
CloseOn = Annotated[CalendarDate, Field(description="When it is to be closed.")]
Collaborators = Annotated[
    list[UserId],
    Field(
        max_length=MOST_COLLABORATORS,
        description="Who else works on the deal. To add or remove some whatever others do, call "
        "`add-collaborators` and `remove-collaborators`.",
    ),
]


class _Deal(Input):
    kept = frozenset(PARTS)


class DealCreate(_Deal):
    name: Name
    customer_id: CustomerId
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that sells; the one that you work in, when not sent."),
    ] = None
    pipeline_id: Annotated[
        PipelineId | None, Field(description="The unit's default one, when not sent.")
    ] = None
    stage: Annotated[
        StageCode | None, Field(description="An open stage; the first, when not sent.")
    ] = None
    owner_id: Annotated[Owner | None, Field(description="You, when not sent.")] | MISSING = MISSING
    collaborator_ids: Collaborators | MISSING = MISSING
    amount: Worth | MISSING | None = MISSING
    expected_close_on: CloseOn | MISSING | None = MISSING
    probability: Probability | MISSING = MISSING
    forecast_category: ForecastCategory | MISSING = MISSING
    source: Source | MISSING | None = MISSING
    description: Text | MISSING | None = MISSING
    contacts: Contacts | MISSING = MISSING
    products: Products | MISSING = MISSING
    competitors: Competitors | MISSING = MISSING
    splits: Splits | MISSING = MISSING
    checklist: Checklist | MISSING = MISSING
    external_ids: ExternalIds | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class DealUpdate(_Deal):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole."""

    name: Name | MISSING = MISSING
    customer_id: CustomerId | MISSING = MISSING
    owner_id: Owner | MISSING | None = MISSING
    collaborator_ids: Collaborators | MISSING = MISSING
    amount: Worth | MISSING | None = MISSING
    expected_close_on: CloseOn | MISSING | None = MISSING
    probability: Probability | MISSING = MISSING
    forecast_category: ForecastCategory | MISSING = MISSING
    source: Source | MISSING | None = MISSING
    description: Text | MISSING | None = MISSING
    contacts: Contacts | MISSING = MISSING
    products: Products | MISSING = MISSING
    competitors: Competitors | MISSING = MISSING
    splits: Splits | MISSING = MISSING
    checklist: Checklist | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class DealUpsert(DealUpdate):
    """A merge patch; a deal that is not there yet needs `customer_id` and `name`."""

    business_unit_id: BusinessUnitId | MISSING = MISSING
    pipeline_id: PipelineId | MISSING = MISSING
    stage: Annotated[StageCode, Field(description="Of a new deal.")] | MISSING = MISSING


class DealBatchItem(BatchItem[DealUpsert]):
    """One deal as its system sees it."""


class DealBatch(Batch[DealBatchItem]):
    """Up to a hundred deals of one system, each created or changed by its external id."""


class DealRead(EntityRead):
    """A sale that may come about: with whom, of what, for how much, and how far it is."""

    table = Deal

    id: DealId
    object: Literal["deal"]
    name: Annotated[str, Field(title=say("Name"), examples=["Packaging line for plant 2"])]
    customer_id: Annotated[CustomerId, Field(title=say("Customer"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    owner_id: Annotated[
        UserId | None, Field(title=say("Owner"), description=say("Who wins the deal."))
    ]
    collaborator_ids: Annotated[list[UserId], Field(description="Who else works on it.")]
    pipeline_id: Annotated[PipelineId, Field(title=say("Pipeline"))]
    stage_id: Annotated[StageId, Field(description="Where it is in its pipeline.")]
    stage: Annotated[
        str,
        Field(
            title=say("Stage"),
            description=say("The code of the stage where it is."),
            examples=["proposal"],
        ),
    ]
    stage_since: Annotated[Timestamp, Field(title=say("In its stage since"))]
    stale_since: Annotated[
        Timestamp | None,
        Field(
            title=say("Stale since"),
            description=say("From then on it was longer in its stage than the stage allows."),
        ),
    ]
    status: Annotated[
        str, STATUS, Field(title=say("Status"), description=say("What its stage makes of it."))
    ]
    probability: Annotated[
        int, Field(title=say("Probability"), description=say("In percent."), examples=[60])
    ]
    forecast_category: Annotated[
        str,
        FORECAST,
        Field(title=say("Forecast"), description=say("How sure its owner is of it.")),
    ]
    amount: Annotated[
        Money | None,
        MoneyIn("amount", "currency"),
        Field(title=say("Amount"), description=say("The sum of its products, or what was typed.")),
    ]
    base_amount: Annotated[
        Money | None,
        MoneyIn("base_amount", "base_currency"),
        Field(
            title=say("Amount in the tenant's currency"),
            description=say(
                "By the rate of the day on which it was last changed; of a closed deal by that of "
                "the day it was closed, for ever. Empty where no rate is known."
            ),
        ),
    ]
    exchange_rate: Annotated[
        str | None,
        Field(description="One unit of `amount` in `base_amount`.", examples=["7.8125"]),
    ]
    expected_close_on: Annotated[
        CalendarDate | None,
        Field(title=say("Expected close"), description=say("When it is to be closed.")),
    ]
    closed_at: Annotated[Timestamp | None, Field(title=say("Closed at"))]
    loss_reason: Annotated[
        str | None,
        Field(
            title=say("Loss reason"),
            description=say("The code of a reason of its pipeline."),
            examples=["price"],
        ),
    ]
    closing_note: Annotated[str | None, Field(description="What was said as it was closed.")]
    reopening_reason: Annotated[str | None, Field(description="Why it was last reopened.")]
    source: Annotated[
        str | None,
        Field(
            title=say("Source"),
            description=say("Where the deal came from."),
            examples=["trade_fair"],
        ),
    ]
    description: str | None
    contacts: list[DealContactRead]
    products: list[DealProductRead]
    competitors: list[CompetitorRead]
    splits: list[SplitRead]
    checklist: Annotated[
        dict[str, bool],
        Field(description="What is done, by key.", examples=[{"budget_confirmed": True}]),
    ]
    external_ids: Annotated[dict[str, str], Field(examples=[{"sap": "0000104711"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    custom: Annotated[Custom, Without("custom", "deal")]
    state: Annotated[
        str, STATE, Field(title=say("State"), description=say("Whether the deal is in use."))
    ]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
