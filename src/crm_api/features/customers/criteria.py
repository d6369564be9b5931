"""What customers may be asked about, in filters and segments."""

from crm_api.kit.catalogue import Catalogue, Family, Link, catalogues
from crm_api.kit.fields import Several, of
from crm_api.kit.kinds import Kind
from crm_api.kit.ruled import names
from crm_api.kit.words import by_language, say
from crm_api.platform.external_ids.criteria import by_system
from crm_api.platform.parties.criteria import contact

from .models import Customer
from .queries import found_by
from .schemas import CustomerRead

KINDS = {
    Kind.select: "kind state gender",
    Kind.text: "name source family_name given_name language occupation education income_band "
    "title legal_name uscc industry size_band website",
    Kind.date: "born_on",
    Kind.datetime: "acquired_at created_at updated_at",
    Kind.reference: "parent_id",
}
RULED, CONTACTS = names(CustomerRead), ("email", "phone", "wechat")
TAGS = Several(
    name="tags",
    kind=Kind.multi_select,
    labels=(by_language(say("Tags")),),
    says=say("The tags of the customer."),
    listed=found_by("tag"),
    within=lambda document: document["tags"],
    ruled=RULED["tags"],
)


def customers() -> Catalogue:
    return CUSTOMERS


CUSTOMERS = Catalogue(
    noun="customer",
    fields=(
        *(of(CustomerRead, name, kind) for kind, names in KINDS.items() for name in names.split()),
        TAGS,
        *(contact(kind, found_by(kind), RULED["contact_points"]) for kind in CONTACTS),
    ),
    families={"external_ids": Family("system", by_system)},
    links={"parent": Link("parent_id", Customer, customers)},
)
catalogues["customers"] = CUSTOMERS
