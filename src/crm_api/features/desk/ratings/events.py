from typing import ClassVar

from crm_api.kit.events import Event


class RatingQueued(Event):
    """A ticket is resolved: its requester is going to be asked how satisfied he is."""

    type: ClassVar[str] = "rating.queued"


class RatingRequested(Event):
    """It is time to ask the customer: `POST /v1/ratings/{id}/link` makes the link for him. The
    event bears none."""

    type: ClassVar[str] = "rating.requested"


class RatingSuppressed(Event):
    """The customer is not asked; `reason` says why."""

    type: ClassVar[str] = "rating.suppressed"


class RatingAnswered(Event):
    """The customer has answered, by the link or by telephone."""

    type: ClassVar[str] = "rating.answered"


class RatingDetractor(Event):
    """The customer is not satisfied, and the rating is flagged: somebody should look."""

    type: ClassVar[str] = "rating.detractor"


class RatingExpired(Event):
    """Nobody has answered in time."""

    type: ClassVar[str] = "rating.expired"


class RatingLinkMade(Event):
    """Somebody was given a link by which the customer answers. The event bears none."""

    type: ClassVar[str] = "rating.link_made"
