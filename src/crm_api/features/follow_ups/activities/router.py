from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids

from . import schemas
from .queries import (
    ActivitiesDue,
    ActivityAggregate,
    ActivityPage,
    ActivityQuery,
    ActivitySearch,
    ActivityShown,
)
from .resource import ACTIVITY
from .schemas import ActivityId, ActivityRead
from .service import ActivityService

ids_in_paths(ACTIVITY.prefix)
router = resource("activities", "activities")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=ACTIVITY,
        service=ActivityService,
        read=ActivityRead,
        shown=ActivityShown,
        upsert=schemas.ActivityUpsert,
        batch=schemas.ActivityBatch,
    )
)

Reader = Annotated[ActivityService, provide(ActivityService, "activities:read")]
Writer = Annotated[ActivityService, provide(ActivityService, "activities:write")]


@router.get("", response_model=ActivityPage)
async def list_activities(
    activities: Reader, query: Annotated[ActivityQuery, asked(ActivityQuery)]
) -> Response:
    """List activities. A calendar asks by `happens_at__gte` and `happens_at__lt`, in the order of
    `happens_at`."""
    return listed(await activities.list(query))


@router.post("", status_code=201, response_model=ActivityRead)
async def create_activity(activities: Writer, data: schemas.ActivityCreate) -> Response:
    """Plan an activity, or write down one that is done, such as a call that has just ended."""
    return created(await activities.create(data))


@router.get("/due", response_model=ActivityPage)
async def list_due_activities(
    activities: Reader, query: Annotated[ActivitiesDue, asked(ActivitiesDue)]
) -> Response:
    """List what is to be looked at by now, what is due longest first.

    What is planned is due from its start on, until it is completed, cancelled, missed or put off.
    What is done is due from its `next_contact_at` on, until a later activity with the customer is
    done for the same unit; a note does not count, and neither does a plan, which may come to
    nothing. Your own are `owner_id`.
    """
    return listed(await activities.due(query))


@router.post("/search", response_model=ActivityPage)
async def search_activities(activities: Reader, data: ActivitySearch) -> Response:
    """Find activities by a filter over their fields, and over those of their customers."""
    return answered((await activities.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_activities(activities: Reader, data: ActivityAggregate) -> Response:
    """Count activities in groups of up to three fields, such as calls by owner and week."""
    return answered(await activities.aggregate(data))


@router.get("/{id:act}", response_model=ActivityRead)
async def get_activity(
    activities: Reader, id: ActivityId, query: Annotated[ActivityShown, asked(ActivityShown)]
) -> Response:
    """Read an activity."""
    return found(await activities.get(id, query.expand))


@router.patch("/{id:act}", response_model=ActivityRead)
async def update_activity(
    activities: Writer, id: ActivityId, data: schemas.ActivityUpdate
) -> Response:
    """Change some fields. What was done more than 24 hours ago is changed for a `reason` only,
    which the history keeps; else it is 422 with the code `reason_required`."""
    return changed(await activities.update(id, data))


@router.post("/{id:act}/complete", response_model=ActivityRead)
async def complete_activity(
    activities: Writer, id: ActivityId, data: schemas.ActivityComplete
) -> Response:
    """Say that it is done, what came of it, and when to contact the customer again.

    What was due by earlier activities with the customer is done with, and the profile of the unit
    tells of this contact, if it is the last one.
    """
    return changed(await activities.complete(id, data))


@router.post("/{id:act}/cancel", response_model=ActivityRead)
async def cancel_activity(
    activities: Writer, id: ActivityId, data: schemas.ActivityCancel
) -> Response:
    """Give up what is planned."""
    return changed(await activities.cancel(id, data))


@router.post("/{id:act}/miss", response_model=ActivityRead)
async def miss_activity(activities: Writer, id: ActivityId) -> Response:
    """Say that what was planned did not take place. It can still be completed, or planned again."""
    return changed(await activities.miss(id))


@router.post("/{id:act}/reschedule", response_model=ActivityRead)
async def reschedule_activity(
    activities: Writer, id: ActivityId, data: schemas.ActivityReschedule
) -> Response:
    """Plan it for another time, also what was missed."""
    return changed(await activities.reschedule(id, data))


@router.post("/{id:act}/add-collaborators", response_model=ActivityRead)
async def add_activity_collaborators(
    activities: Writer, id: ActivityId, data: schemas.ParticipantsChange
) -> Response:
    """Add users who take part, whatever others add at the same time."""
    return changed(await activities.add_collaborators(id, data))


@router.post("/{id:act}/remove-collaborators", response_model=ActivityRead)
async def remove_activity_collaborators(
    activities: Writer, id: ActivityId, data: schemas.ParticipantsChange
) -> Response:
    """Remove users who took part, whatever others change at the same time."""
    return changed(await activities.remove_collaborators(id, data))
