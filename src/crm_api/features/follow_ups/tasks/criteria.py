"""What tasks may be asked about, in filters and segments."""

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import Several, of
from crm_api.kit.kinds import Kind
from crm_api.kit.words import by_language, say
from crm_api.platform.external_ids.criteria import by_system

from .models import LINKED
from .schemas import TaskRead

KINDS = {
    Kind.select: "state priority",
    Kind.text: "subject",
    Kind.date: "due_on occurrence_on",
    Kind.datetime: "due_until remind_at overdue_at completed_at cancelled_at created_at updated_at",
    Kind.reference: "customer_id business_unit_id assignee_id creator_id series_id",
}
RECORDS = Several(
    name="records",
    kind=Kind.reference,
    labels=(by_language(say("Records")),),
    says=say("The records that the task is linked to."),
    listed=LINKED,
    within=lambda document: document["records"],
)
TASKS = Catalogue(
    noun="task",
    fields=(
        *(of(TaskRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        RECORDS,
    ),
    families={"external_ids": Family("system", by_system)},
    links={"customer": Link("customer_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["tasks"] = TASKS
