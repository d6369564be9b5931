"""What orders may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import of
from crm_api.kit.kinds import Kind
from crm_api.kit.money_fields import of_money
from crm_api.platform.external_ids.criteria import by_system

from .schemas import OrderRead

KINDS = {
    Kind.select: "status shipment_status payment_status invoice_status",
    Kind.text: "number source customer_reference",
    Kind.number: "revision",
    Kind.date: "requested_on",
    Kind.datetime: "ordered_at confirmed_at completed_at cancelled_at created_at updated_at",
    Kind.reference: "customer_id business_unit_id owner_id deal_id",
}
ORDERS = Catalogue(
    noun="order",
    fields=(
        *(of(OrderRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        *of_money(OrderRead, "total", "total", "currency"),
        of_money(OrderRead, "net", "net", "currency")[0],
        of_money(OrderRead, "tax", "tax", "currency")[0],
        of_money(OrderRead, "paid", "paid", "currency")[0],
        *of_money(OrderRead, "base_total", "base_total", "base_currency"),
    ),
    families={"external_ids": Family("system", by_system)},
    links={"customer": Link("customer_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["orders"] = ORDERS
