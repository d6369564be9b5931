"""What a request costs, counted where it is spent and told where it is answered."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any


class Spent:
    """Statements and the seconds that the database took for them, of the request in `scope`."""

    __slots__ = ("scope", "seconds", "statements", "traced")

    def __init__(self, scope: Mapping[str, Any], traced: bool) -> None:
        self.scope, self.traced = scope, traced
        self.statements, self.seconds = 0, 0.0

    @property
    def operation(self) -> str | None:
        """`getCustomer`; null before a route is found."""
        inside = self.scope.get("as_get", self.scope)
        return getattr(inside.get("route"), "operation_id", None)


SPENT: ContextVar[Spent | None] = ContextVar("spent", default=None)
