from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.features.catalogue.product_categories.schemas import (
    ProductCategoryId,
    ProductCategoryRead,
)
from crm_api.kit.columns import Expanded
from crm_api.kit.forms import form
from crm_api.kit.hiding import Without
from crm_api.kit.money import MoneyIn, UnitMoney
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.words import misfit, say
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)

from .models import Product
from .models import ProductKind as ProductKind
from .models import ProductStatus as ProductStatus
from .resource import PRODUCT
from .rules import ProductForSale as ProductForSale
from .rules import check_sellable as check_sellable

KIND = OpenEnum(
    ProductKind, goods=say("Goods"), service=say("Service"), subscription=say("Subscription")
)
STATUS = OpenEnum(
    ProductStatus, draft=say("Draft"), active=say("On sale"), discontinued=say("Discontinued")
)


def _not_negative(price: UnitMoney) -> UnitMoney:
    if price.value < 0:
        raise misfit("price_negative", say("Send a price that is not below zero"))
    return price


ProductId = Annotated[UUID, PRODUCT.prefix]
Price = Annotated[UnitMoney, AfterValidator(_not_negative)]
"""Of one unit: up to six digits after the point, not below zero."""
Sku = Annotated[
    Line,
    Field(max_length=60, description="Unique among all products.", examples=["F-200"]),
]
Name = Annotated[Line, Field(max_length=200, examples=["Filling machine F-200"])]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Unit = Annotated[
    Line,
    Field(max_length=20, description="What one of it is: pcs, 件, kg, hour.", examples=["pcs"]),
]
TaxClass = Annotated[
    str,
    form(
        "^[a-z][a-z0-9_]{0,39}$",
        say("Send lower-case letters, digits and _, a letter first."),
        description="What decides on its tax rates, in your words: `standard`, `reduced`.",
        examples=["standard"],
    ),
]
TaxCode = Annotated[
    str,
    form(
        "^[0-9]{1,19}$",
        say("Send up to 19 digits."),
        description="Its classification by the tax authority, for invoices (税收分类编码).",
        examples=["1090122010000000000"],
    ),
]
Cost = Annotated[
    Price, Field(description="What one unit costs the group. Roles may hide it from their holders.")
]
ListPrice = Annotated[
    Price, Field(description="What one unit costs the customer where no price book says it.")
]
InCategory = Annotated[ProductCategoryId, Field(description="The category that it belongs to.")]


class ProductCreate(Input):
    sku: Sku
    name: Name
    description: Text | MISSING | None = MISSING
    category_id: InCategory | MISSING | None = MISSING
    kind: ProductKind | MISSING = MISSING
    unit: Unit | MISSING | None = MISSING
    tax_class: TaxClass | MISSING = MISSING
    tax_code: TaxCode | MISSING | None = MISSING
    unit_cost: Cost | MISSING | None = MISSING
    list_price: ListPrice | MISSING | None = MISSING
    status: (
        Annotated[
            Literal[ProductStatus.active, ProductStatus.draft],
            Field(description="`active`, when not sent; a draft is not sold yet."),
        ]
        | MISSING
    ) = MISSING
    external_ids: ExternalIds | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class ProductUpdate(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole."""

    sku: Sku | MISSING = MISSING
    name: Name | MISSING = MISSING
    description: Text | MISSING | None = MISSING
    category_id: InCategory | MISSING | None = MISSING
    kind: ProductKind | MISSING = MISSING
    unit: Unit | MISSING | None = MISSING
    tax_class: TaxClass | MISSING = MISSING
    tax_code: TaxCode | MISSING | None = MISSING
    unit_cost: Cost | MISSING | None = MISSING
    list_price: ListPrice | MISSING | None = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class ProductUpsert(ProductUpdate):
    """A merge patch; a product that is not there yet needs `sku` and `name`."""

    status: (
        Annotated[
            ProductStatus,
            Field(
                description="As the system sees it: another status leads where `activate` and "
                "`discontinue` do. A product that is not there yet is active, when not sent."
            ),
        ]
        | MISSING
    ) = MISSING


class ProductBatchItem(BatchItem[ProductUpsert]):
    """One product as its system sees it."""


class ProductBatch(Batch[ProductBatchItem]):
    """Up to a hundred products of one system, each created or changed by its external id."""


class ProductRead(EntityRead):
    """What is sold: goods, a service, or a subscription."""

    table = Product
    ruled = dict.fromkeys(("unit_cost", "unit_cost_currency"), "unit_cost")

    id: ProductId
    object: Literal["product"]
    sku: Annotated[str, Field(title=say("SKU"), examples=["F-200"])]
    name: Annotated[str, Field(title=say("Name"), examples=["Filling machine F-200"])]
    description: str | None
    category_id: Annotated[ProductCategoryId | None, Field(title=say("Category"))]
    kind: Annotated[str, KIND, Field(title=say("Kind"))]
    unit: Annotated[
        str | None,
        Field(title=say("Unit"), description=say("What one of it is."), examples=["pcs"]),
    ]
    tax_class: Annotated[
        str,
        Field(
            title=say("Tax class"),
            description=say("What decides on its tax rates."),
            examples=["standard"],
        ),
    ]
    tax_code: Annotated[
        str | None,
        Field(
            title=say("Tax code"),
            description=say("Its classification by the tax authority."),
            examples=["1090122010000000000"],
        ),
    ]
    unit_cost: Annotated[
        UnitMoney | None,
        MoneyIn("unit_cost", "unit_cost_currency"),
        Field(title=say("Unit cost"), description=say("What one unit costs the group.")),
    ]
    list_price: Annotated[
        UnitMoney | None,
        MoneyIn("list_price", "list_price_currency"),
        Field(
            title=say("List price"),
            description=say("What one unit costs the customer where no price book says it."),
        ),
    ]
    status: Annotated[
        str, STATUS, Field(title=say("Status"), description=say("Active products are sold."))
    ]
    external_ids: Annotated[dict[str, str], Field(examples=[{"sap": "0000104711"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    custom: Annotated[Custom, Without("custom", "product")]
    category: Annotated["ProductCategoryRead | MISSING | None", Expanded("category_id")] = MISSING
