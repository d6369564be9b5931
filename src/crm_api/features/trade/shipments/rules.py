"""What becomes of a shipment as it is made, changed and sent: pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from crm_api.features.trade.fulfilment.schemas import all_left, lines_of, normal, quantities
from crm_api.features.trade.goods.schemas import check_left, to_ship
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.platform.external_ids.rules import MOST, known_as

from .errors import SettledShipment, TrackedTooOften
from .models import ShipmentState
from .resource import WAITING

WRITE = "shipments:write"
Sent = Mapping[str, Any]
Lines = Sequence[Sent]
FOR_LIFE = ("order_id", "number")
UNTIL_SHIPPED = ("lines", "shipping_address", "planned_on")
NEW: Sent = {
    **dict.fromkeys("carrier tracking_number tracking_url planned_on note".split()),
    "status": ShipmentState.draft,
    "external_ids": {},
    "external_id_aliases": [],
}
"""A shipment of which nothing is said."""
MOST_TRACKED = 200


class Known(Protocol):
    """A shipment as it is before a change."""

    status: Any


def begun(order: OrderRead, sent: Sent) -> dict[str, Any]:
    """A new shipment of an order: of all that is left to ship, where no lines are said.

    Raises NothingLeft, UnfitGoods.
    """
    there = order.shipping_address
    copied = {
        "order_id": order.id,
        "customer_id": order.customer_id,
        "business_unit_id": order.business_unit_id,
        "shipping_address": there.model_dump() if there else None,
    }
    lines = sent["lines"] if "lines" in sent else all_left(order)
    check_fits(order, lines)
    return {**NEW, **copied, **_columns({}, {**sent, "lines": lines})}


def check_fits(order: OrderRead, lines: Lines) -> None:
    """That so much is left to ship, as far as anybody knows by now. Raises UnfitGoods."""
    check_left(to_ship(lines_of(order)), quantities(lines))


def changed(before: Sent, sent: Sent) -> dict[str, Any]:
    """What was sent of a shipment that is there. Raises Invalid for too many external ids."""
    return _columns(before, {name: value for name, value in sent.items() if name != "status"})


def check_settled(shipment: Known, values: Sent) -> None:
    """Raises SettledShipment."""
    fixed = FOR_LIFE if shipment.status in WAITING else (*FOR_LIFE, *UNTIL_SHIPPED)
    if wrong := [n for n in fixed if n in values and values[n] != getattr(shipment, n)]:
        raise SettledShipment(wrong, shipment.status)


def reached(to: ShipmentState, now: datetime) -> dict[str, Any]:
    """What is ready has not left yet, even if it failed before."""
    when = {"shipped_at": None} if to == ShipmentState.ready else {f"{to}_at": now}
    return {"status": to, **when}


def accepted(sent: Sent, today: date) -> dict[str, Any]:
    return {
        "accepted_by": sent["accepted_by"],
        "accepted_on": sent.get("accepted_on", today),
        "acceptance_note": sent["note"],
    }


def tracked(known: Lines, told: Lines) -> list[Sent]:
    """What carriers told so far and what they tell now, each once, in the order of the times.

    Raises TrackedTooOften.
    """
    found: dict[tuple[str, str], Sent] = {}
    for one in (*known, *told):
        found.setdefault((one["at"], one["code"]), one)
    if len(found) > MOST_TRACKED:
        raise TrackedTooOften(MOST_TRACKED)
    return [found[key] for key in sorted(found)]


def _columns(before: Sent, sent: Sent) -> dict[str, Any]:
    values = {name: value for name, value in sent.items() if name not in MOST}
    if "lines" in sent:
        values["lines"] = normal(sent["lines"])
    return values | known_as(before, sent)
