"""What an overview sums up is hidden with the field that it sums up."""

import pytest

from crm_api.features.overviews.schemas import OpenDeals
from crm_api.kit import overviews
from crm_api.kit.overviews import part
from crm_api.kit.statement import as_text


def test_a_sum_is_null_to_whom_the_field_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    told = as_text(part("open_deals", OpenDeals, None))
    assert "sum(shown_open_deals.amount)" in told
    monkeypatch.setattr(overviews, "hidden", lambda read, masks: frozenset({"amount"}))
    veiled = as_text(part("open_deals", OpenDeals, None, frozenset({"deals.amount"})))
    assert "sum(" not in veiled
    assert "'\"amounts\":' || 'null'" in veiled
