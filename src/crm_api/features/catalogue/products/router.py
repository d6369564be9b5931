from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids

from .queries import (
    ProductAggregate,
    ProductPage,
    ProductQuery,
    ProductSearch,
    ProductShown,
    ProductThen,
)
from .resource import PRODUCT
from .schemas import (
    ProductBatch,
    ProductCreate,
    ProductId,
    ProductRead,
    ProductUpdate,
    ProductUpsert,
)
from .service import ProductService

ids_in_paths(PRODUCT.prefix)
router = resource("products", "products")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=PRODUCT,
        service=ProductService,
        read=ProductRead,
        shown=ProductShown,
        upsert=ProductUpsert,
        batch=ProductBatch,
        ended="Another `status` leads where `activate` and `discontinue` do.",
    )
)

Reader = Annotated[ProductService, provide(ProductService, "products:read")]
Writer = Annotated[ProductService, provide(ProductService, "products:write")]


@router.get("", response_model=ProductPage)
async def list_products(
    products: Reader, query: Annotated[ProductQuery, asked(ProductQuery)]
) -> Response:
    """List products of any status, newest first.

    A list to choose from is `status=active`, with `under_category` or `q`.
    """
    return listed(await products.list(query))


@router.post("", status_code=201, response_model=ProductRead)
async def create_product(products: Writer, data: ProductCreate) -> Response:
    """Add a product, which is sold from now on, or is a draft."""
    return created(await products.create(data))


@router.post("/search", response_model=ProductPage)
async def search_products(products: Reader, data: ProductSearch) -> Response:
    """Find products by a filter over their fields."""
    return answered((await products.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_products(products: Reader, data: ProductAggregate) -> Response:
    """Count products, and reckon over their fields, in groups of up to three fields."""
    return answered(await products.aggregate(data))


@router.get("/{id:prd}", response_model=ProductRead)
async def get_product(
    products: Reader, id: ProductId, query: Annotated[ProductThen, asked(ProductThen)]
) -> Response:
    """Read a product, also as it was before."""
    return found(await products.get(id, query.expand, query.as_of))


@router.patch("/{id:prd}", response_model=ProductRead)
async def update_product(products: Writer, id: ProductId, data: ProductUpdate) -> Response:
    """Change some fields of a product, whatever its status.

    What was sold before stays as it was sold: documents keep what they said of the product.
    """
    return changed(await products.update(id, data))


@router.post("/{id:prd}/activate", response_model=ProductRead)
async def activate_product(products: Writer, id: ProductId) -> Response:
    """Let a draft, or a product that was discontinued, be sold."""
    return changed(await products.activate(id))


@router.post("/{id:prd}/discontinue", response_model=ProductRead)
async def discontinue_product(products: Writer, id: ProductId) -> Response:
    """Let a product be sold no more. What names it already goes on doing so."""
    return changed(await products.discontinue(id))
