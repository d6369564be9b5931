from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asyncpg import Connection
from fastapi import FastAPI

from crm_api.kit.context import House
from crm_api.platform.custom_fields import rules
from tests.hostile.conftest import side_of

from .asking import Asking
from .growing import build
from .planting import Ours, Theirs
from .world import World


@pytest.fixture(scope="module")
def settling() -> Iterator[None]:
    """What has just been retired remains so, however long the matrix takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "SETTLE_SECONDS", 86_400)
        yield


@pytest.fixture(scope="module")
async def world(
    app: FastAPI, house: House, admin: "Connection[Any]", settling: None
) -> AsyncIterator[World]:
    async with (
        side_of(app, house, "Ours", Ours) as ours,
        side_of(app, house, "Theirs", Theirs) as theirs,
    ):
        yield await build(app, house, admin, ours, theirs)


@pytest.fixture(scope="module")
def asking(world: World) -> Asking:
    return Asking(world)
