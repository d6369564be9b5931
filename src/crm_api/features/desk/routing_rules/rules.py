"""Where a ticket goes."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Placed:
    """The queue, and what an agent must be able to do; `rule_id` is the rule that says so. Without
    one it is the default queue, or none."""

    queue_id: UUID | None
    skills: tuple[str, ...] = ()
    rule_id: UUID | None = None
