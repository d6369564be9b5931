"""Many changes in one request: together in one statement, and one bad item costs one item."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import Response
from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import to_json

from .context import Context
from .db import broken_constraint
from .duplicates import name_the_field
from .errors import FieldError, Invalid, Problem
from .http import Reply
from .ids import ANY_ID
from .languages import language_headers
from .mistakes import mistakes
from .problems import ProblemBody, problem_body
from .projection import Written
from .words import say

MOST_ITEMS, MOST_IDS, MOST_CHANGED = 100, 200, 10_000
T = TypeVar("T")
Done = Written[Any] | Problem
PutAll = Callable[[Sequence[T]], Awaitable[list[Done]]]
LockAll = Callable[[Sequence[T]], Awaitable[object]]


async def run_batch(
    ctx: Context,
    items: Sequence[T | Problem],
    lock: LockAll[T],
    put: PutAll[T],
    within: str = "/data",
) -> list[Done]:
    """All items together; where the database refuses that, in halves, down to those at fault.

    `put` stages what its items change, or gives an item's problem; what it locks is lost with what
    it writes. So `lock` takes all that items will need, in an order that all callers keep. What is
    written of a record stands `within` its item.
    """
    good = [item for item in items if not isinstance(item, Problem)]
    together = await _attempt(ctx, good, put)
    if isinstance(together, Problem):
        await lock(good)
        together = await _apart(ctx, good, put, within)
    told = iter(together)
    return [item if isinstance(item, Problem) else next(told) for item in items]


async def _apart(ctx: Context, items: Sequence[T], put: PutAll[T], within: str) -> list[Done]:
    found = await _attempt(ctx, items, put)
    if not isinstance(found, Problem):
        return found
    if len(items) == 1:
        return [in_item(found, within)]
    at = len(items) // 2
    first = await _apart(ctx, items[:at], put, within)
    return [*first, *await _apart(ctx, items[at:], put, within)]


async def _attempt(ctx: Context, items: Sequence[T], put: PutAll[T]) -> list[Done] | Problem:
    events = ctx.events.copy()
    try:
        async with ctx.work.savepoint():
            return await put(items)
    except asyncpg.IntegrityConstraintViolationError as error:
        ctx.events = events
        problem = broken_constraint(error)
        name_the_field(ctx, problem, error)
        return problem


def in_item(problem: Problem, within: str = "/data") -> Problem:
    """A rule speaks of a record's own members; in an item these stand `within` something."""
    found: list[FieldError] = [
        {**error, "pointer": f"{within}{error.get('pointer', '')}"} for error in problem.errors
    ]
    problem.errors = tuple(found)
    return problem


class Outcome(BaseModel):
    """What became of one item of a batch."""

    index: Annotated[int, Field(description="Its place in the request, from 0.", examples=[0])]
    outcome: Annotated[
        str,
        Field(
            json_schema_extra={"x-extensible-enum": ["created", "updated", "unchanged", "failed"]},
            examples=["updated"],
        ),
    ]
    id: Annotated[
        str | None,
        Field(
            pattern=f"^{ANY_ID}$",
            description="The record; null where the item failed.",
            examples=["cus_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]
    version: Annotated[
        int | None, Field(description="The record's; its ETag carries it.", examples=[2])
    ]
    problem: Annotated[ProblemBody | None, Field(description="Why it failed; else null.")]


class Outcomes(BaseModel):
    """One outcome per item, in the order of the request."""

    data: list[Outcome]


def _leniently(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        return Invalid(say("The item does not fit the contract."), *mistakes("body", error, value))


LENIENT = WrapValidator(_leniently)
"""`Annotated[Item, LENIENT]`: an item with mistakes becomes its problem; the others go on."""


def answered(ctx: Context, done: Sequence[Done]) -> Response:
    """200, or 207 where some items failed."""
    body = to_json({"data": [_outcome(ctx, number, one) for number, one in enumerate(done)]})
    if any(isinstance(one, Problem) for one in done):
        return Reply(body, 207, *language_headers(ctx.language))
    return Reply(body)


def _outcome(ctx: Context, number: int, one: Done) -> dict[str, Any]:
    told: dict[str, Any] = {"index": number}
    if isinstance(one, Problem):
        problem = problem_body(one, f"#/items/{number}", ctx.request_id, ctx.language)
        return told | {"outcome": "failed", "id": None, "version": None, "problem": problem}
    told |= {"outcome": one.outcome, "id": one.name(), "version": one.version}
    return told | {"problem": None}
