from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.features.pipeline.pipelines.schemas import (
    By,
    PipelineId,
    ReasonCode,
    StageCode,
    StageId,
    StageKind,
    StageRead,
)
from crm_api.features.pipeline.stays.schemas import DealId
from crm_api.kit.schema import Input, Line, OpenEnum
from crm_api.kit.words import translated

from .rules import InTheWay, Verb

Note = Annotated[Line, Field(max_length=500, description="For people.")]


class DealMove(Input):
    """To another open stage, of another pipeline if you say which."""

    stage: StageCode
    pipeline_id: Annotated[PipelineId | None, Field(description="The same, when not sent.")] = None


class DealWin(Input):
    note: Annotated[Note | None, Field(examples=["Signed at the fair"])] = None


class DealLoss(Input):
    """Why a deal is lost."""

    reason: ReasonCode
    note: Annotated[Note | None, Field(examples=["Northwind was a third cheaper"])] = None


class DealReopening(Input):
    """Why a closed deal is worked on again, and where."""

    reason: Annotated[Note, Field(examples=["The other supplier could not deliver"])]
    stage: Annotated[
        StageCode | None,
        Field(description="Where it was last, when not sent; the first one, if that is retired."),
    ] = None


class Obstacle(BaseModel):
    """What is in the way of a move."""

    code: Annotated[
        str,
        Field(
            json_schema_extra={
                "x-extensible-enum": [
                    "not_next",
                    "field_missing",
                    "item_open",
                    "rate_missing",
                    "deal_archived",
                    "pipeline_archived",
                ]
            },
            description="`not_next`: the stage does not lead there. `field_missing`: the deal must "
            "have it first. `item_open`: an item of the checklist is to be done first. "
            "`rate_missing`: its amount is in a currency of which no rate is in force.",
            examples=["field_missing"],
        ),
    ]
    field: Annotated[
        str | None,
        Field(description="The field, or the item of the checklist.", examples=["amount"]),
    ]
    message: Annotated[str, Field(examples=["The deal must have this first: amount."])]

    @classmethod
    def told(cls, one: InTheWay, language: str) -> "Obstacle":
        said = translated(one.message, language)
        return cls(code=one.code, field=one.field, message=said)


class PossibleMove(BaseModel):
    """Where a deal might go, by which operation, and what is in its way."""

    verb: Annotated[str, OpenEnum(Verb)]
    operation: Annotated[
        str, Field(description="Its `operationId` in this document.", examples=["moveDeal"])
    ]
    stage: Annotated[str, Field(description="The code of the stage.", examples=["proposal"])]
    stage_id: StageId
    labels: By
    kind: Annotated[str, OpenEnum(StageKind)]
    is_allowed: Annotated[
        bool,
        Field(description="Whether nothing is in its way; whether you may, your scopes say."),
    ]
    obstacles: list[Obstacle]

    @classmethod
    def told(
        cls, verb: Verb, to: StageRead, in_the_way: list[InTheWay], language: str
    ) -> "PossibleMove":
        return cls(
            verb=verb,
            operation=DEAL.operation(verb),
            stage=to.code,
            stage_id=to.id,
            labels=to.labels,
            kind=to.kind,
            is_allowed=not in_the_way,
            obstacles=[Obstacle.told(one, language) for one in in_the_way],
        )


class DealTransitions(BaseModel):
    """All moves that a deal could make in its pipeline now; those that are refused say why."""

    object: Literal["deal_transitions"]
    deal_id: DealId
    version: Annotated[
        int, Field(description="Of the deal; send it as `If-Match` with the move.", examples=[3])
    ]
    status: Annotated[str, OpenEnum(StageKind)]
    stage: Annotated[str, Field(description="Where it is now.", examples=["needs"])]
    moves: list[PossibleMove]
