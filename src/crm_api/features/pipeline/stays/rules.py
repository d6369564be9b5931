"""What a stay tells of the deal that comes: pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm_api.features.pipeline.pipelines.schemas import PipelineRead, StageKind, StageRead

Columns = Mapping[str, Any]
THEN = (
    "pipeline_id",
    "business_unit_id",
    "owner_id",
    "source",
    "amount",
    "currency",
    "base_amount",
    "base_currency",
    "expected_close_on",
)


def placed(stage: StageRead, now: datetime) -> dict[str, Any]:
    """The columns of a deal that has come to a stage."""
    return {
        "stage_id": stage.id,
        "stage": stage.code,
        "status": StageKind(stage.kind),
        "probability": stage.probability,
        "stage_since": now,
        "stale_since": None,
    }


def stay(deal: Columns, stage: StageRead, now: datetime, *, skipped: bool = False) -> Columns:
    """What a deal was as it came to a stage; from one that it skips or ends in it has gone."""
    gone = skipped or stage.kind != StageKind.open
    return {
        "deal_id": deal["id"],
        "stage_id": stage.id,
        "from_stage_id": deal.get("stage_id"),
        "kind": stage.kind,
        "skipped": skipped,
        "entered_at": now,
        "left_at": now if gone else None,
        **{name: deal.get(name) for name in THEN},
    }


def skipped(pipeline: PipelineRead, deal: Columns, to: StageRead) -> list[StageRead]:
    """The open stages between, where an open deal goes forward in its pipeline and is not lost."""
    there = [stage for stage in pipeline.stages if not stage.retired]
    ids, before = [stage.id for stage in there], deal["stage_id"]
    if not deal["stay_id"] or before not in ids or to.kind == StageKind.lost:
        return []
    between = there[ids.index(before) + 1 : ids.index(to.id)]
    return [stage for stage in between if stage.kind == StageKind.open]


def stale_at(stage: StageRead, since: datetime) -> datetime | None:
    """From when on a deal has been too long in a stage."""
    limit = stage.max_days if stage.kind == StageKind.open else None
    return since + timedelta(days=limit) if limit else None
