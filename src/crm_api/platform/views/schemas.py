from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.any_ids import AnyId
from crm_api.kit.collection import CollectionName
from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line
from crm_api.platform.journal.actors import IdOfActor

from .models import View
from .resource import VIEW

ViewId = Annotated[UUID, VIEW.prefix]
Searched = Annotated[
    CollectionName, Field(description="The collection that is searched, by its name in the URL.")
]
SEARCH = {"filter": {"kind": "condition", "field": "source", "op": "eq", "value": "shop"}}
SearchBody = Annotated[
    dict[str, Any],
    Field(
        max_length=20,
        description="What `POST /v1/{resource}/search` takes, without a cursor: filter, order, "
        "view. It is checked when it is saved, and asked as it stands by whoever opens the view: "
        "everybody finds what he may see himself.",
        examples=[SEARCH],
    ),
]
ViewName = Annotated[Line, Field(max_length=100, examples=["Customers from the shop"])]
Shared = Annotated[
    bool, Field(description="Whether all who may read views see it; else its owner alone does.")
]


class ViewCreate(Input):
    name: ViewName
    resource: Searched
    search: SearchBody
    shared: Shared = False


class ViewUpdate(Input):
    """The search is replaced as a whole; the collection stays."""

    name: ViewName | MISSING = MISSING
    search: SearchBody | MISSING = MISSING
    shared: Shared | MISSING = MISSING


class ViewRead(EntityRead):
    """A search that somebody comes back to."""

    table = View

    id: ViewId
    object: Literal["view"]
    name: Annotated[str, Field(examples=["Customers from the shop"])]
    resource: Annotated[str, Field(examples=["customers"])]
    search: Annotated[dict[str, Any], Field(examples=[SEARCH])]
    shared: bool
    owner_id: Annotated[
        AnyId,
        IdOfActor("owner_id"),
        Field(
            description="Who made it: a key, or a subject who came with a token.",
            examples=["key_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]


class ViewPage(Page[ViewRead]):
    """One page of views."""


class ViewQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    resource: Annotated[Searched | None, Where("resource")] = None
