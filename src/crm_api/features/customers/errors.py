from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class OtherKind(Conflict):
    """A person has no tax number, an organization no birthday, and neither becomes the other."""

    def __init__(self, kind: str, fields: list[str]) -> None:
        message = say("This does not fit a customer of kind {kind}.", kind=kind)
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "other_kind", "message": message} for name in fields
        ]
        super().__init__(say("This customer is of kind {kind}.", kind=kind), *wrong)


class CircularParent(Invalid):
    """The tree of organizations has no circles, and only organizations in it."""

    def __init__(self) -> None:
        message = say("Send an organization that is not this one and not below it.")
        super().__init__(
            say("An organization cannot stand below itself or below a person."),
            {"pointer": "/parent_id", "code": "circular_parent", "message": message},
        )


class IncompleteCustomer(Invalid):
    """A customer that is seen for the first time needs a kind and a name."""

    def __init__(self, missing: list[str]) -> None:
        message = say("This field is required for a customer that is not there yet.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "missing", "message": message} for name in missing
        ]
        super().__init__(say("No customer has this external id yet."), *wrong)
