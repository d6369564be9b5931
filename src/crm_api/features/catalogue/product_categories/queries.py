"""What may be asked of categories, and of products by them."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.search import Found, SearchText

from .models import ProductCategoryState
from .schemas import Code, ProductCategoryId, ProductCategoryRead

Sort = Literal["created_at", "-created_at", "name", "-name"]
UnderId = Annotated[
    ProductCategoryId, Field(description="The category itself and all that is below it.")
]


class ProductCategoryPage(Page[ProductCategoryRead]):
    """One page of product categories."""


class ProductCategoryQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["-created_at"]
    q: Annotated[
        SearchText | None,
        Found("product_categories"),
        Field(description="Parts of names, pinyin and codes."),
    ] = None
    state: Annotated[list[ProductCategoryState], OneOf("state"), Field(max_length=10)] = [
        ProductCategoryState.live
    ]
    code: Annotated[list[Code], Where("code"), Field(max_length=50)] = []
    parent_id: Annotated[
        list[ProductCategoryId],
        Where("parent_id"),
        Field(max_length=50, description="Directly below one of these."),
    ] = []
    under: Annotated[list[UnderId], Where("id"), Field(max_length=50)] = []
