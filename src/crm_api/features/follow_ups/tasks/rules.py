"""What a task may be like, and what follows from it: pure functions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.linked import each_once
from crm_api.kit.wall_clock import as_far_from
from crm_api.platform.checklists.rules import keyed, unticked
from crm_api.platform.external_ids.rules import known_as
from crm_api.platform.series.rules import occurrences, repeated, timed

from .models import TaskPriority, TaskState

WRITE = "tasks:write"
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
Fields = Mapping[str, Any]
EMPTY: Fields = {
    **dict.fromkeys(
        "description customer_id due_on due_at due_until remind_at reminded_at overdue_at "
        "recurrence series_id series_begin occurrence_on occurrence_at next_task_id".split()
    ),
    "state": TaskState.open,
    "priority": TaskPriority.normal,
    "due_order": NEVER,
    "checklist": [],
    "records": [],
    "external_ids": {},
    "external_id_aliases": [],
    "custom": {},
}
"""The columns of a task of which nothing is said."""
REOPENED: Fields = {
    "state": TaskState.open,
    **dict.fromkeys(("completed_at", "cancelled_at", "cancellation_reason")),
}
SHARED = (
    "subject description priority customer_id business_unit_id assignee_id creator_id time_zone "
    "recurrence series_id series_begin records"
).split()
"""What the next of a series has in common with the one before."""


def begun(sent: Fields, user: UUID | None, unit: UUID, zone: str) -> dict[str, Any]:
    """A task of somebody who works in a unit of this zone, before the rest that is sent."""
    return {
        **EMPTY,
        "business_unit_id": unit,
        "time_zone": sent.get("time_zone") or zone,
        "creator_id": user,
        "assignee_id": sent.get("assignee_id", user),
    }


def changed(before: Fields, sent: Fields, id: UUID) -> dict[str, Any]:
    """What was sent, as columns have it, with what follows from it.

    Raises WrongItems, DueTwice, NoDue, NeverComes, NotOnItsFirstDay, SeriesGoesOn, IsOver.
    """
    values = {**sent, **_timed(before, sent)}
    if "checklist" in sent:
        values["checklist"] = keyed(sent["checklist"])
    if "records" in sent:
        values["records"] = each_once(sent["records"])
    values |= known_as(before, sent)
    is_open, next = before["state"] == TaskState.open, before["next_task_id"]
    after = {**before, **values}
    return values | repeated(before, after, sent, id, is_open=is_open, next=next)


def _timed(before: Fields, sent: Fields) -> dict[str, Any]:
    """What happens by itself at another time from now on has not happened yet."""
    values = timed(before, sent)
    values["due_order"] = values["due_until"] or NEVER
    if values["due_until"] != before["due_until"]:
        values["overdue_at"] = None
    if sent.get("remind_at", before["remind_at"]) != before["remind_at"]:
        values["reminded_at"] = None
    return values


def is_timed_anew(before: Fields, sent: Fields) -> bool:
    """Whether what happens by itself may happen sooner."""
    times = ("due_on", "due_at", "time_zone", "remind_at")
    return any(sent[name] != before[name] for name in times if name in sent)


def named(before: Fields, sent: Fields) -> dict[str, str]:
    """The records that are named and were not before, by where they stand in the body."""
    records = enumerate(sent.get("records", ()))
    found = {f"/records/{n}": id for n, id in records if id not in before["records"]}
    customer = sent.get("customer_id")
    if customer not in (None, before["customer_id"]):
        found["/customer_id"] = CUSTOMER.prefix.write(customer)
    return found


def workers(before: Fields, sent: Fields) -> dict[str, UUID]:
    """The same of users."""
    assignee = sent.get("assignee_id")
    return {} if assignee in (None, before.get("assignee_id")) else {"/assignee_id": assignee}


def following(task: Fields) -> dict[str, Any] | None:
    """The next of its series, where there is one and nobody has made it yet; its reminder comes as
    much earlier."""
    planned = [] if task["next_task_id"] else occurrences(task, 1)
    if not planned:
        return None
    shared = {name: task[name] for name in SHARED}
    next = {**EMPTY, **shared, **planned[0], "checklist": unticked(task["checklist"])}
    next["due_order"] = next["due_until"]
    if remind := task["remind_at"]:
        zone = ZoneInfo(task["time_zone"])
        next["remind_at"] = as_far_from(next["due_until"], remind, task["due_until"], zone)
    return next


def pending(task: Fields) -> dict[str, datetime]:
    """When what happens by itself to an open task does, by the columns that say it has."""
    waits = {"reminded_at": task["remind_at"], "overdue_at": task["due_until"]}
    is_open = task["state"] == TaskState.open
    return {seen: at for seen, at in waits.items() if is_open and at and task[seen] is None}
