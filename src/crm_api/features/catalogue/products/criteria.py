"""What products may be asked about, in filters and segments."""

from crm_api.kit.catalogue import Catalogue, Family, catalogues
from crm_api.kit.fields import of
from crm_api.kit.kinds import Kind
from crm_api.kit.money_fields import of_money
from crm_api.platform.external_ids.criteria import by_system

from .rules import PRICES
from .schemas import ProductRead

KINDS = {
    Kind.select: "kind status",
    Kind.text: "name sku unit tax_class tax_code",
    Kind.datetime: "created_at updated_at",
    Kind.reference: "category_id",
}
PRODUCTS = Catalogue(
    noun="product",
    fields=(
        *(of(ProductRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        *(one for name in PRICES for one in of_money(ProductRead, name, name, f"{name}_currency")),
    ),
    families={"external_ids": Family("system", by_system)},
)
catalogues["products"] = PRODUCTS
