"""What a rule of a price book makes of a price: exact, and rounded as shops round."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_api.features.catalogue.price_books.schemas import read_rules

from .shelf import Json

AMOUNTS = st.decimals(0, 999_999_999_999, allow_nan=False, places=6)
PERCENTS = st.decimals(-100, 1000, allow_nan=False, places=4)
STEPS = st.decimals(Decimal("0.000001"), 1000, allow_nan=False, places=6)


@st.composite
def roundings(draw: st.DrawFn) -> Json | None:
    to = draw(STEPS)
    below = st.decimals(0, to, allow_nan=False, places=6).filter(lambda ending: ending < to)
    ending = draw(st.none() | below)
    mode = draw(st.sampled_from(["half_up", "up", "down"]))
    said = {"to": str(to), "mode": mode, "ending": ending and str(ending)}
    return draw(st.sampled_from([None, said]))


def made_from(base: Decimal, said: Json) -> Decimal | None:
    [one] = read_rules([{"category_id": None, "kind": None, "base": "parent", **said}])
    return one.of(base)


@given(base=AMOUNTS, percent=PERCENTS, plus=st.none() | AMOUNTS, rounding=roundings())
@example(Decimal("0.045"), Decimal(0), None, {"to": "0.03", "mode": "half_up", "ending": None})
@example(Decimal("0.5"), Decimal(0), None, {"to": "1", "mode": "half_up", "ending": None})
@example(Decimal("12.34"), Decimal(0), None, {"to": "1", "mode": "down", "ending": "0.99"})
@example(Decimal("0"), Decimal(0), None, {"to": "10", "mode": "down", "ending": "9.99"})
def test_what_a_rule_makes_is_the_exact_price_rounded_as_it_says(
    base: Decimal, percent: Decimal, plus: Decimal | None, rounding: Json | None
) -> None:
    """Held against the arithmetic of fractions."""
    said = {"percent": str(percent), "plus": plus and str(plus), "rounding": rounding}
    exact = Fraction(base) * (100 + Fraction(percent)) / 100 + Fraction(plus or 0)
    grid = rounding or {"to": "0.000001", "mode": "half_up", "ending": None}
    to, ending = Fraction(grid["to"]), Fraction(grid["ending"] or 0)
    steps = (exact - ending) / to
    whole = {
        "up": -(-steps // 1),
        "down": steps // 1,
        "half_up": (2 * steps + 1) // 2,
    }[grid["mode"]]
    expected = max(whole * to + ending, ending)
    found = made_from(base, said)
    if expected >= 10**12:
        assert found is None
    else:
        assert found is not None
        assert Fraction(found) == expected


@pytest.mark.parametrize(
    ("base", "said", "expected"),
    [
        ("100", {"percent": "-10"}, "90"),
        ("33.33", {"percent": "-10"}, "29.997"),
        ("0.000001", {"percent": "-50"}, "0.000001"),
        ("0.000001", {"percent": "-51"}, "0"),
        ("10", {"plus": "-12"}, "0"),
        ("12.34", {"rounding": {"to": "1", "mode": "half_up", "ending": "0.99"}}, "11.99"),
        ("12.49", {"rounding": {"to": "1", "mode": "half_up", "ending": "0.99"}}, "12.99"),
        ("12.34", {"rounding": {"to": "1", "mode": "up", "ending": "0.99"}}, "12.99"),
        ("12.34", {"rounding": {"to": "10", "mode": "down", "ending": "9.99"}}, "9.99"),
        ("0.34", {"rounding": {"to": "1", "mode": "down", "ending": "0.99"}}, "0.99"),
        ("12.325", {"rounding": {"to": "0.05", "mode": "half_up", "ending": None}}, "12.35"),
        ("12.34", {"rounding": {"to": "0.05", "mode": "down", "ending": None}}, "12.3"),
        ("999999999999", {"percent": "1"}, None),
    ],
)
def test_prices_are_rounded_as_shops_round_them(
    base: str, said: Json, expected: str | None
) -> None:
    plain = {"percent": "0", "plus": None, "rounding": None}
    found = made_from(Decimal(base), {**plain, **said})
    assert found == (None if expected is None else Decimal(expected))
