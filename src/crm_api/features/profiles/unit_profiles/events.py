from typing import ClassVar

from crm_api.kit.events import Event


class UnitProfileCreated(Event):
    """A business unit began to keep a profile of a customer."""

    type: ClassVar[str] = "unit_profile.created"


class UnitProfileUpdated(Event):
    """The owner, collaborators, grade, credit terms or last contact of a profile changed."""

    type: ClassVar[str] = "unit_profile.updated"


class UnitProfileLifecycleChanged(Event):
    """A customer was won, went dormant, was lost or blocked in a business unit, or came back."""

    type: ClassVar[str] = "unit_profile.lifecycle_changed"


class UnitProfileGradeExpired(Event):
    """The time of a grade is over: the customer has none in this business unit any more."""

    type: ClassVar[str] = "unit_profile.grade_expired"
