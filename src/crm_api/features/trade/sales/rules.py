"""What an order takes from the deal that it comes from: pure functions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.deals.schemas import DealRead
from crm_api.features.trade.lines.schemas import OrderLine

from .errors import OtherCustomer

Sent = Mapping[str, Any]


def of_deal(deal: DealRead, sent: Sent, user: UUID | None = None) -> dict[str, Any]:
    """What was sent, with what it leaves to its deal; what nobody owns is `user`'s.

    Raises OtherCustomer.
    """
    if sent.get("customer_id", deal.customer_id) != deal.customer_id:
        raise OtherCustomer
    products = [product.model_dump(mode="json") for product in deal.products]
    named = ("name", "sku", "quantity", "unit_price", "discount_percent", "product_id")
    lines = [{name: one[name] for name in named if name in one} for one in products]
    taken = {
        "customer_id": deal.customer_id,
        "business_unit_id": deal.business_unit_id,
        "owner_id": deal.owner_id or user,
        "lines": [OrderLine.model_validate(line).model_dump(mode="json") for line in lines],
    }
    return {**taken, **({"currency": deal.amount.currency} if deal.amount else {}), **sent}
