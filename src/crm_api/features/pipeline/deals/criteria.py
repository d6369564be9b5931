"""What deals may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import of
from crm_api.kit.kinds import Kind
from crm_api.kit.money_fields import of_money
from crm_api.platform.external_ids.criteria import by_system

from .schemas import DealRead

KINDS = {
    Kind.select: "status forecast_category state",
    Kind.text: "name stage source loss_reason",
    Kind.number: "probability",
    Kind.date: "expected_close_on",
    Kind.datetime: "stage_since stale_since closed_at created_at updated_at",
    Kind.reference: "customer_id business_unit_id owner_id pipeline_id",
}
DEALS = Catalogue(
    noun="deal",
    fields=(
        *(of(DealRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        *of_money(DealRead, "amount", "amount", "currency"),
        *of_money(DealRead, "base_amount", "base_amount", "base_currency"),
    ),
    families={"external_ids": Family("system", by_system)},
    links={"customer": Link("customer_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["deals"] = DEALS
