"""What is wrong with a chain, as pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from crm_api.platform.journal.rules import Event, Place, link

EDITED = "was edited"
SWAPPED = "stands where another one stood: they were swapped"
INSERTED = "was inserted"
VALUES = "has other values than it had"
REWRITTEN = "is not what the checkpoint says: the chain was written anew"
UNHASHED = "has lost its hash"
UNNUMBERED = "has lost its number"
TRUNCATED = "is missing, and a checkpoint names it: the end was cut off"
ORPHANED = "has values but is missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong; `sequence` is null for an event that has no number."""

    sequence: int | None
    said: str
    event: str | None = None

    @property
    def place(self) -> str:
        number = "" if self.sequence is None else f" {self.sequence}"
        return f"event{number}{f' ({self.event})' if self.event else ''}"


def judge(before: Place, tenant: UUID, row: Event) -> Finding | None:
    """What is wrong with the next row that the database has.

    A row has what `link` takes, and `sequence, hash, found, is_erased, kept`: the digest of the
    values that are there, whether there are none, and the hash that a checkpoint kept.
    """
    expected = before.sequence + 1
    if row["sequence"] != expected:
        return Finding(expected, _missing(expected, row["sequence"]))
    if link(before, tenant, row) != row["hash"]:
        return Finding(expected, EDITED, row["id"])
    if row["kept"] not in (None, row["hash"]):
        return Finding(expected, REWRITTEN, row["id"])
    if not row["is_erased"] and row["found"] != row["digest"]:
        return Finding(expected, VALUES, row["id"])
    return None


def _missing(expected: int, found: int) -> str:
    if found == expected + 1:
        return "is missing: it was deleted"
    return f"and those up to {found - 1} are missing: they were deleted"


def explain(before: Place, tenant: UUID, rows: Sequence[Event]) -> str:
    """How the first of some rows came to be another than was chained: whether one of the next
    belongs in its place, with the hash that either has."""
    row, *others = rows
    for other in others:
        rightful = link(before, tenant, other)
        if rightful == row["hash"]:
            return SWAPPED
        if rightful == other["hash"]:
            return INSERTED if other is others[0] and not _fits(row, other, tenant) else SWAPPED
    return EDITED


def _fits(row: Event, other: Event, tenant: UUID) -> bool:
    """Whether the row was chained after the other one."""
    after = Place(row["sequence"], other["hash"])
    return bool(link(after, tenant, row) == row["hash"])
