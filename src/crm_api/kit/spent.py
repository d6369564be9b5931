"""What a request costs, counted where it is spent and told where it is answered."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Spent:
    """Statements and the seconds that the database took for them, of the request in `scope`."""

    scope: Mapping[str, Any]
    statements: int = 0
    seconds: float = 0.0

    @property
    def operation(self) -> str | None:
        """`getCustomer`; null before a route is found."""
        return getattr(self.scope.get("route"), "operation_id", None)


SPENT: ContextVar[Spent | None] = ContextVar("spent", default=None)
