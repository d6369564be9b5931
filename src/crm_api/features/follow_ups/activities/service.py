from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.follow_ups.last_contacts.queries import Fields
from crm_api.features.follow_ups.last_contacts.service import LastContactService
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.custom_fields.searching import Searching
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.users.listed import newly_working, with_more, without
from crm_api.platform.users.service import UserService

from . import events, rules, schemas
from .criteria import ACTIVITIES
from .models import Activity, ActivityState
from .queries import ActivitiesDue, ActivityAggregate, ActivityQuery, ActivitySearch
from .repository import ActivityRepository
from .resource import ACTIVITY

Sent = dict[str, Any]
Kind = type[Event]
UPDATED = events.ActivityUpdated
One = Document[schemas.ActivityRead]
Changed = Written[schemas.ActivityRead]


class ActivityService(Searching[schemas.ActivityRead, ActivityQuery]):
    """What was and will be done with customers, and when somebody should look at them again."""

    fields = ACTIVITIES

    def __init__(self, ctx: Context) -> None:
        self.activities = ActivityRepository(ctx)
        super().__init__(ctx, self.activities)
        self.contacts = LastContactService(ctx, self.activities, events.ActivityDueChanged)
        self.units, self.users = BusinessUnitService(ctx), UserService(ctx)
        self.custom = CustomValues(ctx, ACTIVITY)

    async def due(self, query: ActivitiesDue) -> Listing:
        until = query.until or self.ctx.now
        return await self.activities.page(query.model_copy(update={"until": until}))

    async def aggregate(self, asked: ActivityAggregate) -> bytes:
        return await self._figures(ActivitySearch(), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.activities.by_external_id(system, value, expand)

    async def create(self, data: schemas.ActivityCreate) -> Changed:
        sent = rules.begun(data.changes(), self.ctx.actor.user_id, self.ctx.now)
        if sent["done_at"]:
            await self.contacts.alone((), [sent["customer_id"]])
        return await self.contacts.settled(await self._begin(sent))

    async def update(self, id: UUID, data: schemas.ActivityUpdate) -> Changed:
        sent = data.changes()
        activity = await self.contacts.load(id, sent.get("customer_id"))
        return await self.contacts.settled(await self._edit(activity, UPDATED, sent))

    async def complete(self, id: UUID, data: schemas.ActivityComplete) -> Changed:
        activity, done = await self.contacts.load(id), events.ActivityCompleted
        sent = {"state": ActivityState.done, "done_at": self.ctx.now, **data.changes()}
        return await self.contacts.settled(await self._edit(activity, done, sent))

    async def cancel(self, id: UUID, data: schemas.ActivityCancel) -> Changed:
        sent = {"state": ActivityState.cancelled, "reason": data.reason}
        return await self._edit(await self.activities.load(id), events.ActivityCancelled, sent)

    async def miss(self, id: UUID) -> Changed:
        sent = {"state": ActivityState.missed}
        return await self._edit(await self.activities.load(id), events.ActivityMissed, sent)

    async def reschedule(self, id: UUID, data: schemas.ActivityReschedule) -> Changed:
        activity = await self.activities.load(id)
        sent = rules.planned(activity.state, data.model_dump())
        return await self._edit(activity, events.ActivityRescheduled, sent)

    async def add_collaborators(self, id: UUID, data: schemas.ParticipantsChange) -> Changed:
        activity = await self.activities.load(id)
        working = await with_more(self.ctx, activity.collaborator_ids, data.collaborator_ids)
        return await self._revise(activity, UPDATED, {"collaborator_ids": working}, data.reason)

    async def remove_collaborators(self, id: UUID, data: schemas.ParticipantsChange) -> Changed:
        activity = await self.activities.load(id)
        working = without(activity.collaborator_ids, data.collaborator_ids)
        return await self._revise(activity, UPDATED, {"collaborator_ids": working}, data.reason)

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Activity]:
        await self.custom.look_up(sent)
        owners = await self.activities.ids.claim(system, values)
        customers, records = rules.named(sent)
        await self.contacts.alone(owners.values(), customers)
        self.contacts.many = True
        return await self.activities.claim_owned(owners, customers, records)

    async def seen_first(self, sent: Sent) -> Changed:
        rules.check_complete(sent)
        return await self._begin(rules.begun(sent, self.ctx.actor.user_id, self.ctx.now))

    async def seen_again(self, row: Activity, sent: Sent) -> Changed:
        told = rules.told_by_system(vars(row), sent, self.ctx.now)
        return await self._edit(row, events.OF_STATE[told.get("state")], told)

    async def settle(self) -> Mapping[UUID, int]:
        return await self.contacts.settle()

    async def _begin(self, sent: Sent) -> Changed:
        """Raises SayUnit, NotYourUnit, NotYours, WrongPlace and what `_fitting` does."""
        working = sent["owner_id"], *sent["collaborator_ids"]
        unit = await self.units.working(rules.WRITE, sent["business_unit_id"], *working)
        sent = await self.custom.complete({**sent, "business_unit_id": unit})
        values, id = await self._fitting(rules.NEW, sent), self.ctx.new_id()
        values |= await self._judged(id, rules.NEW, values)
        now = rules.contact(values)
        return self.contacts.told(None, now, self.activities.add_new(id=id, **values))

    async def _edit(self, row: Activity, event: Kind, sent: Sent) -> Changed:
        reason = sent.pop("reason", None)
        values = await self._fitting(vars(row), await self.custom.revised(row, sent))
        return await self._revise(row, event, values, reason)

    async def _revise(self, row: Activity, event: Kind, values: Sent, why: str | None) -> Changed:
        """Raises InvalidTransition, Misfitting, ReasonRequired."""
        before, after = vars(row), {**vars(row), **values}
        if "state" in values:
            ACTIVITY.check_transition(row.state, values["state"])
        values |= await self._judged(row.id, before, after)
        rules.check_reason(before, values, why, self.ctx.now)
        was, now = rules.contact(before), rules.contact(after)
        return self.contacts.told(was, now, self.activities.revise(row, event, why, values))

    async def _fitting(self, before: Fields, sent: Sent) -> Sent:
        """What was sent, as columns have it. Raises UnknownReference, UnknownUsers, Archived."""
        await self.users.check_named(newly_working(before, sent))
        await self.activities.check_named(before, sent)
        return rules.spelled(before, sent)

    async def _judged(self, id: UUID, before: Fields, after: Fields) -> Sent:
        """When it is due. Raises Misfitting."""
        rules.check(after, self.ctx.now)
        if all(before[name] == after[name] for name in rules.DUE_BY):
            return {}
        return {"due_at": rules.due(after, await self.contacts.last(after, id))}
