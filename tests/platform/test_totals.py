"""What lines come to, with discounts and taxes, in currencies of none, two and three digits."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.currencies import digits_of
from crm_api.kit.rounding import plain, spread
from crm_api.platform.totals.documents import columns
from crm_api.platform.totals.errors import UnfitTotals
from crm_api.platform.totals.rules import Amounts, Item, Terms, reckoned, summed

CURRENCIES = st.sampled_from(["JPY", "CNY", "KWD"])
NOUGHT = Decimal()
ONE = Decimal(1), Decimal(5)


def decimals(most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=places, allow_nan=False, allow_infinity=False)


PERCENTS = decimals(100, 2)
RATES = st.sampled_from([None, *map(Decimal, ("0", "6", "9", "13", "8.875"))])


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Item], Terms]:
    currency = draw(CURRENCIES)
    quantities, prices = decimals(9_999, 3), decimals(99_999, 6)
    items = st.builds(Item, quantities, prices, PERCENTS, st.none(), RATES)
    terms = Terms(currency, draw(st.booleans()), draw(PERCENTS))
    return draw(st.lists(items, max_size=12)), terms


def half_up(exact: Fraction, currency: str) -> Decimal:
    """By whole numbers alone."""
    units = exact * 10 ** digits_of(currency)
    return Decimal(int(units + Fraction(1, 2))).scaleb(-digits_of(currency))


@given(documents())
def test_lines_sum_up_to_the_document(document: tuple[list[Item], Terms]) -> None:
    items, terms = document
    lines = reckoned(items, terms)
    whole = summed(lines, terms)
    assert whole.net == sum((line.net(terms) for line in lines), NOUGHT)
    assert whole.tax == sum((line.tax for line in lines), NOUGHT)
    assert whole.total == sum((line.total(terms) for line in lines), NOUGHT)
    charged = whole.total if terms.with_tax else whole.net
    assert whole.subtotal - whole.discount == charged


@given(documents())
def test_the_tax_is_that_of_each_rate_on_all_lines_that_have_it(
    document: tuple[list[Item], Terms],
) -> None:
    items, terms = document
    lines = reckoned(items, terms)
    taxed: defaultdict[Decimal, list[Amounts]] = defaultdict(list)
    for item, line in zip(items, lines, strict=True):
        if item.tax_percent is None:
            assert line.tax == 0
        else:
            taxed[item.tax_percent].append(line)
    for rate, of_rate in taxed.items():
        cost = Fraction(sum((line.cost for line in of_rate), NOUGHT))
        base = 100 + Fraction(rate) if terms.with_tax else Fraction(100)
        expected = half_up(cost * Fraction(rate) / base, terms.currency)
        assert sum((line.tax for line in of_rate), NOUGHT) == expected


@given(documents())
def test_no_line_costs_less_than_nothing(document: tuple[list[Item], Terms]) -> None:
    items, terms = document
    for line in reckoned(items, terms):
        assert line.cost >= 0
        assert line.share >= 0
        assert line.net(terms) >= 0
        assert line.total(terms) >= line.net(terms)


@given(documents())
def test_what_is_reckoned_again_stays_as_it_was(document: tuple[list[Item], Terms]) -> None:
    items, terms = document
    told = {
        "currency": terms.currency,
        "prices_include_tax": terms.with_tax,
        "discount_percent": plain(terms.percent_off),
        "discount_amount": None,
    }
    first = columns(told, [_line(item, terms.currency) for item in items], given=False)
    assert columns(told, first["lines"], given=False) == first
    assert columns(told, first["lines"], given=True)["total"] == first["total"]


@given(CURRENCIES, st.lists(decimals(9_999, 0), min_size=1, max_size=20), st.data())
def test_shares_sum_up_and_none_exceeds_its_weight(
    currency: str, weights: list[Decimal], data: st.DataObject
) -> None:
    whole = data.draw(decimals(int(sum(weights)), 0))
    parts = spread(whole, weights, currency)
    assert sum(parts) == whole
    for part, weight in zip(parts, weights, strict=True):
        exact = whole * weight / sum(weights) if sum(weights) else NOUGHT
        assert abs(part - exact) < Decimal(1).scaleb(-digits_of(currency))
        assert 0 <= part <= weight


def test_a_rest_goes_to_the_largest_remainders() -> None:
    assert spread(Decimal("0.05"), [Decimal(1), Decimal(1), Decimal(2)], "CNY") == [
        Decimal("0.01"),
        Decimal("0.01"),
        Decimal("0.03"),
    ]


@pytest.mark.parametrize(
    ("items", "terms", "pointer"),
    [
        (
            [Item(Decimal(1), Decimal(5), amount_off=Decimal(6))],
            Terms("CNY"),
            "/lines/0/discount_amount",
        ),
        ([Item(*ONE)], Terms("CNY", amount_off=Decimal(6)), "/discount_amount"),
    ],
)
def test_more_cannot_be_taken_off_than_is_there(
    items: list[Item], terms: Terms, pointer: str
) -> None:
    with pytest.raises(UnfitTotals) as refused:
        reckoned(items, terms)
    assert refused.value.errors[0]["pointer"] == pointer


def test_a_sum_has_twelve_digits_at_most() -> None:
    items = [Item(Decimal(999_999_999), Decimal(9_999))]
    with pytest.raises(UnfitTotals):
        summed(reckoned(items, Terms("CNY")), Terms("CNY"))


def test_what_negative_lines_take_away_again_has_twelve_digits_too() -> None:
    large = Item(Decimal(999_999_999), Decimal(9_999))
    items = [large, replace(large, unit_price=-large.unit_price)]
    for terms in (Terms("CNY"), Terms("CNY", with_tax=True)):
        with pytest.raises(UnfitTotals):
            summed(reckoned(items, terms), terms)


def test_prices_with_tax_hold_their_tax() -> None:
    terms = Terms("CNY", with_tax=True)
    [line] = reckoned([Item(Decimal(1), Decimal(113), tax_percent=Decimal(13))], terms)
    assert [line.net(terms), line.tax, line.total(terms)] == [100, 13, 113]


def _line(item: Item, currency: str) -> dict[str, object]:
    price = {"amount": format(item.unit_price, "f"), "currency": currency}
    rate = item.tax_percent
    return {
        "quantity": plain(item.quantity),
        "unit_price": price,
        "discount_percent": plain(item.percent_off),
        "discount_amount": None,
        "tax_percent": None if rate is None else plain(rate),
    }
