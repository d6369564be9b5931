from typing import Annotated, Any, Literal

from pydantic import MISSING, BaseModel, Field, model_validator
from typing_extensions import TypeAliasType

from crm_api.features.customers.queries import State
from crm_api.features.customers.schemas import (
    CustomerId,
    CustomerRead,
    CustomerUpdate,
    TagsChange,
)
from crm_api.kit import tree
from crm_api.kit.batch import MOST_CHANGED
from crm_api.kit.pages import Total
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say

Ids = Annotated[
    list[CustomerId],
    Field(min_length=1, max_length=MOST_CHANGED, description="These, in this order."),
]
LIVE: Any = ["live"]
ARCHIVED: Any = ["archived"]


class _Bulk(Input):
    """Either `ids` or a `filter`; with an empty `all` as the filter every customer of `state`."""

    ids: Ids | MISSING = MISSING
    filter: Annotated[
        tree.Filter | MISSING,
        Field(description="What the customers must be: see the how-to on filters."),
    ] = MISSING
    state: Annotated[State, Field(description="Of those that the filter finds.")] = LIVE
    preview: Annotated[
        bool, Field(description="Tell how many they are and show some; change nothing.")
    ] = False

    @model_validator(mode="after")
    def _one_of_two(self) -> "_Bulk":
        if len({"ids", "filter"} & self.model_fields_set) != 1:
            raise misfit("one_of_two", say("Send either ids or a filter"))
        return self


class ArchiveCustomers(_Bulk):
    action: Literal["archive"]


class RestoreCustomers(_Bulk):
    action: Literal["restore"]
    state: Annotated[State, Field(description="Of those that the filter finds.")] = ARCHIVED


class UpdateCustomers(_Bulk):
    action: Literal["update"]
    values: CustomerUpdate


class TagCustomers(_Bulk):
    action: Literal["add_tags", "remove_tags"]
    values: TagsChange


CustomersChange = TypeAliasType(
    "CustomersChange",
    Annotated[
        ArchiveCustomers | RestoreCustomers | UpdateCustomers | TagCustomers,
        Field(discriminator="action"),
    ],
)


class BulkPreview(BaseModel):
    """How many customers a change would be made to, and some of them."""

    object: Literal["bulk_preview"]
    total: Total
    sample: Annotated[list[CustomerRead], Field(description="The first five at most.")]
