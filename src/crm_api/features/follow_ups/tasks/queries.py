"""What may be asked of tasks."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, FromClause, and_, not_

from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.any_ids import AnyId
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import Form, OneOf, Plain, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.searches import searches
from crm_api.kit.statement import quoted
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import LINKED, TaskPriority, TaskState
from .schemas import TaskId, TaskRead

Expansion = Literal["customer", "customer.parent"]
Expand = Annotated[list[Expansion], EXPAND]
Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at", "due_until", "-due_until"]
FIRST = "First key first; `-` descends. What has no time to be done by is due last."


class TaskShown(Input):
    expand: Expand = []


class OccurrencesAsked(Input):
    limit: Annotated[int, Field(ge=1, le=200, description="How many, at most.")] = 10


class TaskPage(Page[TaskRead]):
    """One page of tasks."""


@dataclass(frozen=True, slots=True)
class IsOverdue(Plain):
    """Whether a task is still open after its time, as the worker has found."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        found = table.c.overdue_at.is_not(None)
        overdue = and_(table.c.state == quoted(TaskState.open), found)
        return overdue if form else not_(overdue)

    def form(self, value: Any) -> Form:
        return bool(value)

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {}


class DueUntil(Where):
    """By the index that sorts; what is not due at all is not due after any time."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        return and_(Where.condition(self, table, name, form), table.c.due_until.is_not(None))


class _TaskQuery(ListQuery):
    sorts = {"due_until": "due_order"}

    expand: Expand = []


class TaskQuery(_TaskQuery):
    sort: Annotated[list[Sort], Field(min_length=1, max_length=3, description=FIRST)] = [
        "-created_at"
    ]
    state: Annotated[list[TaskState], OneOf("state"), Field(max_length=10)] = []
    priority: Annotated[list[TaskPriority], OneOf("priority"), Field(max_length=10)] = []
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    assignee_id: Annotated[list[UserId], Where("assignee_id"), Field(max_length=50)] = []
    creator_id: Annotated[list[UserId], Where("creator_id"), Field(max_length=50)] = []
    series_id: Annotated[list[TaskId], Where("series_id"), Field(max_length=50)] = []
    record_id: Annotated[
        list[AnyId],
        LINKED,
        Field(max_length=50, description="Linked to one of these records, of any kind."),
    ] = []
    overdue: Annotated[
        bool | None,
        IsOverdue(),
        Field(description="Whether they are open although their time is over."),
    ] = None
    due_until__gte: Annotated[Timestamp | None, DueUntil("due_order", operator.ge)] = None
    due_until__gt: Annotated[Timestamp | None, DueUntil("due_order", operator.gt)] = None
    due_until__lt: Annotated[Timestamp | None, DueUntil("due_order", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class TaskSearch(Search, _TaskQuery):
    """A filter, in place of the parameters that the list has for single fields."""

    sort: Annotated[
        list[Sort | CustomSort],
        Field(
            min_length=1,
            max_length=3,
            description=f"{FIRST} Alone, an indexed custom field sorts too, records without a "
            "value last.",
        ),
    ] = ["-created_at"]


searches["tasks"] = TaskSearch


class TaskAggregate(Aggregate):
    """Which tasks to count, and how."""
