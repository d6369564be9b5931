"""Events of a time that are sent to an endpoint once more, some hundred in a step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.platform.jobs.run import Run
from crm_api.platform.journal.sight import fits
from crm_api.platform.webhook_endpoints.condition import EndpointCondition
from crm_api.platform.webhook_endpoints.models import EndpointState, WebhookEndpoint

from .errors import EndpointDisabled
from .following import HandingOut
from .reading import Event
from .registry import DeliveryQueue
from .viewing import viewer_of

STEP = 200
BEGINNING = UUID(int=0)


class Replaying:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queue = DeliveryQueue(ctx)

    async def go_on(self, run: Run) -> None:
        """One step more; `left` in the checkpoint says whether there are others."""
        endpoint = await EndpointCondition(self.ctx).of(UUID(run.asked["endpoint_id"]))
        if endpoint is None or endpoint.state == EndpointState.disabled:
            raise EndpointDisabled
        begin, end = (datetime.fromisoformat(run.asked[name]) for name in ("from", "to"))
        if run.asked["only"] == "failed":
            await self._failed(run, endpoint, (begin, end))
        else:
            await self._all(run, endpoint, (begin, end))

    async def _failed(
        self, run: Run, endpoint: WebhookEndpoint, times: tuple[datetime, datetime]
    ) -> None:
        after = UUID(run.checkpoint.get("after", str(BEGINNING)))
        told = await self.queue.repeat_failed(endpoint, times, run.asked["types"], (after, STEP))
        run.figures["deliveries"] += len(told)
        last = max(told, default=after)
        run.checkpoint = {"after": str(last), "left": len(told) == STEP}

    async def _all(
        self, run: Run, endpoint: WebhookEndpoint, times: tuple[datetime, datetime]
    ) -> None:
        """Numbers follow the times but for moments: the times themselves are looked at too."""
        reached = run.checkpoint or await self._range(times)
        after, end = reached["after"], reached["end"]
        viewer = await viewer_of(self.ctx.house, self.ctx.tenant, endpoint)
        if viewer is None:
            raise EndpointDisabled
        told = await viewer.events.since(after, (), STEP) if after < end else []
        events = [Event(one) for one in told if one.sequence <= end]
        wanted = [one for one in events if _meant(one, times, run.asked["types"])]
        rows = await HandingOut(self.ctx).rows(viewer, endpoint, wanted)
        run.figures["deliveries"] += await self.queue.send_anew(rows)
        last = events[-1].told.sequence if len(events) == STEP else end
        run.percent = 100 * (last - reached["begin"]) // max(end - reached["begin"], 1)
        run.checkpoint = {**reached, "after": last, "left": last < end}

    async def _range(self, times: tuple[datetime, datetime]) -> dict[str, Any]:
        begin, end = await self.queue.numbers_between(*times)
        return {"begin": begin, "after": begin, "end": end}


def _meant(event: Event, times: tuple[datetime, datetime], patterns: Sequence[str]) -> bool:
    at = datetime.fromisoformat(event.inside["created_at"])
    return fits(event.told.type, patterns) and times[0] <= at < times[1]
