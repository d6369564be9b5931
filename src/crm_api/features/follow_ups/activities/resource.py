from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Activity, ActivityCollaborator, ActivityState

ACTIVITIES = table_of(Activity)
AHEAD = (ActivityState.planned, ActivityState.missed)
ACTIVITY = Resource(
    noun="activity",
    prefix=Prefix("act"),
    model=Activity,
    machines={
        "state": Machine(
            ActivityState.planned,
            (
                Transition("complete", AHEAD, ActivityState.done),
                Transition("cancel", ActivityState.planned, ActivityState.cancelled),
                Transition("miss", ActivityState.planned, ActivityState.missed),
                Transition("reschedule", ActivityState.missed, ActivityState.planned),
            ),
        )
    },
    merges={
        "activities.customer_id": "repoint",
        "activities.contact_id": "repoint",
        "activity_records.record_id": "repoint",
    },
    custom=True,
)
residents[ACTIVITY.word] = ACTIVITIES.c.business_unit_id
belongings[ACTIVITY.word] = Belongings(
    ACTIVITY,
    roles=(
        Sole("owner", ACTIVITIES.c.owner_id),
        Shared(
            "collaborator",
            ACTIVITIES.c.collaborator_ids,
            table_of(ActivityCollaborator).c.activity_id,
            beside=ACTIVITIES.c.owner_id,
        ),
    ),
    state=ACTIVITIES.c.state,
    live=(ActivityState.planned,),
)
shown["planned_activities"] = Shown(
    ACTIVITY, by="customer_id", where={"state": (ActivityState.planned,)}, sort=("due_at",), most=5
)
shown["recent_activities"] = Shown(
    ACTIVITY,
    by="customer_id",
    where={"state": (ActivityState.done,)},
    sort=("-happens_at",),
    most=10,
)
