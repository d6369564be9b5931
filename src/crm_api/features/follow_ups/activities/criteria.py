"""What activities may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import Several, of
from crm_api.kit.kinds import Kind
from crm_api.kit.words import by_language, say
from crm_api.platform.external_ids.criteria import by_system

from .models import LINKED
from .schemas import ActivityRead

KINDS = {
    Kind.select: "kind state",
    Kind.text: "subject notes location outcome next_step",
    Kind.datetime: "starts_at ends_at next_contact_at done_at due_at happens_at created_at "
    "updated_at",
    Kind.reference: "customer_id contact_id business_unit_id owner_id",
}
RECORDS = Several(
    name="records",
    kind=Kind.reference,
    labels=(by_language(say("Records")),),
    says=say("The records that it is about."),
    listed=LINKED,
    within=lambda document: document["records"],
)
ACTIVITIES = Catalogue(
    noun="activity",
    fields=(
        *(of(ActivityRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        RECORDS,
    ),
    families={"external_ids": Family("system", by_system)},
    links={
        link: Link(f"{link}_id", CUSTOMER.model, customers, CUSTOMER.scope)
        for link in ("customer", "contact")
    },
)
catalogues["activities"] = ACTIVITIES
