"""What becomes of a product as it is made and changed, and which may be sold: pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.kit.errors import UnknownReference
from crm_api.platform.external_ids.rules import known_as

from .errors import IncompleteProduct, NotForSale
from .models import ProductKind, ProductStatus

Sent = Mapping[str, Any]
PRICES = ("unit_cost", "list_price")
NEW: Sent = {
    **dict.fromkeys(("description", "category_id", "unit", "tax_code", *PRICES)),
    "kind": ProductKind.goods,
    "tax_class": "standard",
    "status": ProductStatus.active,
    "external_ids": {},
    "external_id_aliases": [],
}
"""What is not sent of a new product."""


@dataclass(frozen=True, slots=True)
class ProductForSale:
    """A product as it is until the commit; each price with its currency, or both null."""

    id: UUID
    sku: str
    name: str
    unit: str | None
    kind: str
    status: str
    tax_class: str
    category_id: UUID | None
    list_price: Decimal | None
    list_price_currency: str | None
    unit_cost: Decimal | None
    unit_cost_currency: str | None


def check_sellable(found: Mapping[UUID, ProductForSale], named: Mapping[str, UUID]) -> None:
    """That all products that are named, by the pointers to where they stand, are there and may be
    sold. Raises UnknownReference, NotForSale."""
    if unknown := [place for place, id in named.items() if id not in found]:
        raise UnknownReference(*unknown)
    active = ProductStatus.active
    if wrong := [place for place, id in named.items() if found[id].status != active]:
        raise NotForSale(wrong)


def check_complete(sent: Sent) -> None:
    """What a product that nobody knew must have. Raises IncompleteProduct."""
    if missing := [name for name in ("sku", "name") if name not in sent]:
        raise IncompleteProduct(missing)


def columns(sent: Sent, before: Sent) -> dict[str, Any]:
    """What was sent as columns have it; `before` are those of a product that is there."""
    made = dict(sent)
    for name in PRICES:
        if name in sent:
            made |= _price(name, sent[name])
    return made | known_as(before, sent)


def _price(name: str, sent: Sent | None) -> dict[str, Any]:
    told = sent or {"amount": None, "currency": None}
    amount = told["amount"]
    return {name: amount and Decimal(amount), f"{name}_currency": told["currency"]}
