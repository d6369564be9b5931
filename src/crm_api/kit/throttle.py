"""How many requests a caller may send: what requests need to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .actor import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """`remaining` of `quota` requests in a window of `window` seconds that ends in `reset`."""

    policy: str
    quota: int
    window: int
    remaining: int
    reset: int


class Throttle(Protocol):
    async def take(self, actor: "Actor", told: list[tuple[bytes, bytes]]) -> None:
        """One request of the caller's quotas; what is left is added to the answer's headers.

        Raises RateLimited.
        """
        ...

    def refuse(self, actor: "Actor", told: list[tuple[bytes, bytes]]) -> None:
        """Raises RateLimited, as `take` would, where that is known without asking anybody."""
        ...

    def standings(self, actor: "Actor") -> Sequence[Standing]:
        """What is left of each quota, as the last answer told."""
        ...
