"""The contract, as this code serves it."""

from typing import Any

import pytest

from crm_api.main import create_app, openapi
from crm_api.settings import Settings


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return openapi(create_app(Settings()))
