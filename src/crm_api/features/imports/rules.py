"""Lines of a file, as items of a batch; and what became of them, as lines of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from crm_api.features.customers.schemas import CustomerBatchItem
from crm_api.features.sheets.schemas import SheetItem
from crm_api.kit.batch import Done
from crm_api.kit.bodies import read_json
from crm_api.kit.errors import FieldError, Problem
from crm_api.platform.external_ids.schemas import BatchItem

from .errors import OtherCells, RepeatedLine

ITEMS: TypeAdapter[BatchItem[Any]] = TypeAdapter(CustomerBatchItem)
CELLS: TypeAdapter[BatchItem[Any]] = TypeAdapter(SheetItem)
EXTERNAL_ID = "external_id"


@dataclass(frozen=True, slots=True)
class Line:
    """`first` is the line that had the same id before, if one had."""

    number: int
    id: str | None
    first: int | None
    content: bytes


def line_of(stored: bytes) -> Line:
    head, _, content = stored.partition(b"\t")
    number, id, first = from_json(head)
    return Line(number, id, first, content)


def cells_of(line: Line, columns: Sequence[str]) -> list[str] | Problem:
    cells: list[str] = from_json(line.content)
    return cells if len(cells) == len(columns) else OtherCells(len(columns), len(cells))


def item_of(line: Line, record: Mapping[str, Any] | Problem | None) -> BatchItem[Any] | Problem:
    """`record` is what the cells of a table's line say; null of a line that is an item itself."""
    if isinstance(record, Problem):
        return record
    if line.first is not None:
        return RepeatedLine(line.first)
    try:
        if record is None:
            return _read(line.content, ITEMS)
        data = {name: value for name, value in record.items() if name != EXTERNAL_ID}
        id = {EXTERNAL_ID: line.id} if line.id is not None else {}
        return _read(to_json({**id, "data": data}), CELLS)
    except Problem as problem:
        return problem


def _read(sent: bytes, adapter: TypeAdapter[BatchItem[Any]]) -> BatchItem[Any]:
    item: BatchItem[Any] = read_json(sent, adapter)
    return item


def in_columns(done: Done) -> Done:
    """A table has no `data`: what is wrong is told by the name of the column."""
    if isinstance(done, Problem):
        found: list[FieldError] = [
            {**error, "pointer": error.get("pointer", "").removeprefix("/data")}
            for error in done.errors
        ]
        done.errors = tuple(found)
    return done


def outcome(line: Line, done: Done, problem: Mapping[str, Any] | None) -> bytes:
    told: dict[str, Any] = {"line": line.number, "external_id": line.id}
    if isinstance(done, Problem):
        told |= {"outcome": "failed", "id": None, "version": None}
    else:
        told |= {"outcome": done.outcome, "id": done.name(), "version": done.version}
    return to_json(told | {"problem": problem}) + b"\n"
