"""What comes back of a line of an order sums up to the line, in however many parts it comes."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.trade.goods.schemas import with_more
from crm_api.features.trade.lines.schemas import OrderLineRead
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.returns.rules import arrived, arriving, asked
from crm_api.kit.currencies import digits_of
from crm_api.kit.rounding import plain
from crm_api.platform.totals.documents import money

Json = dict[str, Any]
BORNE = ("net", "tax", "total")
currencies = st.sampled_from(["CNY", "JPY", "KWD"])


def sold(quantity: Decimal, net: int, tax: int, currency: str, *, with_tax: bool) -> OrderRead:
    """An order of one line that was shipped whole, its money in the smallest units."""
    unit = Decimal(1).scaleb(-digits_of(currency))
    amounts = {"net": net * unit, "tax": tax * unit, "total": (net + tax) * unit}
    line = {
        **dict.fromkeys(("line", "product_id", "sku", "unit", "unit_price", "note")),
        **dict.fromkeys(("discount_amount", "tax_class", "tax_percent")),
        **{name: money(one, currency) for name, one in amounts.items()},
        **dict.fromkeys(("discount", "document_discount"), money(Decimal(0), currency)),
        "line": 1,
        "name": "Milk",
        "kind": "goods",
        "discount_percent": "0",
        **dict.fromkeys(("quantity", "shipped_quantity"), plain(quantity)),
        "price": {"source": "sent", "price_book_id": None, "price_entry_id": None},
        "returned_quantity": "0",
    }
    return of([line], currency, with_tax=with_tax)


def of(lines: list[Json], currency: str, *, with_tax: bool) -> OrderRead:
    """As far as a return looks at it."""
    told = [OrderLineRead.model_validate(line) for line in lines]
    seen: Json = {"status": "in_progress", "currency": currency, "prices_include_tax": with_tax}
    return OrderRead.model_construct(**seen, lines=told)


@st.composite
def parts(draw: st.DrawFn) -> list[Decimal]:
    """Quantities, of three digits at most behind the point."""
    thousandths = draw(st.lists(st.integers(1, 50_000), min_size=1, max_size=12))
    return [Decimal(one) / 1000 for one in thousandths]


def comes_back(order: OrderRead, parts: list[Decimal]) -> tuple[Json, OrderRead]:
    """A return of one line that arrives in these parts, and the order after it."""
    said = {"line": 1, "quantity": plain(sum(parts, Decimal(0))), "reason": None}
    returned: Json = {"lines": asked(order, [said])}
    for part in parts:
        more = arriving(returned["lines"], [{"line": 1, "quantity": plain(part)}])
        returned = arrived(returned["lines"], more, order)
        assert returned["received_total"] == returned["received_net"] + returned["received_tax"]
        known = [line.model_dump(mode="json") for line in order.lines]
        lines = with_more(known, "returned_quantity", more)
        order = of(lines, order.currency, with_tax=order.prices_include_tax)
    assert returned["status"] == "received"
    return returned, order


@given(
    parts(),
    st.integers(-1_000_000, 1_000_000_000),
    st.integers(-100_000, 100_000_000),
    currencies,
    st.booleans(),
    st.data(),
)
def test_all_that_comes_back_of_a_line_sums_up_to_it(
    quantities: list[Decimal],
    net: int,
    tax: int,
    currency: str,
    with_tax: bool,
    data: st.DataObject,
) -> None:
    """Whether several returns bring it, or one in several parts."""
    order = sold(sum(quantities, Decimal(0)), net, tax, currency, with_tax=with_tax)
    returns, rest = [], list(quantities)
    while rest:
        parts = [rest.pop() for _ in range(data.draw(st.integers(1, len(rest))))]
        returned, order = comes_back(order, parts)
        returns.append(returned)
    [line] = order.lines
    assert line.returned_quantity == line.quantity
    for name in BORNE:
        whole = getattr(line, name).value
        assert sum((one[f"received_{name}"] for one in returns), Decimal(0)) == whole
        lines = [one["lines"][0] for one in returns]
        assert all(one[name] == one[f"received_{name}"] for one in lines)


@given(parts(), st.integers(0, 1_000_000_000), st.integers(0, 100_000_000), currencies)
def test_what_is_expected_is_what_arrives_if_nothing_comes_before(
    quantities: list[Decimal], net: int, tax: int, currency: str
) -> None:
    order = sold(sum(quantities, Decimal(0)), net, tax, currency, with_tax=False)
    said = {"line": 1, "quantity": plain(quantities[0]), "reason": None}
    [expected] = asked(order, [said])
    [known] = arrived([expected], arriving([expected], None), order)["lines"]
    for name in BORNE:
        assert known[name] == known[f"received_{name}"] == expected[name]
