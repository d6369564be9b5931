"""Ids: UUIDv7 in the database, `cus_` + 32 hex digits on the wire."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .forms import WORDING
from .words import Words, say

ANY_ID = "[a-z]{3}_[0-9a-f]{32}"
"""The form of an id of any noun."""


EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
VERSION_7 = 0x7 << 76 | 0x2 << 62
NOT_VERSION = ~(0xF << 76 | 0x3 << 62)


def uuid7(at: datetime | None = None) -> UUID:
    """RFC 9562: 48 bits of Unix milliseconds, of `at` or of now, then random bits."""
    milliseconds = (at - EPOCH) // MILLISECOND if at else time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10))
    return UUID(int=(milliseconds << 80 | noise) & NOT_VERSION | VERSION_7)


class Rising:
    """Ids of which each is greater than all before it in this process (RFC 9562, 6.2, method 2)."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> UUID:
        self.last = max(uuid7().int, self.last + 1)
        return UUID(int=self.last)


rising = Rising()


def first_at(at: datetime) -> UUID:
    """No id that was made then or later is less."""
    return UUID(int=(at - EPOCH) // MILLISECOND << 80)


def time_of(id: UUID) -> datetime:
    """When an id was made, to the millisecond."""
    return EPOCH + (id.int >> 80) * MILLISECOND


@dataclass(frozen=True, slots=True)
class Prefix:
    """Makes a UUID a typed id: `CustomerId = Annotated[UUID, Prefix("cus")]`."""

    name: str

    def __post_init__(self) -> None:
        WORDING[f"^{self.pattern}$"] = self.wanted

    @property
    def pattern(self) -> str:
        return f"{self.name}_[0-9a-f]{{32}}"

    @property
    def wanted(self) -> Words:
        """What whoever sends something else is told."""
        return say(
            "Send an id that begins with {prefix}_, as the API has told it.", prefix=self.name
        )

    def read(self, text: str) -> UUID:
        return UUID(hex=text[len(self.name) + 1 :])

    def write(self, id: UUID) -> str:
        return f"{self.name}_{id.hex}"

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        wire = core_schema.no_info_after_validator_function(
            self.read, core_schema.str_schema(pattern=f"^{self.pattern}$")
        )
        return core_schema.json_or_python_schema(
            json_schema=wire,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(UUID), wire]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.write, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "maxLength": 64,
            "pattern": f"^{self.pattern}$",
            "examples": [f"{self.name}_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
            **handler(schema),
        }
