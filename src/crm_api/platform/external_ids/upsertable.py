"""What services say of their records, so that other systems may upsert them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.db import Entity
from crm_api.kit.projection import Document, Written

M = TypeVar("M", bound=Entity)
Sent = dict[str, Any]


class Upsertable(Protocol[M]):
    """What a resource's service says of itself, so that other systems may upsert its records."""

    ctx: Context

    async def by_external_id(self, system: str, value: str) -> Document[Any]:
        """The record that the caller sees. Raises NotFound."""

    async def claim(self, system: str, values: Sequence[str], sent: Sequence[Sent]) -> dict[str, M]:
        """The records of these external ids, locked; nobody else gives the others a record."""

    async def seen_first(self, sent: Sent) -> Written[Any]:
        """A record that nobody knew; `sent` names its external id."""

    async def seen_again(self, row: M, sent: Sent) -> Written[Any]:
        """A record that is there, as the system sees it now."""


@runtime_checkable
class Gathering(Protocol):
    """An `Upsertable` that keeps new records back, to write those of a request together."""

    async def write_new(self) -> None:
        """All that were seen first since the last claim."""


@runtime_checkable
class Settling(Protocol):
    """An `Upsertable` where more follows when all records of a request have been seen."""

    async def settle(self) -> Mapping[UUID, int]:
        """The versions of the records that this has changed once more."""
