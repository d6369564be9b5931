"""Where a deal may go from here, and what is in its way: pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crm_api.features.pipeline.pipelines.schemas import PipelineRead, StageKind, StageRead
from crm_api.kit.errors import FieldError
from crm_api.kit.words import Words, say

from .errors import NotReachable

Columns = Mapping[str, Any]


class Verb(StrEnum):
    move = "move"
    win = "win"
    lose = "lose"
    reopen = "reopen"


VERBS = {StageKind.open: Verb.move, StageKind.won: Verb.win, StageKind.lost: Verb.lose}


@dataclass(frozen=True, slots=True)
class InTheWay:
    code: str
    field: str | None
    message: Words


def verb(deal: Columns, to: StageRead) -> Verb:
    """What brings a deal to a stage."""
    if deal["status"] != StageKind.open:
        return Verb.reopen
    return VERBS[StageKind(to.kind)]


def targets(pipeline: PipelineRead, deal: Columns) -> list[StageRead]:
    """Where a deal might go in its pipeline: anywhere but where it is."""
    used = [stage for stage in pipeline.stages if not stage.retired]
    if deal["status"] != StageKind.open:
        return list(pipeline.open_stages().values())
    return [stage for stage in used if stage.id != deal["stage_id"]]


def in_the_way(deal: Columns, pipeline: PipelineRead, to: StageRead) -> Iterator[InTheWay]:
    """What keeps a deal from a stage now: that it is archived, and so on."""
    if deal["state"] == "archived":
        yield InTheWay("deal_archived", None, say("The deal is archived: restore it first."))
    if pipeline.state == "archived":
        yield InTheWay("pipeline_archived", None, say("The pipeline is archived."))
    if deal["status"] == StageKind.open:
        yield from obstacles(deal, pipeline, to)


def obstacles(deal: Columns, pipeline: PipelineRead, to: StageRead) -> Iterator[InTheWay]:
    """What is in the way of an open deal; nothing is where it is lost."""
    here = next((s for s in pipeline.stages if s.id == deal["stage_id"]), None)
    if here is not None and (to.id == here.id or not _leads(here, to)):
        message = say("Stage {here} does not lead there.", here=here.code)
        yield InTheWay("not_next", None, message)
    if to.kind == StageKind.lost:
        return
    for name in to.required_fields:
        if _is_empty(deal, name):
            message = say("The deal must have this first: {field}.", field=name)
            yield InTheWay("field_missing", name, message)
    if here is not None and _is_later(pipeline, here, to):
        yield from _to_do(deal, here)
    yield from _unrated(deal, to)


def check_reachable(deal: Columns, pipeline: PipelineRead, to: StageRead) -> None:
    """Raises NotReachable, which says what is in the way and where the deal may go."""
    if in_the_way := list(obstacles(deal, pipeline, to)):
        others = targets(pipeline, deal)
        allowed = [s.code for s in others if not any(obstacles(deal, pipeline, s))]
        raise NotReachable(deal["stage"], allowed, *map(_told, in_the_way))


def _leads(here: StageRead, to: StageRead) -> bool:
    return here.next is None or to.kind == StageKind.lost or to.code in here.next


def _is_later(pipeline: PipelineRead, here: StageRead, to: StageRead) -> bool:
    ids = [stage.id for stage in pipeline.stages]
    return to.id in ids and ids.index(to.id) > ids.index(here.id)


def _is_empty(deal: Columns, name: str) -> bool:
    first, _, key = name.partition(".")
    value = deal[first].get(key) if key else deal[first]
    return value is None or value == []


def _to_do(deal: Columns, here: StageRead) -> Iterator[InTheWay]:
    for item in here.checklist:
        if item.required and not deal["checklist"].get(item.key):
            message = say("This is to be done first: {item}.", item=item.key)
            yield InTheWay("item_open", item.key, message)


def _unrated(deal: Columns, to: StageRead) -> Iterator[InTheWay]:
    """What a won deal is worth stands in reports for ever, in the tenant's currency."""
    if to.kind == StageKind.won and deal["amount"] is not None and deal["base_amount"] is None:
        message = say(
            "No exchange rate of {currency} is in force today: enter one first.",
            currency=deal["currency"],
        )
        yield InTheWay("rate_missing", "amount", message)


def _told(one: InTheWay) -> FieldError:
    places = {"not_next": "/stage", "item_open": f"/checklist/{one.field}"}
    pointer = places.get(one.code, f"/{(one.field or '').replace('.', '/')}")
    return {"pointer": pointer, "code": one.code, "message": one.message}
