from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import ProductCategoryPage, ProductCategoryQuery
from .resource import PRODUCT_CATEGORY
from .schemas import (
    ProductCategoryCreate,
    ProductCategoryId,
    ProductCategoryRead,
    ProductCategoryUpdate,
)
from .service import ProductCategoryService

ids_in_paths(PRODUCT_CATEGORY.prefix)
router = resource("product-categories", "product-categories")

Reader = Annotated[
    ProductCategoryService, provide(ProductCategoryService, "product_categories:read")
]
Writer = Annotated[
    ProductCategoryService, provide(ProductCategoryService, "product_categories:write")
]


@router.get("", response_model=ProductCategoryPage)
async def list_product_categories(
    categories: Reader, query: Annotated[ProductCategoryQuery, asked(ProductCategoryQuery)]
) -> Response:
    """List categories, live ones unless `state` says otherwise, newest first."""
    return listed(await categories.list(query))


@router.post("", status_code=201, response_model=ProductCategoryRead)
async def create_product_category(categories: Writer, data: ProductCategoryCreate) -> Response:
    """Make a category, at the top or below another one; the tree has up to eight levels."""
    return created(await categories.create(data))


@router.get("/{id:pct}", response_model=ProductCategoryRead)
async def get_product_category(categories: Reader, id: ProductCategoryId) -> Response:
    """Read a category. An archived one is answered: look at its `state`."""
    return found(await categories.get(id))


@router.patch("/{id:pct}", response_model=ProductCategoryRead)
async def update_product_category(
    categories: Writer, id: ProductCategoryId, data: ProductCategoryUpdate
) -> Response:
    """Rename a category, or move it with all that is below it."""
    return changed(await categories.update(id, data))


@router.post("/{id:pct}/archive", response_model=ProductCategoryRead)
async def archive_product_category(categories: Writer, id: ProductCategoryId) -> Response:
    """Take a category out of use: no product comes into it, and those that are in it stay.

    Where live categories stand below it, it is refused (409).
    """
    return changed(await categories.archive(id))


@router.post("/{id:pct}/restore", response_model=ProductCategoryRead)
async def restore_product_category(categories: Writer, id: ProductCategoryId) -> Response:
    """Put an archived category into use again."""
    return changed(await categories.restore(id))
