from typing import ClassVar

from crm_api.kit.events import Event

from .models import ActivityState


class ActivityCreated(Event):
    """An activity was planned, or written down once it was done."""

    type: ClassVar[str] = "activity.created"


class ActivityUpdated(Event):
    type: ClassVar[str] = "activity.updated"


class ActivityCompleted(Event):
    """What was planned or missed is done."""

    type: ClassVar[str] = "activity.completed"


class ActivityCancelled(Event):
    type: ClassVar[str] = "activity.cancelled"


class ActivityMissed(Event):
    """What was planned did not take place."""

    type: ClassVar[str] = "activity.missed"


class ActivityRescheduled(Event):
    """What was planned or missed is planned for another time."""

    type: ClassVar[str] = "activity.rescheduled"


class ActivityDueChanged(Event):
    """The customer was contacted after a done activity, so that nothing is due by that one any
    more; or that contact was corrected, and something is due again."""

    type: ClassVar[str] = "activity.due_changed"


OF_STATE = {
    None: ActivityUpdated,
    ActivityState.done: ActivityCompleted,
    ActivityState.planned: ActivityRescheduled,
}
"""What another system tells by a state that is new."""
