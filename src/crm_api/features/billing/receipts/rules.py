"""What becomes of a receipt as it is made, changed and taken back: pure functions."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from crm_api.features.billing.allocations.schemas import allocated, check_left
from crm_api.platform.external_ids.rules import known_as

from .errors import (
    AllocatedDraft,
    HalfAnEvent,
    IncompleteReceipt,
    LessThanAllocated,
    NotConfirmed,
    ReversalStays,
    SettledReceipt,
)
from .models import ReceiptStatus

WRITE = "receipts:write"
Sent = Mapping[str, Any]
NEEDED = ("customer_id", "amount", "method")
FOR_LIFE = ("business_unit_id", "provider", "provider_event_id")
FACTS = (
    *("number", "customer_id", "handler_id", "amount", "currency", "method", "received_at"),
    *("account", "payer", "reference", "allocations"),
)
"""What a draft may change, and a confirmed receipt keeps."""
MADE = ("status", "amount", "allocations", "external_ids", "external_id_aliases")
"""What of a body is no column as it stands."""
TAKEN_OFF: Sent = {"allocations": [], "allocated": Decimal(0)}
NEW: Sent = {
    **dict.fromkeys(
        "account payer reference provider provider_event_id note confirmed_at reversed_at "
        "reversal_reason reverses_id reversed_by_id".split()
    ),
    **TAKEN_OFF,
    "status": ReceiptStatus.draft,
    "external_ids": {},
    "external_id_aliases": [],
}
"""A receipt of which nothing is said."""


class Known(Protocol):
    """A receipt as it is before a change."""

    status: Any
    allocations: Any
    reverses_id: Any


def begun(sent: Sent, user: UUID | None, now: datetime) -> dict[str, Any]:
    """A new receipt without its money; `user` writes it. Raises IncompleteReceipt, HalfAnEvent."""
    if missing := [name for name in NEEDED if name not in sent]:
        raise IncompleteReceipt(missing)
    receipt = {**NEW, "handler_id": user, "received_at": now, **_plain(sent)}
    event = [name for name in ("provider", "provider_event_id") if receipt[name] is None]
    if len(event) == 1:
        raise HalfAnEvent(event[0])
    return receipt


def columns(before: Sent, sent: Sent) -> dict[str, Any]:
    """What was sent as columns have it. Raises UnfitAllocations, LessThanAllocated."""
    values = _plain(sent)
    if "amount" in sent:
        money = sent["amount"]
        values |= {"amount": Decimal(money["amount"]), "currency": money["currency"]}
    if "allocations" in sent:
        values |= allocated(sent["allocations"])
    after = {**before, **values}
    if "allocations" in sent:
        check_left(after["allocations"], after["amount"], after["currency"])
    elif "amount" in sent and after["allocated"]:
        _check_enough(before, after)
    return values | known_as(before, sent)


def renewed(receipt: Known, values: Sent) -> dict[str, Any]:
    """Those that are other ones now. Raises SettledReceipt for facts of a confirmed receipt."""
    new = {name: value for name, value in values.items() if value != getattr(receipt, name)}
    fixed = (*FOR_LIFE, *(FACTS if receipt.status != ReceiptStatus.draft else ()))
    if wrong := [name for name in fixed if name in new]:
        told = dict.fromkeys("amount" if name == "currency" else name for name in wrong)
        raise SettledReceipt(told, receipt.status)
    return new


def is_confirmed_by(receipt: Known, sent: Sent) -> bool:
    """Whether what was sent of a draft says that the money is there. Raises AllocatedDraft."""
    wanted = sent.get("status") == ReceiptStatus.confirmed
    if wanted and receipt.status == ReceiptStatus.draft and receipt.allocations:
        raise AllocatedDraft
    return wanted and receipt.status == ReceiptStatus.draft


def confirmed(now: datetime) -> dict[str, Any]:
    return {"status": ReceiptStatus.confirmed, "confirmed_at": now}


def check_confirmed(receipt: Known) -> None:
    """Raises NotConfirmed."""
    if receipt.status != ReceiptStatus.confirmed:
        raise NotConfirmed(receipt.status)


def check_reversible(receipt: Known) -> None:
    """Raises ReversalStays."""
    if receipt.reverses_id is not None:
        raise ReversalStays


def reversal(receipt: Sent, id: UUID, now: datetime) -> dict[str, Any]:
    """The receipt that takes another one back, without its number."""
    same = ("business_unit_id", *(n for n in FACTS if n not in ("number", "allocations")))
    taken = {"amount": -receipt["amount"], "received_at": now, "reverses_id": receipt["id"]}
    return {**NEW, "id": id, **{name: receipt[name] for name in same}, **taken, **confirmed(now)}


def reversed_by(id: UUID, reason: str, now: datetime) -> dict[str, Any]:
    told = {"reversed_by_id": id, "reversal_reason": reason, "reversed_at": now}
    return {**TAKEN_OFF, **told, "status": ReceiptStatus.reversed}


def newly(name: str, before: Sent, sent: Sent) -> dict[str, UUID]:
    """Whom a receipt names, if it did not before, by where that stands in the body."""
    id = sent.get(name)
    is_known = "version" in before and before[name] == id
    return {} if id is None or is_known else {f"/{name}": id}


def _check_enough(before: Sent, after: Sent) -> None:
    is_enough = after["allocated"] <= after["amount"]
    if not is_enough or before["currency"] != after["currency"]:
        raise LessThanAllocated


def _plain(sent: Sent) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in MADE}
