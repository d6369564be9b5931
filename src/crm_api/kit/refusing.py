"""A batch that is refused as a whole: nothing of it is written."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from .batch import Done
from .errors import FieldError, Invalid, Problem
from .mistakes import MOST
from .words import Words, say

T = TypeVar("T")


def refuse_repeated(
    items: Sequence[T | Problem], key: Callable[[T], Hashable], message: Words, at: str = ""
) -> None:
    """Raises Invalid, which names every item whose key an earlier one has; `at` is where in the
    item its key stands."""
    seen: set[Hashable] = set()
    wrong: list[FieldError] = []
    for number, item in enumerate(items):
        if isinstance(item, Problem):
            continue
        if key(item) in seen:
            pointer = f"/items/{number}{at}"
            wrong.append({"pointer": pointer, "code": "repeated", "message": message})
        seen.add(key(item))
    if wrong:
        raise Invalid(say("The batch names the same thing more than once."), *wrong)


def refuse_failures(done: Sequence[Done]) -> None:
    """Raises Invalid, which names every failed item: for a batch that is all or nothing."""
    failed = ((number, one) for number, one in enumerate(done) if isinstance(one, Problem))
    wrong = [mistake for number, one in failed for mistake in _of_item(number, one)]
    if wrong:
        raise Invalid(say("Nothing was written: some items cannot be."), *islice(wrong, MOST))


def _of_item(number: int, problem: Problem) -> Iterator[FieldError]:
    """The mistakes of an item, by their place in the batch."""
    whole: FieldError = {"pointer": "", "code": problem.code, "message": problem.detail}
    for error in problem.errors or (whole,):
        yield {**error, "pointer": f"/items/{number}{error.get('pointer', '')}"}
