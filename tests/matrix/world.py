"""Whom the matrix is about: callers with every role in a unit of a group, and records that are
their unit's, another unit's, archived, and another tenant's."""

from dataclasses import dataclass, field

from fastapi import FastAPI

from tests.hostile.conftest import Side

WEST = "plantedwest"
"""The marker of another unit of the group."""
UNKNOWN = {"behalf": "usr"}
Records = dict[str, str]


def external_id(prefix: str) -> str:
    """The name of what another system calls a record of a noun."""
    return f"external_id_{prefix}"


@dataclass
class Caller:
    name: str
    key: str
    user: str | None = None
    own: dict[str, Records] = field(default_factory=dict)
    """Ids by whose they are and by prefix, of what others do not see."""
    hidden: set[str] = field(default_factory=set)
    """Hexadecimal ids, which no answer may have unless they were sent; and so are `markers`."""
    markers: tuple[bytes, ...] = ()


@dataclass
class World:
    app: FastAPI
    ours: Side
    theirs: Side
    records: dict[str, Records]
    callers: dict[str, Caller]
    shared: set[str] = field(default_factory=set)

    def id(self, caller: str, whose: str, prefix: str) -> str:
        """What is gone, as deliveries are with their endpoint, nobody knows."""
        unknown = f"{UNKNOWN.get(prefix, prefix)}_{'f' * 32}"
        own = self.records.get(whose, {}) | self.callers[caller].own.get(whose, {})
        return own.get(prefix, unknown)
