"""Writes of several kinds: one statement that commits by itself, and transactions."""

from random import Random
from typing import Any

from .history import Answer, Write

KINDS = ("create", "patch", "add-tags", "batch-upsert")
CUSTOMERS = "/v1/customers"
SHARED, NEWEST, MOST_TAGS = 12, 200, 80


class Requests:
    """Decides what to ask next. Changes hit the newest records, so that callers meet."""

    def __init__(self, name: str, random: Random) -> None:
        self.name, self.random = name, random
        self.made = 0
        self.records: list[str] = []
        self.tags: dict[str, int] = {}

    def next(self, kind: str | None = None) -> Write:
        kind = kind or self.random.choice(KINDS)
        self.made += 1
        mark = f"{self.name}-{self.made}"
        if not self.records and kind in ("patch", "add-tags"):
            kind = "create"
        key = f"{mark}-{self.random.getrandbits(64):x}"
        return Write(key, kind, *_SHAPES[kind](self, mark))

    def learn(self, write: Write, answer: Answer) -> None:
        """Records that were created can be changed from now on."""
        if write.kind == "create" and answer.location:
            self.records.append(answer.location)

    def _some(self) -> str:
        return self.random.choice(self.records[-NEWEST:])

    def create(self, mark: str) -> tuple[str, str, dict[str, Any], tuple[str, ...]]:
        body = _person(mark) | {
            "contact_points": [{"kind": "email", "value": f"{mark}@example.com"}],
            "external_ids": {"shop": mark},
        }
        return "POST", CUSTOMERS, body, (mark,)

    def patch(self, mark: str) -> tuple[str, str, dict[str, Any], tuple[str, ...]]:
        return "PATCH", self._some(), {"name": mark}, (mark,)

    def add_tags(self, mark: str) -> tuple[str, str, dict[str, Any], tuple[str, ...]]:
        """A record has up to a hundred tags."""
        record = self._some()
        self.tags[record] = self.tags.get(record, 0) + 1
        if self.tags[record] == MOST_TAGS:
            self.records.remove(record)
        return "POST", f"{record}/add-tags", {"tags": [mark]}, (mark,)

    def batch_upsert(self, mark: str) -> tuple[str, str, dict[str, Any], tuple[str, ...]]:
        """Two records that are new and two that others change too, in any order."""
        shared = [f"shared-{n}" for n in self.random.sample(range(SHARED), 2)]
        ids = [f"{mark}a", shared[0], f"{mark}b", shared[1]]
        marks = tuple(f"{mark}{letter}" for letter in "acbd")
        items = [{"external_id": i, "data": _person(m)} for i, m in zip(ids, marks, strict=True)]
        return "POST", f"{CUSTOMERS}/batch-upsert", {"system": "erp", "items": items}, marks


def _person(name: str) -> dict[str, Any]:
    return {"kind": "person", "name": name}


_SHAPES = {
    "create": Requests.create,
    "patch": Requests.patch,
    "add-tags": Requests.add_tags,
    "batch-upsert": Requests.batch_upsert,
}
