"""What tickets may be asked about: in filters, segments, policies and rules."""

from collections.abc import Mapping
from typing import Any

from crm_api.features.customers.criteria import customers
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import Several, of
from crm_api.kit.kinds import Kind
from crm_api.kit.words import by_language, say
from crm_api.platform.external_ids.criteria import by_system

from .models import TAGGED
from .rules import SPELLED
from .schemas import TicketRead

KINDS = {
    Kind.select: "type priority category channel complaint_level close_reason",
    Kind.text: "number subject",
    Kind.number: "reopened_count message_count",
    Kind.datetime: "due_at snoozed_until first_replied_at last_customer_message_at "
    "last_agent_message_at resolved_at closed_at created_at updated_at",
    Kind.boolean: "is_breached",
    Kind.reference: "requester_id contact_id business_unit_id responsible_unit_id status_id "
    "queue_id assignee_id order_id",
}
TAGS = Several(
    name="tags",
    kind=Kind.multi_select,
    labels=(by_language(say("Tags")),),
    says=say("The tags of the ticket."),
    listed=TAGGED,
    within=lambda document: document["tags"],
)
TICKETS = Catalogue(
    noun="ticket",
    fields=(
        *(of(TicketRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        TAGS,
    ),
    families={"external_ids": Family("system", by_system)},
    links={"requester": Link("requester_id", CUSTOMER.model, customers, CUSTOMER.scope)},
)
catalogues["tickets"] = TICKETS


def document(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """A ticket of these columns as a GET shows it, but for who takes part; what nobody has said of
    it yet is null."""
    told = TicketRead.model_fields.keys() - SPELLED.keys()
    known = {name: ticket[name] for name in told if name in ticket}
    shown = TicketRead.model_construct(**known).model_dump(mode="json", warnings=False)
    return {**dict.fromkeys(TicketRead.model_fields), **shown}
