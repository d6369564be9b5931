from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Forbidden, Invalid
from crm_api.kit.words import say


class BuiltIn(Conflict):
    """What came with the product stays as it is documented."""

    def __init__(self) -> None:
        super().__init__(
            say("This role came with the product: make one of your own that differs from it.")
        )


class WrongPermissions(Invalid):
    def __init__(self, *wrong: FieldError) -> None:
        super().__init__(say("The permissions cannot be given so."), *wrong)


class ShowsMore(Forbidden):
    """Nobody gives a field that his own roles keep from him."""

    def __init__(self, fields: Iterable[str]) -> None:
        named = ", ".join(fields)
        super().__init__(
            say("Your own roles keep {fields} from you: the role must do so too.", fields=named)
        )


class GivesMore(Forbidden):
    """Nobody gives what he does not hold himself, for the whole group."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            say(
                "Only what you hold yourself for the whole group can be given: {scopes} is not.",
                scopes=scope,
            ),
            missing_scope=[scope],
        )
