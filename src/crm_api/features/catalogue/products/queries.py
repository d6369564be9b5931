"""What may be asked of products."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.catalogue.product_categories.queries import UnderId
from crm_api.features.catalogue.product_categories.schemas import ProductCategoryId
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.search import Found, SearchText
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.audit.schemas import AsOf

from .models import ProductKind, ProductStatus
from .schemas import ProductRead, Sku, TaxClass

Expand = Annotated[list[Literal["category"]], EXPAND]
Sort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "name",
    "-name",
    "sku",
    "-sku",
]


class ProductShown(Input):
    expand: Expand = []


class ProductThen(ProductShown, AsOf):
    """Now with its category beside it, or alone as it was."""


class ProductPage(Page[ProductRead]):
    """One page of products."""


class _ProductQuery(ListQuery):
    sorts = {"name": "sort_name"}

    expand: Expand = []
    q: Annotated[
        SearchText | None,
        Found("products"),
        Field(description="Parts of names, pinyin and SKUs."),
    ] = None


class ProductQuery(_ProductQuery):
    sort: Annotated[
        list[Sort], Field(min_length=1, max_length=3, description="First key first; `-` descends.")
    ] = ["-created_at"]
    sku: Annotated[list[Sku], Where("sku"), Field(max_length=50)] = []
    category_id: Annotated[
        list[ProductCategoryId],
        Where("category_id"),
        Field(max_length=50, description="Directly in one of these."),
    ] = []
    under_category: Annotated[
        list[UnderId],
        Where("category_id"),
        Field(max_length=50, description="In one of these, or in one below it."),
    ] = []
    kind: Annotated[list[ProductKind], OneOf("kind"), Field(max_length=10)] = []
    status: Annotated[list[ProductStatus], OneOf("status"), Field(max_length=10)] = []
    tax_class: Annotated[list[TaxClass], Where("tax_class"), Field(max_length=50)] = []
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class ProductSearch(Search, _ProductQuery):
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


searches["products"] = ProductSearch


class ProductAggregate(Aggregate):
    """Which products to count, and how."""
