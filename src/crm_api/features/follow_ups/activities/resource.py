from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Activity, ActivityCollaborator, ActivityState

ACTIVITIES = table_of(Activity)
ACTIVITY = Resource(
    noun="activity",
    prefix=Prefix("act"),
    model=Activity,
    states={
        ActivityState.planned: (
            ActivityState.done,
            ActivityState.cancelled,
            ActivityState.missed,
        ),
        ActivityState.missed: (ActivityState.done, ActivityState.planned),
        ActivityState.done: (),
        ActivityState.cancelled: (),
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
