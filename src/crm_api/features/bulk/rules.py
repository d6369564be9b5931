"""Which customers a change is for, and what became of each, as bytes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.batch import Done
from crm_api.kit.errors import FieldError, Problem

SIZE, LARGEST = 16, 16_384
"""Bytes of an id, and ids of a part."""


def packed(ids: Sequence[UUID]) -> list[bytes]:
    """Parts of a file of ids."""
    parts = (ids[at : at + LARGEST] for at in range(0, len(ids), LARGEST))
    return [b"".join(id.bytes for id in part) for part in parts]


def unpacked(part: bytes) -> list[UUID]:
    return [UUID(bytes=part[at : at + SIZE]) for at in range(0, len(part), SIZE)]


def previewed(total: Mapping[str, Any], records: str) -> bytes:
    told = to_json({"object": "bulk_preview", "total": total})
    return told[:-1] + b',"sample":' + records.encode() + b"}"


def in_values(problem: Problem) -> Problem:
    """What is wrong is told where it stood in the request."""
    found: list[FieldError] = [
        {**error, "pointer": error.get("pointer", "").replace("/data", "/values", 1)}
        for error in problem.errors
    ]
    problem.errors = tuple(found)
    return problem


def outcome(id: UUID, done: Done | None, problem: Mapping[str, Any] | None) -> tuple[str, bytes]:
    """What became of a customer, in a word and as a line; null is one that was passed over."""
    word, version = "skipped", None
    if isinstance(done, Problem):
        word = "failed"
    elif done is not None:
        word, version = done.outcome, done.version
    told = {"id": CUSTOMER.prefix.write(id), "outcome": word, "version": version}
    return word, to_json(told | {"problem": problem}) + b"\n"
