from typing import ClassVar

from crm_api.kit.events import Event


class DealCreated(Event):
    type: ClassVar[str] = "deal.created"


class DealUpdated(Event):
    type: ClassVar[str] = "deal.updated"


class DealMoved(Event):
    """A deal came to another open stage of its pipeline, or to another pipeline."""

    type: ClassVar[str] = "deal.moved"


class DealWon(Event):
    type: ClassVar[str] = "deal.won"


class DealLost(Event):
    type: ClassVar[str] = "deal.lost"


class DealReopened(Event):
    """A deal that was won or lost is worked on again."""

    type: ClassVar[str] = "deal.reopened"


class DealBecameStale(Event):
    """A deal has been in its stage for longer than the stage allows."""

    type: ClassVar[str] = "deal.became_stale"


class DealArchived(Event):
    type: ClassVar[str] = "deal.archived"


class DealRestored(Event):
    type: ClassVar[str] = "deal.restored"
