"""The chain of a tenant's events, as pure functions: whoever has the rows can reckon it again."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from pydantic_core import to_json

FACTS = (
    "id",
    "type",
    "object_id",
    "version",
    "actor_id",
    "request_id",
    "causation_id",
    "created_at",
)
NAMED_FACTS = ("user_id",)
"""Facts that later releases added; any of them may be null."""


class Event(Protocol):
    """A row with FACTS, NAMED_FACTS and `digest`."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Place:
    """An event's number, and its hash."""

    sequence: int
    hash: bytes


BEGINNING = Place(0, bytes(32))


def link(before: Place, tenant: UUID, event: Event) -> bytes:
    """The hash of the event that follows `before`.

    SHA-256 of a compact JSON array in UTF-8: the hash before (hexadecimal), the event's number,
    the tenant, what FACTS lists, the digest of its values (hexadecimal, or null), and, only where
    there are some, an object of those of NAMED_FACTS that have a value. So an event that has none
    keeps the hash of the release that knew none, and no fact can be taken for another. UUIDs have
    hyphens; `created_at` is as in the API, with milliseconds and `Z`.
    """
    named = {name: event[name] for name in NAMED_FACTS if event[name] is not None}
    digest = event["digest"]
    told = [
        before.hash.hex(),
        before.sequence + 1,
        str(tenant),
        *[event[name] for name in FACTS],
        digest.hex() if digest is not None else None,
        *([named] if named else []),
    ]
    return hashlib.sha256(to_json(told)).digest()


def chained(last: Place, tenant: UUID, events: Iterable[Event]) -> Iterator[Place]:
    """The places of events that follow `last`, in their order."""
    for event in events:
        last = Place(last.sequence + 1, link(last, tenant, event))
        yield last
