"""What unit profiles may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Link, catalogues
from crm_api.kit.fields import of
from crm_api.kit.kinds import Kind

from .schemas import UnitProfileRead

KINDS = {
    Kind.select: "lifecycle",
    Kind.text: "grade",
    Kind.number: "credit_days",
    Kind.datetime: "grade_expires_at lifecycle_changed_at last_contact_at created_at updated_at",
    Kind.reference: "customer_id business_unit_id owner_id",
}
PROFILES = Catalogue(
    noun="unit_profile",
    fields=tuple(
        of(UnitProfileRead, name, kind) for kind, names in KINDS.items() for name in names.split()
    ),
    links={"customer": Link("customer_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["unit_profiles"] = PROFILES
