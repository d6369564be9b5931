"""Deliveries, many at a time, and the timers under them; and how far the journals are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Executable, Row

from crm_api.kit.context import Context
from crm_api.kit.lanes import widen
from crm_api.kit.pool import Pool
from crm_api.platform.journal.sight import fits
from crm_api.platform.webhook_endpoints.models import WebhookEndpoint
from crm_api.platform.webhook_endpoints.subscribing import known_types

from . import statements
from .models import DeliveryState
from .statements import SEND

Rows = Sequence[Mapping[str, Any]]


class JournalHeads:
    """Outside any tenant."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def newest(self) -> dict[UUID, int]:
        """The last number of each tenant that has events."""
        async with self.pool.line() as line:
            rows = await line.driver.fetch(statements.NEWEST)
        return {row["tenant_id"]: row["sequence"] for row in rows}


class DeliveryQueue:
    """Deliveries and the timers under them, many at a time. What is told of them is no event:
    they are themselves how events are told."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def reached(self) -> tuple[int | None, bool]:
        """Up to which number events were handed out, null where there are no endpoints yet; and
        whether it is for us to go on from there: else another worker is at it."""
        mine = await self._rows(statements.REACHED)
        found = mine or await self._rows(statements.TAKEN)
        return int(found[0].sequence) if found else None, bool(mine)

    async def hand_out(self, rows: Rows, reached: int) -> int:
        """How many are new. An event goes to an endpoint once."""
        told = to_json(rows).decode()
        made = await self._rows(statements.HAND_OUT, told=told, now=self.ctx.now) if rows else ()
        await self._rows(statements.REACH, reached=reached)
        return len(made)

    async def send_anew(self, rows: Rows) -> int:
        """How many are sent, some of them once more; what is being sent is not."""
        told = to_json(rows).decode()
        made = await self._rows(statements.SEND_ANEW, told=told, now=self.ctx.now) if rows else ()
        return len(made)

    async def repeat_failed(
        self,
        endpoint: WebhookEndpoint,
        times: tuple[datetime, datetime],
        patterns: Sequence[str],
        after: tuple[UUID, int],
    ) -> Sequence[UUID]:
        """What was given up, blocked or waits to be tried again, of those that were handed out
        between two times: so many after an id, by their ids."""
        begin, end = times
        found = await self._rows(
            statements.FAILED,
            **{"from": begin, "to": end, "after": after[0], "most": after[1]},
            endpoint=endpoint.id,
            types=sorted(type for type in known_types() if fits(type, patterns)),
            kind=SEND,
            now=self.ctx.now,
        )
        return [row.id for row in found]

    async def numbers_between(self, begin: datetime, end: datetime) -> tuple[int, int]:
        """The number before the first event of a time, and that of its last; twice the same where
        there is none."""
        found = (await self._rows(statements.BETWEEN, **{"from": begin, "to": end}))[0]
        return (found.begin, found.end) if found.end is not None else (0, 0)

    async def load(self, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
        """By their ids, each with its endpoint."""
        found = await self._rows(statements.LOAD, ids=list(ids))
        return {row.id: row for row in found}

    async def end(self, rows: Rows) -> set[UUID]:
        """Those whose lease was still ours; of the others nothing is changed."""
        told = to_json(rows).decode()
        found = await self._rows(statements.END, told=told, now=self.ctx.now)
        return {row.id for row in found}

    async def pause(self, endpoint: UUID) -> None:
        await self._stop(endpoint, DeliveryState.paused)

    async def cancel(self, endpoint: UUID) -> None:
        await self._stop(endpoint, DeliveryState.cancelled)
        await self._rows(statements.FORGET_PAUSED, endpoint=endpoint, now=self.ctx.now)
        await widen(self.ctx, endpoint)

    async def resume(self, endpoint: UUID) -> None:
        """What was paused is due at once."""
        await self.bring_back(endpoint)
        await widen(self.ctx, endpoint)

    async def bring_back(self, endpoint: UUID) -> None:
        """Some of what was paused waits again."""
        await self._rows(statements.RESUME, endpoint=endpoint, now=self.ctx.now, kind=SEND)

    async def _stop(self, endpoint: UUID, state: DeliveryState) -> None:
        told = {"endpoint": endpoint, "state": state.value, "now": self.ctx.now}
        await self._rows(statements.STOP, **told)

    async def _rows(self, statement: Executable, **values: Any) -> list[Row[Any]]:
        return await self.ctx.work.rows(statement, values)
