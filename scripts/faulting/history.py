"""What was asked and what was heard, attempt by attempt: what the database is measured by."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from httpx import Response

Fate = Literal["done", "not done", "either"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What must be the same in every repetition, and whether it says that it is one."""

    status: int
    body: bytes
    etag: str | None
    location: str | None
    replayed: bool

    @classmethod
    def of(cls, response: Response) -> "Answer":
        said = response.headers
        return cls(
            response.status_code,
            response.content,
            said.get("etag"),
            said.get("location"),
            said.get("idempotent-replayed") == "true",
        )

    def told(self) -> tuple[int, bytes, str | None, str | None]:
        return self.status, self.body, self.etag, self.location


@dataclass(slots=True, eq=False)
class Write:
    """One intention of a caller. Each of `marks` is a text that nothing else writes.

    `fate` is what the point of death says of the first attempt; `doubts` counts the attempts of
    which the caller cannot know whether they had their effect.
    """

    key: str
    kind: str
    method: str
    path: str
    body: dict[str, Any]
    marks: tuple[str, ...]
    answers: list[Answer] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    fate: Fate = "either"
    doubts: int = 0
    begun: float = 0.0
    waited: float = 0.0
    """Seconds from the first attempt to the first answer."""
    stuck: bool = False


class History:
    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.lines: list[dict[str, Any]] = []
        self.saved = 0
        self.born = time.monotonic()

    def note(self, write: Write, what: str, **said: Any) -> None:
        """`what` is invoke, ok, fail or unknown."""
        at = round(time.monotonic() - self.born, 4)
        self.lines.append({"at": at, "key": write.key, "what": what, **said})

    def invoked(self, write: Write, port: int, point: str) -> None:
        write.begun = write.begun or time.monotonic()
        self.note(write, "invoke", kind=write.kind, port=port, point=point)

    def ok(self, write: Write, answer: Answer) -> None:
        write.waited = write.waited or time.monotonic() - write.begun
        write.answers.append(answer)
        self.note(write, "ok", status=answer.status, etag=answer.etag, replayed=answer.replayed)

    def refused(self, write: Write, response: Response) -> None:
        write.refusals.append(f"{response.status_code} {response.text[:300]}")
        self.note(write, "fail", status=response.status_code)

    def unknown(self, write: Write, reason: str, *, doubtful: bool) -> None:
        write.doubts += doubtful
        self.note(write, "unknown", reason=reason)

    def count(self, what: str) -> int:
        return sum(line["what"] == what for line in self.lines)

    def save(self, path: Path) -> None:
        """One JSON line for each thing that has happened since the last time, in order."""
        with path.open("a") as file:
            file.writelines(json.dumps(line) + "\n" for line in self.lines[self.saved :])
        self.saved = len(self.lines)
