"""What an activity may be like, and what follows from it: pure functions."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.features.follow_ups.last_contacts.queries import Contact, Fields, pair_of
from crm_api.kit.linked import each_once
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import known_as
from crm_api.platform.users.listed import told

from .errors import IncompleteActivity, Misfitting, ReasonRequired, StaysInItsUnit
from .models import ActivityKind, ActivityState

WRITE = "activities:write"
FREELY_CHANGED = timedelta(hours=24)
NEW: Mapping[str, Any] = {
    **dict.fromkeys(
        "state business_unit_id owner_id customer_id contact_id notes location starts_at ends_at "
        "outcome next_step next_contact_at done_at due_at".split()
    ),
    **dict.fromkeys("collaborator_ids records external_id_aliases".split(), ()),
    "external_ids": {},
    "custom": {},
}
"""An activity before there is anything to be said of it."""
DUE_BY = ("state", "starts_at", "customer_id", "done_at", "next_contact_at")


def begun(sent: Fields, user: UUID | None, now: datetime) -> dict[str, Any]:
    """A new activity, as whoever acts sends it: planned, or done at once."""
    state = sent.get("state") or _state(sent)
    done_at = sent.get("done_at") or (now if state == ActivityState.done else None)
    said = {name: value for name, value in sent.items() if name != "reason"}
    return {**NEW, "owner_id": user, **said, "state": state, "done_at": done_at}


def _state(sent: Fields) -> ActivityState:
    is_done = sent.get("done_at") or sent["kind"] == ActivityKind.note
    return ActivityState.done if is_done else ActivityState.planned


def planned(state: str, sent: Fields) -> dict[str, Any]:
    """Another time; what was missed is planned again."""
    again = {} if state == ActivityState.planned else {"state": ActivityState.planned}
    return {**sent, **again}


def told_by_system(before: Fields, sent: Fields, now: datetime) -> dict[str, Any]:
    """What a system sends of an activity that is there: its time may say that it is done.

    Raises StaysInItsUnit.
    """
    if sent.get("business_unit_id") not in (None, before["business_unit_id"]):
        raise StaysInItsUnit
    values = {name: value for name, value in sent.items() if name != "business_unit_id"}
    if "done_at" in sent and before["state"] != ActivityState.done:
        values.setdefault("state", ActivityState.done)
    if values.get("state", before["state"]) == before["state"]:
        return {name: value for name, value in values.items() if name != "state"}
    values["state"] = ActivityState(values["state"])
    if values["state"] == ActivityState.done:
        values.setdefault("done_at", now)
    return values


def spelled(before: Fields, sent: Fields) -> dict[str, Any]:
    """What was sent, as columns have it."""
    values = dict(sent)
    if "collaborator_ids" in sent:
        values["collaborator_ids"] = told(sent["collaborator_ids"])
    if "records" in sent:
        values["records"] = each_once(sent["records"])
    return values | known_as(before, sent)


def named(sent: Iterable[Fields]) -> tuple[set[UUID], set[str]]:
    """Customers and other records, in several bodies."""
    names = ("customer_id", "contact_id")
    customers = {id for one in sent for name in names if (id := one.get(name))}
    return customers, {id for one in sent for id in one.get("records", ())}


def check(activity: Fields, now: datetime) -> None:
    """Raises Misfitting."""
    starts, ends, done = (activity[name] for name in ("starts_at", "ends_at", "done_at"))
    if activity["state"] != ActivityState.done:
        _check_not_done(starts, done)
    if ends and (starts is None or ends < starts):
        raise Misfitting(
            "ends_at", "before_start", say("Send a time that is not before the start.")
        )
    if done and done > now:
        raise Misfitting("done_at", "in_the_future", say("Send a time that has come."))
    if activity["contact_id"] and activity["customer_id"] is None:
        raise Misfitting("contact_id", "no_customer", say("Say with which customer it is."))


def _check_not_done(starts: datetime | None, done: datetime | None) -> None:
    if starts is None:
        raise Misfitting("starts_at", "missing", say("Say when it is planned for."))
    if done:
        raise Misfitting("done_at", "not_done", say("Only what is done has such a time."))


def check_reason(before: Fields, values: Fields, reason: str | None, now: datetime) -> None:
    """What is done for a day is changed for a reason only. Raises ReasonRequired."""
    settled = before["state"] == ActivityState.done and now - before["done_at"] > FREELY_CHANGED
    differs = any(before[name] != value for name, value in values.items())
    if settled and differs and reason is None:
        raise ReasonRequired


def check_complete(sent: Fields) -> None:
    """Raises IncompleteActivity."""
    if missing := [name for name in ("kind", "subject") if name not in sent]:
        raise IncompleteActivity(missing)


def contact(activity: Fields) -> Contact | None:
    """With whom, for which unit and when somebody spoke; a note is nothing that was said."""
    spoken = activity["done_at"] and activity["kind"] != ActivityKind.note
    known = spoken and activity["customer_id"]
    return (pair_of(activity), activity["done_at"]) if known else None


def due(activity: Fields, last: datetime | None) -> datetime | None:
    """When it is to be looked at: before it takes place, and to contact the customer again, unless
    somebody has since; `last` is the last contact by others."""
    at: datetime | None = None
    if activity["state"] == ActivityState.planned:
        at = activity["starts_at"]
    elif activity["state"] == ActivityState.done:
        followed = last is not None and last > activity["done_at"]
        at = None if followed else activity["next_contact_at"]
    return at
