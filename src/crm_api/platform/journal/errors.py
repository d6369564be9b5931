from crm_api.kit.errors import Gone, Invalid
from crm_api.kit.words import say


class EventExpired(Gone):
    """What followed the event may have left the feed."""

    code = "event-expired"

    def __init__(self, days: int) -> None:
        super().__init__(say("The feed goes back {days} days, and the event is older.", days=days))


class NoSuchType(Invalid):
    """A type that no event has, or `customers.*` of a noun that there is not."""

    def __init__(self) -> None:
        said = say("There is no such event: see `openapi/events.yaml`.")
        super().__init__(
            say("The feed has no events of this type."),
            {"pointer": "?type", "code": "event_type_unknown", "message": said},
        )


class NoSuchEvent(Invalid):
    """`after` is no event of this tenant that has been told."""

    def __init__(self) -> None:
        said = say("There is no such event.")
        super().__init__(
            say("The feed cannot go on after an event that it does not know."),
            {"pointer": "?after", "code": "unknown_reference", "message": said},
        )
