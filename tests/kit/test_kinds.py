"""Kept values sort as the values do."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_api.kit.ids import EPOCH
from crm_api.kit.kinds import WHOLE, Kind, kept, read

VALUES: dict[Kind, Any] = {
    Kind.text: st.text(max_size=20),
    Kind.number: st.integers(-WHOLE, WHOLE),
    Kind.decimal: st.decimals(-(10**18) + 1, 10**18 - 1, places=10),
    Kind.boolean: st.booleans(),
    Kind.date: st.dates(date(1800, 1, 1), date(2199, 12, 31)),
    Kind.datetime: st.integers(-5 * 10**12, 7 * 10**12).map(
        lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds)
    ),
}


@pytest.mark.parametrize("kind", VALUES)
def test_kept_values_sort_as_the_values_do(kind: Kind) -> None:
    @given(VALUES[kind], VALUES[kind])
    def sorts(one: Any, other: Any) -> None:
        texts = kept(kind, one), kept(kind, other)
        assert (one < other) == (texts[0] < texts[1])
        assert (one == other) == (texts[0] == texts[1])

    sorts()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.number, 1.0),
        (Kind.number, True),
        (Kind.number, 2**53),
        (Kind.number, "1"),
        (Kind.decimal, 1.5),
        (Kind.decimal, "1e3"),
        (Kind.decimal, "0.12345678901"),
        (Kind.decimal, "NaN"),
        (Kind.boolean, 1),
        (Kind.boolean, "true"),
        (Kind.date, "2026-02-30"),
        (Kind.date, 0),
        (Kind.datetime, "2026-02-28"),
        (Kind.datetime, "2026-02-28T10:00:00"),
        (Kind.reference, "somebody"),
        (Kind.text, 1),
    ],
)
def test_what_is_not_of_the_kind_is_refused(kind: Kind, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(kind, value)


def test_a_decimal_is_exact() -> None:
    assert read(Kind.decimal, "-0.10") == Decimal("-0.1")
    assert kept(Kind.decimal, Decimal("-0")) == kept(Kind.decimal, Decimal("0.00"))
