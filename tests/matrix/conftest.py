from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection
from fastapi import FastAPI

from crm_api.kit.context import House
from tests.hostile.conftest import side_of

from .asking import Asking
from .growing import build
from .planting import Ours, Theirs
from .world import World


@pytest.fixture(scope="module")
async def world(app: FastAPI, house: House, admin: "Connection[Any]") -> AsyncIterator[World]:
    async with (
        side_of(app, house, "Ours", Ours) as ours,
        side_of(app, house, "Theirs", Theirs) as theirs,
    ):
        yield await build(app, house, admin, ours, theirs)


@pytest.fixture(scope="module")
def asking(world: World) -> Asking:
    return Asking(world)
