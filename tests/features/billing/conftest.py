import pytest

from tests.features.trade.conftest import ordering as ordering
from tests.features.trade.conftest import told as told
from tests.features.trade.ordering import Counter

from .till import Till


@pytest.fixture
def till(ordering: Counter) -> Till:
    return Till(ordering)
