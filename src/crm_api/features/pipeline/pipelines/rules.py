"""What makes a pipeline of stages: pure functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.words import say

from .errors import UnfitStages
from .models import StageKind
from .resource import STAGE

MOST_STAGES, MOST_REASONS = 50, 50
REQUIRABLE = (
    "amount",
    "competitors",
    "contacts",
    "description",
    "expected_close_on",
    "owner_id",
    "products",
    "source",
    "splits",
)
"""Fields of deals that a stage may require, beside those that a tenant has defined."""
CERTAIN = {StageKind.won: 100, StageKind.lost: 0}
Stages = list[dict[str, Any]]


def _preset(code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    kind, days = (more.get("kind", StageKind.open), 30 if "probability" in more else None)
    plain: dict[str, Any] = {
        "required_fields": [],
        "next": None,
        "checklist": [],
        "guidance": None,
        "scripts": [],
    }
    named = {"code": code, "labels": {"zh-CN": zh, "en": en}, "kind": kind, "max_days": days}
    return {**named, "probability": CERTAIN.get(kind), **plain, **more}


PRESET = (
    _preset("contact", "初步接触", "First contact", probability=10),
    _preset("needs", "需求确认", "Needs confirmed", probability=30),
    _preset("proposal", "方案报价", "Proposal and quote", probability=60),
    _preset("contract", "合同签订", "Contract", probability=90),
    _preset("won", "赢单", "Won", kind=StageKind.won),
    _preset("lost", "输单", "Lost", kind=StageKind.lost),
)
REASONS = tuple(
    {"code": code, "labels": {"zh-CN": zh, "en": en}}
    for code, zh, en in (
        ("price", "价格", "Price"),
        ("competitor", "选择竞争对手", "Chose a competitor"),
        ("no_budget", "无预算", "No budget"),
        ("no_decision", "项目搁置", "No decision"),
        ("product_fit", "产品不匹配", "Product does not fit"),
        ("other", "其他", "Other"),
    )
)


def staged(sent: Sequence[Mapping[str, Any]], known: Stages, new_id: Callable[[], UUID]) -> Stages:
    """The stages from now on: whose code is known keeps its id, and what is not sent any more is
    retired, behind the stage that it followed. Raises UnfitStages."""
    before = {stage["code"]: stage for stage in known}
    for n, stage in enumerate(sent):
        _check_kind(f"/{n}/kind", before.get(stage["code"], {}).get("kind"), stage["kind"])
    placed = [{"id": _id_of(before, stage, new_id), **stage, "retired": False} for stage in sent]
    for n, stage in enumerate(known):
        codes = [one["code"] for one in placed]
        if stage["code"] not in codes:
            place = codes.index(known[n - 1]["code"]) + 1 if n else 0
            placed.insert(place, {**stage, "retired": True})
    _check_number(len(placed))
    return placed


def _id_of(before: Mapping[str, Any], stage: Mapping[str, Any], new_id: Callable[[], UUID]) -> str:
    known: str | None = before.get(stage["code"], {}).get("id")
    return known or STAGE.write(new_id())


def reasons(sent: Iterable[Mapping[str, Any]], known: Stages) -> Stages:
    """As with stages, what is not sent any more is retired."""
    listed = [{**one, "retired": False} for one in sent]
    codes = {one["code"] for one in listed}
    return [*listed, *({**one, "retired": True} for one in known if one["code"] not in codes)]


def check_fields(stages: Iterable[Mapping[str, Any]], own: Iterable[str]) -> None:
    """That stages require what deals have; `own` are the fields that the tenant has defined.

    Raises UnfitStages.
    """
    known = {*REQUIRABLE, *(f"custom.{key}" for key in own)}
    for n, stage in enumerate(stages):
        for at, name in enumerate(stage["required_fields"]):
            if name not in known:
                message = say("Send one of {choices}.", choices=", ".join(sorted(known)))
                raise UnfitStages(f"/{n}/required_fields/{at}", "unknown_field", message)


def row(pipeline: UUID, position: int, stage: Mapping[str, Any]) -> dict[str, Any]:
    """What SQL reckons with."""
    named = ("code", "kind", "probability", "max_days", "retired")
    return {
        "id": STAGE.read(stage["id"]),
        "pipeline_id": pipeline,
        "position": position,
        **{name: stage[name] for name in named},
    }


def _check_kind(place: str, before: str | None, kind: str) -> None:
    if before not in (None, kind):
        message = say("This stage is {kind}: give another kind another code.", kind=before)
        raise UnfitStages(place, "other_kind", message)


def _check_number(stages: int) -> None:
    if stages > MOST_STAGES:
        message = say("A pipeline has {most} stages at most, retired ones too.", most=MOST_STAGES)
        raise UnfitStages("", "too_long", message)
