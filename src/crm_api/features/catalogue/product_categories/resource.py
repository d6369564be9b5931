from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import ProductCategory, ProductCategoryState

PRODUCT_CATEGORY = Resource(
    noun="product category",
    prefix=Prefix("pct"),
    model=ProductCategory,
    machines={"state": live_and_archived(ProductCategoryState)},
)
