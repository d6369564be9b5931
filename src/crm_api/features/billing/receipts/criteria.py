"""What receipts may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import of
from crm_api.kit.kinds import Kind
from crm_api.kit.money_fields import of_money
from crm_api.platform.external_ids.criteria import by_system

from .schemas import ReceiptRead

KINDS = {
    Kind.select: "status method",
    Kind.text: "number account payer reference provider provider_event_id",
    Kind.datetime: "received_at confirmed_at reversed_at created_at updated_at",
    Kind.reference: "customer_id business_unit_id handler_id",
}
RECEIPTS = Catalogue(
    noun="receipt",
    fields=(
        *(of(ReceiptRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        *of_money(ReceiptRead, "amount", "amount", "currency"),
        of_money(ReceiptRead, "allocated", "allocated", "currency")[0],
        of_money(ReceiptRead, "unallocated", "unallocated", "currency")[0],
    ),
    families={"external_ids": Family("system", by_system)},
    links={"customer": Link("customer_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["receipts"] = RECEIPTS
