"""What becomes of an order as it is made and changed: pure functions."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from crm_api.features.trade.terms.schemas import OrderStatus, Pricing, reached, steps
from crm_api.kit.actor import Tenant
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import known_as

from .errors import EmptyOrder, GoodsGone, IncompleteOrder, SettledOrder, UnfitOrder
from .resource import ORDER

WRITE = "orders:write"
Sent = Mapping[str, Any]
SOLD = ("lines", "discount_percent", "discount_amount", "prices_include_tax")
PRICED_BY = (*SOLD, "tax_region", "currency", "pricing")
"""What prices and taxes follow from."""
OF_THE_DAY = ("ordered_at", "shipping_address")
"""What decides on the rates of a draft."""
REVISED = (*SOLD, "total", "net")
"""What makes a new revision of an order that was confirmed."""
OF_THE_PAST = (*SOLD, "ordered_at")
"""What stays in an order that has ended."""
FOR_LIFE = ("business_unit_id", "deal_id", "currency", "pricing")
OF_DRAFTS = ("customer_id", "number")
STEERING = ("status", "source_version", "cancellation_reason")
RECKONED = ("lines", "discount_amount", "external_ids", "external_id_aliases")
NEW: Sent = {
    **dict.fromkeys(
        "deal_id tax_region discount_amount requested_on confirmed_at completed_at cancelled_at "
        "cancellation_reason source customer_reference note shipping_address exchange_rate".split()
    ),
    "status": OrderStatus.draft,
    "pricing": Pricing.computed,
    "prices_include_tax": False,
    "discount_percent": "0",
    "lines": [],
    "external_ids": {},
    "external_id_aliases": [],
    "source_versions": {},
}
"""An order of which nothing is said."""


class Known(Protocol):
    """An order as it is before a change."""

    status: Any
    source_versions: Any


def begun(sent: Sent, tenant: Tenant, now: datetime) -> dict[str, Any]:
    """A new order before it is reckoned. Raises IncompleteOrder."""
    if not sent.get("customer_id"):
        raise IncompleteOrder
    said = {"ordered_at": now, "currency": tenant.base_currency}
    passing = (*STEERING, *RECKONED)
    return {**NEW, **said, **{n: value for n, value in sent.items() if n not in passing}}


def columns(before: Sent, sent: Sent, system: str) -> dict[str, Any]:
    """What was sent as columns have it, without what is reckoned. Raises UnfitOrder."""
    values = {n: value for n, value in sent.items() if n not in (*STEERING, "lines")}
    after = {**before, **values}
    if "discount_amount" in sent:
        values["discount_amount"] = _taken_off(sent["discount_amount"], after["currency"])
    if values.get("discount_amount", before["discount_amount"]) is not None:
        _check_one_discount(after["discount_percent"])
    if "source_version" in sent:
        seen = before["source_versions"]
        values["source_versions"] = {**seen, system: sent["source_version"]}
    return values | known_as(before, sent)


def is_late(order: Known, system: str, sent: Sent) -> bool:
    """Whether something newer of this system was seen already."""
    version = sent.get("source_version")
    return version is not None and version < order.source_versions.get(system, 0)


def check_settled(order: Known, values: Sent, *, by_its_system: bool) -> None:
    """What was confirmed is for the same customer, in the same currency; what has ended stays as it
    was, unless the system that keeps it corrects it. Raises SettledOrder."""
    fixed: list[str] = [*FOR_LIFE, *(OF_DRAFTS if order.status != OrderStatus.draft else ())]
    has_ended = order.status == OrderStatus.completed and not by_its_system
    if has_ended or order.status == OrderStatus.cancelled:
        fixed += OF_THE_PAST
    if wrong := [n for n in fixed if n in values and values[n] != getattr(order, n)]:
        raise SettledOrder(wrong, order.status)


def is_reckoned(before: Sent, sent: Sent) -> bool:
    """Whether what was sent decides on prices, taxes or what the order is worth."""
    by = (*PRICED_BY, *(OF_THE_DAY if before["status"] == OrderStatus.draft else ()))
    return "version" not in before or not sent.keys().isdisjoint(by)


def is_revised(order: Known, values: Sent) -> bool:
    changed = any(name in values and values[name] != getattr(order, name) for name in REVISED)
    return changed and order.status != OrderStatus.draft


def walked(order: Sent, sent: Sent, now: datetime) -> tuple[dict[str, Any], list[OrderStatus]]:
    """What an order becomes on its way to the state that is sent, and the states on that way.

    Raises InvalidTransition, EmptyOrder, GoodsGone.
    """
    values, at = dict[str, Any](), order["status"]
    way = steps(at, sent.get("status") or at)
    for to in way:
        ORDER.check_transition(str(values.get("status", at)), to)
        _check_step(order, to)
        values |= reached(to, now)
    if OrderStatus.cancelled in way:
        values["cancellation_reason"] = sent.get("cancellation_reason")
    return values, way


def _check_step(order: Sent, to: OrderStatus) -> None:
    """What a state asks for. Raises EmptyOrder, GoodsGone."""
    if to == OrderStatus.confirmed and not order["lines"]:
        raise EmptyOrder
    moved = order.get("shipped_quantity", 0) or order.get("invoiced", 0)
    if to == OrderStatus.cancelled and moved:
        raise GoodsGone


def newly(name: str, before: Sent, sent: Sent) -> dict[str, UUID]:
    """Whom an order names, if it did not before, by where that stands in the body."""
    id = sent.get(name)
    is_known = "version" in before and before[name] == id
    return {} if id is None or is_known else {f"/{name}": id}


def _taken_off(off: Sent | None, currency: str) -> Decimal | None:
    if off and off["currency"] != currency:
        message = say("The order is in {currency}.", currency=currency)
        raise UnfitOrder("/discount_amount/currency", "other_currency", message)
    return Decimal(off["amount"]) if off else None


def _check_one_discount(percent: str) -> None:
    if Decimal(percent):
        message = say("Send a percentage or an amount, not both.")
        raise UnfitOrder("/discount_amount", "two_discounts", message)
