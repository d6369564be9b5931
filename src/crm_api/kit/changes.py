"""What a unit of work has gathered: rows and events that leave in one statement."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Table

from .hiding import Hidden
from .journal import Recorded
from .schema import Read
from .writing import Step, Verb, hidden_by, write_all

Row = Mapping[str, Any]
CHANGING = ("insert", "update")


class Changes:
    """Staged rows by step, in the order of the steps, and the events that tell of them."""

    def __init__(self, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self.steps: dict[Step, list[Row]] = {}
        self.events: list[Row] = []
        self.reads: dict[type[Read], None] = {}

    def __bool__(self) -> bool:
        return bool(self.steps)

    def stage(self, verb: Verb, table: Table, row: Row) -> None:
        full = {"tenant_id": self.tenant_id, **row}
        self.steps.setdefault(Step(verb, table, tuple(full)), []).append(full)

    def record(self, event: Recorded, read: type[Read]) -> None:
        self.events.append({"tenant_id": self.tenant_id, **event})
        self.reads[read] = None

    def tell_of(self, id: UUID | None) -> bool:
        return any(event["object_id"] == id for event in self.events)

    def rows_of(self, table: Table) -> list[Row]:
        """What is added to a table or changed in it."""
        steps = self.steps.items()
        return [row for s, rows in steps if s.table is table and s.verb in CHANGING for row in rows]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def statement(
        self, answer: UUID | None, keep: Row | None, hidden: Hidden
    ) -> tuple[str, list[Any]]:
        """SQL that writes all of it and answers with the document of `answer`, and its arguments;
        `keep` is a row of `KeptAnswer` that takes this document."""
        sql = write_all(tuple(self.steps), tuple(self.reads), keeps=keep is not None)
        arguments: list[Any] = [_text(self.events), *(_text(rows) for rows in self.steps.values())]
        if keep is not None:
            arguments.append(_text({"tenant_id": self.tenant_id, **keep}))
        arguments += [hidden.get(name, []) for name in hidden_by(self.reads)]
        return sql, [self.tenant_id, answer, *arguments]


def _text(rows: Any) -> str:
    return to_json(rows).decode()
