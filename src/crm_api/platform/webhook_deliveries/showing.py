"""What is shown of a delivery that is in no column of its row."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.kit.columns import Columns, told
from crm_api.kit.db import table_of
from crm_api.kit.statement import quoted
from crm_api.kit.timers import TIMERS

from .models import StateShown, WebhookAttempt

ATTEMPTS = table_of(WebhookAttempt)
SHOWN = ("number", "at", "status_code", "latency_ms", "error", "answer")


@dataclass(frozen=True, slots=True)
class StateNow:
    """The state in the table, or that it is being sent, which a lease tells."""

    def written(self, row: Columns) -> ColumnElement[Any]:
        held = select(TIMERS.c.id).where(
            TIMERS.c.tenant_id == row["tenant_id"],
            TIMERS.c.id == row["id"],
            TIMERS.c.held,
            TIMERS.c.due_at > func.now(),
        )
        state: ColumnElement[Any] = row["state"]
        waits = state.in_([quoted("pending"), quoted("retrying")])
        return case(
            (waits & held.correlate_except(TIMERS).exists(), quoted(StateShown.sending)),
            else_=state,
        )


@dataclass(frozen=True, slots=True)
class AllAttempts:
    """The attempts of a delivery, the first one first."""

    def written(self, row: Columns) -> ColumnElement[Any]:
        members = [part for name in SHOWN for part in (quoted(name), told(ATTEMPTS.c[name]))]
        one = aggregate_order_by(func.json_build_object(*members), ATTEMPTS.c.number)
        listed = select(func.coalesce(func.json_agg(one), cast(quoted("[]"), JSON))).where(
            ATTEMPTS.c.tenant_id == row["tenant_id"], ATTEMPTS.c.delivery_id == row["id"]
        )
        return listed.correlate_except(ATTEMPTS).scalar_subquery()
