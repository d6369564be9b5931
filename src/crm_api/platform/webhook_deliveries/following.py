"""Hands out numbered events to the endpoints that want them: each to each exactly once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context, House
from crm_api.kit.errors import Problem
from crm_api.kit.rights import Rights
from crm_api.kit.timers import real
from crm_api.kit.whole import whole
from crm_api.platform.webhook_endpoints.condition import EndpointCondition
from crm_api.platform.webhook_endpoints.models import WebhookEndpoint
from crm_api.platform.webhook_endpoints.subscribing import understood

from .reading import Event
from .registry import DeliveryQueue, JournalHeads
from .statements import SEND
from .viewing import Viewer, known, system, viewer_of

EVENTS, DELIVERIES = 500, 5000
"""At most so many in one transaction."""
Row = Mapping[str, Any]


class Following:
    """A duty: follows the numbers of every tenant. They have no gap and follow the commits, so
    whoever has handed out up to one has passed over nothing."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.heads = JournalHeads(house.pool)
        self._reached: dict[UUID, int] = {}

    async def turn(self) -> int:
        """A batch of each tenant that has something new; how many events that were."""
        newest = await self.heads.newest()
        waiting = [id for id, number in newest.items() if number > self._reached.get(id, -1)]
        return sum([await self._follow(id, newest[id]) for id in waiting])

    async def leave(self) -> None:
        return None

    async def _follow(self, id: UUID, newest: int) -> int:
        tenant, suspended = await known(self.house, id)
        if suspended:
            return 0
        async with whole(system(self.house, tenant)) as ctx:
            begun, reached = await HandingOut(ctx).batch(newest)
        self._reached[id] = reached
        return reached - begun


class HandingOut:
    """One batch of one tenant, in one transaction with how far that is."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queue = DeliveryQueue(ctx)
        self.condition = EndpointCondition(ctx)

    async def batch(self, newest: int) -> tuple[int, int]:
        """The numbers up to which events were handed out before, and are now."""
        begin, is_mine = await self.queue.reached()
        if begin is None or begin >= newest:
            return newest, newest
        if not is_mine:
            return begin, begin
        endpoints = await self.condition.listening()
        end = min(newest, begin + max(1, min(EVENTS, DELIVERIES // max(len(endpoints), 1))))
        rows = [row for some in _alike(endpoints) for row in await self._of_alike(some, begin, end)]
        await self.queue.hand_out(rows, end)
        return begin, end

    async def _of_alike(
        self, alike: Sequence[WebhookEndpoint], begin: int, end: int
    ) -> Sequence[Row]:
        """For endpoints that see the same: the events are read once."""
        viewer = await viewer_of(self.ctx.house, self.ctx.tenant, alike[0])
        if viewer is None:
            await self.condition.forsake_all([endpoint.id for endpoint in alike])
            return []
        patterns = {pattern for endpoint in alike for pattern in endpoint.event_types}
        some = () if "*" in patterns else patterns
        told = await viewer.events.since(begin, some, end - begin + 1)
        events = [Event(one) for one in told if one.sequence <= end]
        return [
            row
            for endpoint in alike
            for row in await self.rows(viewer, endpoint, _new_to(endpoint, events))
        ]

    async def rows(
        self, viewer: Viewer, endpoint: WebhookEndpoint, events: Iterable[Event]
    ) -> Sequence[Row]:
        """What an endpoint is sent of some events."""
        mine = [event for event in events if event.concerns(endpoint)]
        wanted = await self._passing(viewer, endpoint, mine)
        return [self._row(viewer, endpoint, event) for event in wanted]

    async def _passing(
        self, viewer: Viewer, endpoint: WebhookEndpoint, mine: Sequence[Event]
    ) -> Sequence[Event]:
        if endpoint.filter is None or not mine:
            return mine
        try:
            asked = endpoint.event_types, endpoint.filter
            rights = Rights(endpoint.masked, masks=viewer.ctx.actor.masks)
            node = await understood(self.ctx, *asked, rights)
        except Problem:
            await self.condition.break_filter(endpoint.id)
            return []
        return [event for event in mine if event.passes(node)]

    def _row(self, viewer: Viewer, endpoint: WebhookEndpoint, event: Event) -> Row:
        due = max(self.ctx.now, endpoint.not_before or self.ctx.now)
        told = event.told
        return {
            "id": self.ctx.new_id(),
            "endpoint_id": endpoint.id,
            "event_id": told.id,
            "event_type": told.type,
            "body": event.thin if endpoint.payload == "thin" else told.body,
            "seen": viewer.seen(told.type, erased=event.erased),
            "next_at": due,
            "kind": SEND,
            "due_at": real(self.ctx, due),
        }


def _new_to(endpoint: WebhookEndpoint, events: Iterable[Event]) -> Iterator[Event]:
    """What has happened since an endpoint was made."""
    old = set(endpoint.passed_over)
    for event in events:
        if event.told.sequence > endpoint.starts_after and event.told.id not in old:
            yield event


def _alike(endpoints: Sequence[WebhookEndpoint]) -> Iterator[Sequence[WebhookEndpoint]]:
    """Those that have the same rights."""
    for _, some in groupby(sorted(endpoints, key=_rights), key=_rights):
        yield list(some)


def _rights(endpoint: WebhookEndpoint) -> tuple[UUID, str, list[str], bool, list[str]]:
    user = str(endpoint.user_id or "")
    return endpoint.created_by, user, sorted(endpoint.scopes), endpoint.masked, endpoint.masks
