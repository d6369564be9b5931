from typing import ClassVar

from crm_api.kit.events import Event


class RatingPolicyCreated(Event):
    type: ClassVar[str] = "rating_policy.created"


class RatingPolicyUpdated(Event):
    type: ClassVar[str] = "rating_policy.updated"


class RatingPolicyDeleted(Event):
    type: ClassVar[str] = "rating_policy.deleted"
