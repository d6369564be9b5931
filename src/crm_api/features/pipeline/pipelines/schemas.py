from collections.abc import Container, Iterable
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field, model_validator

from crm_api.kit.forms import form
from crm_api.kit.languages import Labels
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.teams.schemas import TeamId

from .errors import UnknownReason, UnknownStage
from .models import Pipeline, PipelineState
from .models import StageKind as StageKind
from .resource import PIPELINE, STAGE
from .rules import CERTAIN, MOST_REASONS, MOST_STAGES, REQUIRABLE

PipelineId = Annotated[UUID, PIPELINE.prefix]
StageId = Annotated[UUID, STAGE]
Name = Annotated[Line, Field(max_length=200, examples=["Equipment sales"])]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="The unit that it is for, and those below; null for the whole group."),
]
OfTeam = Annotated[
    TeamId, Field(description="The team that works with it, for lists; others may use it too.")
]
IsDefault = Annotated[
    bool, Field(description="New deals of the unit are in it where they name no pipeline.")
]
WhenWon = Annotated[
    bool, Field(description="A deal that is won makes a draft of an order, unless it has one.")
]
CODE = "^[a-z][a-z0-9_]{0,39}$"
SAY_CODE = say("Send lower-case letters, digits and _, a letter first.")
StageCode = Annotated[
    str,
    form(CODE, SAY_CODE, description="Names the stage in its pipeline, for life."),
    Field(examples=["proposal"]),
]
ReasonCode = Annotated[
    str,
    form(CODE, SAY_CODE, description="A reason of the deal's pipeline, by its code."),
    Field(examples=["price"]),
]
ItemKey = Annotated[
    str,
    form(CODE, SAY_CODE, description="Names the item in its pipeline, for life."),
    Field(examples=["budget_confirmed"]),
]
RequiredField = Annotated[
    str,
    form(
        "^[a-z][a-z0-9_]{0,39}([.][a-z][a-z0-9_]{0,39})?$",
        say("Send a field of deals, such as amount or custom.budget."),
        examples=["amount"],
    ),
]
Percent = Annotated[int, Field(ge=0, le=100, description="In percent.", examples=[60])]
Days = Annotated[
    int,
    Field(ge=1, le=3650, description="A deal that stays longer is stale.", examples=[30]),
]
LongText = Annotated[str, Field(min_length=1, max_length=4000)]


class ChecklistItem(Input):
    """What is to be done in a stage; a deal does not go on while a required item is not ticked."""

    key: ItemKey
    labels: Labels
    required: bool = True


class Script(Input):
    """Words that have worked in this stage (话术)."""

    title: Annotated[Line, Field(max_length=200, examples=["When they say it is too expensive"])]
    text: LongText


def _each_once(codes: Iterable[str], code: str) -> None:
    listed = list(codes)
    if len(set(listed)) < len(listed):
        raise misfit(code, say("Each has a code of its own"))


class StageInput(Input):
    """A step on the way of a deal."""

    code: StageCode
    labels: Labels
    kind: StageKind = StageKind.open
    probability: Annotated[
        Percent | None,
        Field(
            description="How likely deals here are won, in percent; 100 in the won stage and 0 in "
            "the lost one, which need not say it."
        ),
    ] = None
    max_days: Days | None = None
    required_fields: Annotated[
        list[RequiredField],
        Field(
            max_length=30, description="What a deal must have to be moved here, not to begin here."
        ),
    ] = []
    next: Annotated[
        Annotated[list[StageCode], Field(max_length=50)] | None,
        Field(
            description="The open or won stages that may follow, by their codes; null for all. "
            "A deal can be lost from everywhere."
        ),
    ] = None
    checklist: Annotated[list[ChecklistItem], Field(max_length=30)] = []
    guidance: Annotated[LongText | None, Field(description="How to work in this stage.")] = None
    scripts: Annotated[list[Script], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _is_certain(self) -> "StageInput":
        certain = CERTAIN.get(self.kind, self.probability)
        if certain is None:
            raise misfit("probability_missing", say("An open stage has a probability"))
        if self.probability not in (None, certain):
            raise misfit("probability_certain", say("A won stage has 100, a lost one has 0"))
        self.probability = certain
        return self


def _make_a_way(stages: list[StageInput]) -> list[StageInput]:
    _each_once((stage.code for stage in stages), "stage_repeated")
    _each_once((item.key for stage in stages for item in stage.checklist), "item_repeated")
    kinds = [stage.kind for stage in stages]
    if StageKind.open not in kinds or any(kinds.count(kind) != 1 for kind in CERTAIN):
        raise misfit("stage_kinds", say("A pipeline has open stages, one that is won and one lost"))
    ways = {stage.code for stage in stages if stage.kind is not StageKind.lost}
    if any(code not in ways for stage in stages for code in stage.next or ()):
        raise misfit("stage_unknown", say("`next` names open stages, or the won one"))
    return sorted(stages, key=lambda stage: list(StageKind).index(stage.kind))


Stages = Annotated[
    list[StageInput],
    Field(
        min_length=3,
        max_length=MOST_STAGES,
        description="In their order, the won and the lost one last. A stage is known by its code: "
        "what is not sent any more is retired, and no open deal may be in it.",
    ),
    AfterValidator(_make_a_way),
]


class ReasonInput(Input):
    """Why deals are lost."""

    code: ReasonCode
    labels: Labels


def _reasons_once(sent: list[ReasonInput]) -> list[ReasonInput]:
    _each_once((reason.code for reason in sent), "reason_repeated")
    return sent


Reasons = Annotated[
    list[ReasonInput],
    Field(min_length=1, max_length=MOST_REASONS, description="Why deals of it may be lost."),
    AfterValidator(_reasons_once),
]


class PipelineCreate(Input):
    """Without stages it has those of a common sale: contact, needs, proposal, contract."""

    name: Name
    business_unit_id: OfUnit | None = None
    team_id: OfTeam | None = None
    is_default: IsDefault = False
    orders_when_won: WhenWon = False
    stages: Stages | MISSING = MISSING
    loss_reasons: Reasons | MISSING = MISSING


class PipelineUpdate(Input):
    """For another unit make another pipeline."""

    name: Name | MISSING = MISSING
    team_id: OfTeam | MISSING | None = MISSING
    is_default: IsDefault | MISSING = MISSING
    orders_when_won: WhenWon | MISSING = MISSING
    stages: Stages | MISSING = MISSING
    loss_reasons: Reasons | MISSING = MISSING


By = Annotated[
    dict[str, str],
    Field(
        description="For people, by BCP 47 language.",
        examples=[{"zh-CN": "方案报价", "en": "Proposal and quote"}],
    ),
]
Retired = Annotated[bool, Field(description="It is not offered any more.", examples=[False])]


class ChecklistItemRead(BaseModel):
    """What is to be done in a stage."""

    key: Annotated[str, Field(examples=["budget_confirmed"])]
    labels: By
    required: Annotated[bool, Field(description="A deal does not go on before it is ticked.")]


class ScriptRead(BaseModel):
    """Words that have worked in this stage (话术)."""

    title: Annotated[str, Field(examples=["When they say it is too expensive"])]
    text: Annotated[str, Field(examples=["What does a day without the machine cost you?"])]


class StageRead(BaseModel):
    """A step on the way of a deal."""

    id: StageId
    code: Annotated[str, Field(examples=["proposal"])]
    labels: By
    kind: Annotated[
        str, OpenEnum(StageKind), Field(description="What a deal is that is here: its `status`.")
    ]
    probability: Percent
    max_days: Days | None
    required_fields: Annotated[
        list[str],
        Field(description="What a deal must have to be moved here.", examples=[["amount"]]),
    ]
    next: Annotated[
        list[str] | None,
        Field(description="The open or won stages that may follow; null for all."),
    ]
    checklist: list[ChecklistItemRead]
    guidance: Annotated[str | None, Field(description="How to work in this stage.")]
    scripts: list[ScriptRead]
    retired: Retired

    def asking(self, own: Container[str]) -> "StageRead":
        left = [n for n in self.required_fields if n in REQUIRABLE or n.partition(".")[2] in own]
        return self.model_copy(update={"required_fields": left})


class ReasonRead(BaseModel):
    """Why deals are lost."""

    code: Annotated[str, Field(examples=["price"])]
    labels: By
    retired: Retired


class PipelineRead(EntityRead):
    """The way of deals from a first contact to a contract, stage by stage."""

    table = Pipeline

    id: PipelineId
    object: Literal["pipeline"]
    name: Annotated[str, Field(examples=["Equipment sales"])]
    business_unit_id: OfUnit | None
    team_id: Annotated[TeamId | None, Field(description="The team that works with it.")]
    is_default: IsDefault
    orders_when_won: WhenWon
    stages: Annotated[list[StageRead], Field(description="In their order, retired ones too.")]
    loss_reasons: list[ReasonRead]
    state: Annotated[str, live_or_archived(PipelineState)]

    def open_stages(self) -> dict[str, StageRead]:
        """Those in use, by their codes, in their order."""
        used = (stage for stage in self.stages if not stage.retired)
        return {stage.code: stage for stage in used if stage.kind == StageKind.open}

    def open_stage(self, code: str | None) -> StageRead:
        """The first one, where none is said. Raises UnknownStage."""
        known = self.open_stages()
        if code is not None and code not in known:
            raise UnknownStage(list(known))
        return known[code] if code else next(iter(known.values()))

    def asking(self, own: Container[str]) -> "PipelineRead":
        """Without what no deal can have any more; `own` are the fields that the tenant has."""
        return self.model_copy(update={"stages": [stage.asking(own) for stage in self.stages]})

    def ending(self, kind: StageKind) -> StageRead:
        """The stage of deals that are won, or lost."""
        return next(s for s in self.stages if s.kind == kind and not s.retired)

    def check_reason(self, code: str) -> None:
        """Raises UnknownReason."""
        known = [reason.code for reason in self.loss_reasons if not reason.retired]
        if code not in known:
            raise UnknownReason(known)
