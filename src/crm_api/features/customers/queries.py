"""What may be asked of customers: lists, and records by their ids."""

import operator
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import Listed, OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, VIEW, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.search import MOST, Found, SearchText
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.audit.schemas import AsOf
from crm_api.platform.parties.schemas import Email, Phone, Source, Uscc, WeChat

from .models import CustomerKey, CustomerKind, CustomerState
from .schemas import CustomerId, CustomerRead, CustomerSummary, Tag

Expansion = Literal["parent", "parent.parent"]


class CustomerIds(Input):
    ids: Annotated[list[CustomerId], Field(min_length=1, max_length=200)]
    expand: Annotated[list[Expansion], EXPAND] = []


class CustomerShown(Input):
    expand: Annotated[list[Expansion], EXPAND] = []


class CustomerThen(CustomerShown, AsOf):
    """Now with others beside it, or alone as it was."""


class CustomersFound(BaseModel):
    """The customers asked for, in that order, and the ids that mean nobody."""

    data: list[CustomerRead]
    missing: list[CustomerId]


class CustomerPage(Page[CustomerRead]):
    """One page of customers."""


class CustomerSummaryPage(Page[CustomerSummary]):
    """One page of customers in short, as `view=summary` answers."""


CustomerPages = TypeAliasType("CustomerPages", CustomerPage | CustomerSummaryPage)


def found_by(kind: str) -> Listed:
    return Listed(CustomerKey, "customer_id", "value", (("kind", kind),))


State = Annotated[list[CustomerState], OneOf("state"), Field(max_length=10)]
Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name"]


class _CustomerQuery(ListQuery):
    sorts = {"name": "sort_name"}
    views = {"summary": CustomerSummary}
    reveals = {
        "q": ("legal_name", "contact_points"),
        **dict.fromkeys(("email", "phone", "wechat"), ("contact_points",)),
        "tag": ("tags",),
    }

    view: Annotated[Literal["full", "summary"], VIEW] = "full"
    expand: Annotated[list[Expansion], EXPAND] = []
    q: Annotated[
        SearchText | None,
        Found("customers"),
        Field(
            description="Parts of names, pinyin, phones, e-mails, WeChat ids and external ids; "
            "each word must be in one of them. A word has at least 1 Chinese character, 2 letters "
            f"that begin a word, or 3 others anywhere. Of more than {MOST} matches some "
            f"{MOST} are looked at, before other filters."
        ),
    ] = None
    state: State = [CustomerState.live]


class CustomerQuery(_CustomerQuery):
    sort: Annotated[
        list[Sort], Field(min_length=1, max_length=3, description="First key first; `-` descends.")
    ] = ["-created_at"]
    kind: Annotated[list[CustomerKind], OneOf("kind"), Field(max_length=10)] = []
    email: Annotated[list[Email], found_by("email"), Field(max_length=50)] = []
    phone: Annotated[list[Phone], found_by("phone"), Field(max_length=50)] = []
    wechat: Annotated[list[WeChat], found_by("wechat"), Field(max_length=50)] = []
    tag: Annotated[
        list[Tag], found_by("tag"), Field(max_length=50, description="Any of these tags.")
    ] = []
    uscc: Annotated[list[Uscc], Where("uscc"), Field(max_length=50)] = []
    parent_id: Annotated[list[CustomerId], Where("parent_id"), Field(max_length=50)] = []
    source: Annotated[list[Source], Where("source"), Field(max_length=50)] = []
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__gt: Annotated[Timestamp | None, Where("created_at", operator.gt)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class CustomerSearch(Search, _CustomerQuery):
    """A filter, in place of the parameters that the list has for single fields."""

    sort: Annotated[
        list[Sort | CustomSort],
        Field(
            min_length=1,
            max_length=3,
            description="First key first; `-` descends. Alone, an indexed custom field sorts too, "
            "records without a value last.",
        ),
    ] = ["-created_at"]


searches["customers"] = CustomerSearch


class CustomerAggregate(Aggregate):
    """Which customers to count, and how."""

    state: State = [CustomerState.live]
