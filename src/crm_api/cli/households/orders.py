"""A basket as an order that was reckoned elsewhere: an item of POST /v1/orders/batch-upsert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from .baskets import Basket, Line
from .people import SOURCE

CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Shop:
    """Where it was bought, and the ids that the API gave, by the numbers of the file."""

    unit: str
    customers: Mapping[str, str]
    products: Mapping[str, str]
    shift: timedelta


def order(basket: Basket, shop: Shop) -> dict[str, Any]:
    """Its number is the basket's, as on a receipt; the amounts of its lines rule."""
    data = {
        "number": str(basket.id),
        "customer_id": shop.customers[str(basket.household)],
        "business_unit_id": shop.unit,
        "currency": CURRENCY,
        "pricing": "given",
        "prices_include_tax": True,
        "status": "completed",
        "ordered_at": (basket.bought_at + shop.shift).isoformat(),
        "source": SOURCE,
        "source_version": 1,
        "note": f"Store {basket.store}",
        "lines": [_line(line, shop) for line in basket.lines],
    }
    return {"external_id": str(basket.id), "data": data}


def _line(line: Line, shop: Shop) -> dict[str, Any]:
    """One of a product that the file does not describe has its number in place of a name."""
    number = str(line.product)
    product = shop.products.get(number)
    named = {"product_id": product} if product else {"sku": number, "name": f"Product {number}"}
    body = {**named, "quantity": str(line.quantity), "amount": _money(line.amount)}
    return body | ({"discount_amount": _money(line.discount)} if line.discount else {})


def _money(amount: Decimal) -> dict[str, str]:
    return {"amount": str(amount), "currency": CURRENCY}
