"""Every operation, with every id that it can be asked with, by every role: what must come of it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile.catalogue import OPERATIONS, Operation

from .asking import Asking
from .judging import cases


@pytest.fixture(scope="module")
async def rows(digests: Callable[[], Any]) -> dict[str, Any]:
    """A hash of all rows, table by table, as the test before has left them."""
    return dict(await digests())


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda o: o.id)
async def test_each_role_does_what_it_may_and_learns_nothing_else(
    operation: Operation,
    asking: Asking,
    rows: dict[str, Any],
    digests: Callable[[], Any],
) -> None:
    wrong = [said for case in cases(operation) for said in await case.judge(asking)]
    before, after = dict(rows), await digests()
    rows.update(after)
    assert wrong == []
    assert after == before
