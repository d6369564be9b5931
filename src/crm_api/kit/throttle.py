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


TENTH = 10


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` requests in a window of `window` seconds.

    The last tenth is granted one by one, and never promised: an answer may be a moment behind
    what other processes grant, and whoever goes by it is served all the same.
    """

    policy: str
    most: int
    window: int

    @property
    def promised(self) -> int:
        return self.most - max(1, self.most // TENTH)

    @property
    def first(self) -> int:
        """What a process asks for before it knows how much it needs."""
        return max(1, self.most // 100)


class Throttle(Protocol):
    async def take(self, actor: "Actor", told: list[tuple[bytes, bytes]]) -> None:
        """One request of the caller's quotas; what is left is added to the answer's headers.

        Raises RateLimited.
        """
        ...

    async def spend(self, actor: "Actor", quota: Quota) -> None:
        """One of what a user, or a key of nobody's, may do of some kind. Raises RateLimited."""
        ...

    def refuse(self, actor: "Actor", told: list[tuple[bytes, bytes]]) -> None:
        """Raises RateLimited, as `take` would, where that is known without asking anybody."""
        ...

    def standings(self, actor: "Actor") -> Sequence[Standing]:
        """What is left of each quota, as the last answer told."""
        ...
