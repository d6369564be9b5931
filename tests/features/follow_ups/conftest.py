import pytest
from httpx import AsyncClient

from .desk import Desk, desk_of


@pytest.fixture
async def desk(client: AsyncClient) -> Desk:
    return await desk_of(client)
