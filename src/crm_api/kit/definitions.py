"""The fields that a tenant has defined itself, as every part of a request knows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from .hiding import Hidden, parameter
from .kinds import Choice, Kind
from .work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Definition:
    """One field: the values under `key` in the `custom` of a noun's records.

    `options` are the values of a select. Who sees masked data does not see a `sensitive` field.
    """

    id: UUID
    key: str
    kind: Kind
    labels: Mapping[str, str]
    description: str | None
    options: Mapping[str, Choice]
    reference_to: str | None
    required: bool
    unique: bool
    indexed: bool
    sensitive: bool
    max_length: int | None
    default: Any
    live: bool


class Definitions(Mapping[str, Definition]):
    """The live fields of a noun by their keys; `every` holds the retired ones too."""

    def __init__(self, every: Mapping[str, Definition]) -> None:
        self.every = every
        self._live = {key: field for key, field in every.items() if field.live}
        self._retired = [key for key, field in every.items() if not field.live]
        self._masked = [key for key, field in every.items() if field.sensitive or not field.live]

    def hidden(self, *, masked: bool) -> list[str]:
        """Keys whose values are not shown to whoever sees masked data, or to anybody."""
        return self._masked if masked else self._retired

    def __getitem__(self, key: str) -> Definition:
        return self._live[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._live)

    def __len__(self) -> int:
        return len(self._live)


NONE = Definitions({})
Fields = Mapping[str, Definitions]
"""By the noun that carries them."""


def hidden(fields: Fields, *, masked: bool) -> Hidden:
    """What statements are told for a caller."""
    return {parameter(noun): known.hidden(masked=masked) for noun, known in fields.items()}


class FieldBook(Protocol):
    """What each tenant has defined; a process may learn of another one's change a second late."""

    async def of(self, work: UnitOfWork) -> Fields:
        """As it was within the last second."""
        ...

    async def again(self, work: UnitOfWork) -> Fields:
        """As it is."""
        ...

    def forget(self, tenant_id: UUID) -> None:
        """What a tenant has defined is no longer what it was."""
        ...


class NoFields:
    """Where nobody defines anything."""

    async def of(self, work: UnitOfWork) -> Fields:
        return {}

    async def again(self, work: UnitOfWork) -> Fields:
        return {}

    def forget(self, tenant_id: UUID) -> None:
        return None
