from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.words import say

from .models import ProductCategory, ProductCategoryState
from .resource import PRODUCT_CATEGORY

ProductCategoryId = Annotated[UUID, PRODUCT_CATEGORY.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Filling machines"])]
Code = Annotated[
    Line,
    Field(
        max_length=60,
        description="What the group's other systems call it; unique among all categories.",
        examples=["MACH-FILL"],
    ),
]
ParentId = Annotated[
    ProductCategoryId, Field(description="The category that it stands below; null at the top.")
]


class ProductCategoryCreate(Input):
    name: Name
    code: Code
    parent_id: ParentId | None = None


class ProductCategoryUpdate(Input):
    """With another parent it moves there, with all that is below it."""

    name: Name | MISSING = MISSING
    code: Code | MISSING = MISSING
    parent_id: ParentId | MISSING | None = MISSING


class ProductCategoryRead(EntityRead):
    """Where products belong: a tree of up to eight levels."""

    table = ProductCategory

    id: ProductCategoryId
    object: Literal["product_category"]
    name: Annotated[str, Field(title=say("Name"), examples=["Filling machines"])]
    code: Annotated[
        str,
        Field(description="What the group's other systems call it.", examples=["MACH-FILL"]),
    ]
    parent_id: Annotated[
        ProductCategoryId | None,
        Field(description="The category that it stands below; null at the top."),
    ]
    state: Annotated[
        str, live_or_archived(ProductCategoryState), Field(description="Whether it is in use.")
    ]
