"""What a definition must be, as pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.definitions import Definition
from crm_api.kit.errors import FieldError
from crm_api.kit.kinds import Choice, Kind
from crm_api.kit.words import Words, say

from .errors import NotFit

MOST_FIELDS = 200
LONGEST, LONGEST_INDEXED = 2000, 500
"""Of a text, in characters; an entry of a b-tree holds a third of a page."""
SETTLE_SECONDS = 60
"""After a retirement: how long until all requests that knew the field as live have ended."""
SELECTS = (Kind.select, Kind.multi_select)
NEVER_UNIQUE = (Kind.boolean, Kind.multi_select)
Row = Mapping[str, Any]


def definition_of(row: Row) -> Definition:
    """A row of the table, or what is going to be one."""
    return Definition(
        id=UUID(str(row["id"])),
        key=row["key"],
        kind=Kind(row["kind"]),
        labels=row["labels"],
        description=row["description"],
        options={o["value"]: Choice(o["labels"], o["retired"]) for o in row["options"]},
        reference_to=row["reference_to"],
        required=row["required"],
        unique=row["unique"],
        indexed=row["indexed"],
        sensitive=row["sensitivity"] != "none",
        max_length=row["max_length"],
        default=row["default"],
        live=row["state"] == "live",
    )


def check(row: Row) -> None:
    """Raises NotFit with all that contradicts something else."""
    wrong = [*_options(row), *_of_kind(row), *_unique(row)]
    if wrong:
        raise NotFit(*wrong)


def _options(row: Row) -> Iterator[FieldError]:
    values = [option["value"] for option in row["options"]]
    if (Kind(row["kind"]) in SELECTS) is not bool(values):
        yield _wrong(
            "options", "options_of_kind", say("A select has options, no other kind has them.")
        )
    if len(set(values)) < len(values):
        yield _wrong("options", "repeated", say("Send each option once."))


def _of_kind(row: Row) -> Iterator[FieldError]:
    kind = Kind(row["kind"])
    if (kind is Kind.reference) is not bool(row["reference_to"]):
        message = say("A reference says to which noun, no other kind does.")
        yield _wrong("reference_to", "reference_of_kind", message)
    if kind is Kind.reference and row["default"] is not None:
        yield _wrong("default", "default_of_kind", say("A reference has no default."))
    if row["max_length"] is None:
        return
    if kind is not Kind.text:
        yield _wrong("max_length", "length_of_kind", say("Only a text has a greatest length."))
    elif row["indexed"] and row["max_length"] > LONGEST_INDEXED:
        message = say("An indexed text has {most} characters at most.", most=LONGEST_INDEXED)
        yield _wrong("max_length", "too_long_to_index", message)


def _unique(row: Row) -> Iterator[FieldError]:
    if row["unique"] and row["kind"] in NEVER_UNIQUE:
        yield _wrong("unique", "never_unique", say("Values of this kind cannot be unique."))
    if row["unique"] and row["default"] is not None:
        yield _wrong(
            "default", "never_unique", say("A value that is unique cannot be the default.")
        )


def check_options(before: Sequence[Row], after: Sequence[Row]) -> None:
    """Options are retired, not removed: records may have them."""
    lost = {option["value"] for option in before} - {option["value"] for option in after}
    if lost:
        message = say("Retire options instead of removing them: records may have them.")
        wrong = _wrong("options", "option_removed", message)
        raise NotFit({**wrong, "params": {"missing": sorted(lost)}})


def check_labels(labels: Row) -> None:
    if not labels:
        raise NotFit(
            _wrong("labels", "missing", say("A field has a label in one language at least."))
        )


def _wrong(name: str, code: str, message: Words) -> FieldError:
    return {"pointer": f"/{name}", "code": code, "message": message}
