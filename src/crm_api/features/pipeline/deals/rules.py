"""What becomes of a deal as it is made and changed: pure functions."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from crm_api.features.pipeline.parts.schemas import PARTS
from crm_api.features.pipeline.pipelines.schemas import StageKind

from .errors import Closed, IncompleteDeal, NewOnly

WRITE = "deals:write"
FROZEN = (
    "customer_id",
    "owner_id",
    "amount",
    "currency",
    "products",
    "splits",
    "expected_close_on",
    "probability",
    "forecast_category",
)
"""What reports stand on stays as it was when the deal was closed."""
BY_THE_DAY = ("base_amount", "base_currency", "exchange_rate")
NEW_ONLY = ("business_unit_id", "pipeline_id", "stage")
Sent = Mapping[str, Any]


class Known(Protocol):
    """A deal as it is before a change."""

    status: Any


def check_complete(sent: Sent) -> None:
    """What a deal that nobody knew must have. Raises IncompleteDeal."""
    if missing := [name for name in ("customer_id", "name") if not sent.get(name)]:
        raise IncompleteDeal(missing)


def kept(deal: Known, values: Sent) -> dict[str, Any]:
    """New columns of a deal; a closed one may be sent as it was. Raises Closed."""
    if deal.status == StageKind.open:
        return dict(values)
    if other := [n for n in FROZEN if n in values and values[n] != getattr(deal, n)]:
        raise Closed(dict.fromkeys("amount" if name == "currency" else name for name in other))
    return {name: value for name, value in values.items() if name not in BY_THE_DAY}


def begun(sent: Sent, user: UUID | None) -> dict[str, Any]:
    """What was sent for a new deal, with all that it may leave out; `user` makes it."""
    named = dict.fromkeys(NEW_ONLY)
    lists = ("collaborator_ids", *PARTS, "external_id_aliases")
    maps = ("checklist", "external_ids")
    empty: dict[str, Any] = {name: [] for name in lists} | {name: {} for name in maps}
    return {**named, "owner_id": user, **empty, **sent}


def changeable(sent: Sent) -> dict[str, Any]:
    """What was sent of a deal that is there."""
    return {name: value for name, value in sent.items() if name not in NEW_ONLY}


def check_new_only(deal: Known, sent: Sent) -> None:
    """What is of new deals a deal that is there has already, and as it was sent. Raises NewOnly."""
    for name in NEW_ONLY:
        if name in sent and sent[name] != getattr(deal, name):
            raise NewOnly(name)
