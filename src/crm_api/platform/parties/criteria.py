"""Contact points, as fields that may be asked about."""

from crm_api.kit.actor import Tenant
from crm_api.kit.fields import Several
from crm_api.kit.filters import Listed
from crm_api.kit.kinds import Kind
from crm_api.kit.phones import e164
from crm_api.kit.words import Misread, by_language, misfit, say

LABELS = {"email": say("E-mail"), "phone": say("Phone"), "wechat": say("WeChat id")}
SAYS = {
    "email": say("Any e-mail address, in lower case."),
    "phone": say("Any phone number; whole ones may be sent as people write them."),
    "wechat": say("Any WeChat id."),
}


def contact(kind: str, listed: Listed, ruled: str = "") -> Several:
    """The contact points of a kind that a record has, listed by their values."""
    return Several(
        name=kind,
        kind=Kind.text,
        labels=(by_language(LABELS[kind]),),
        says=SAYS[kind],
        secret=True,
        ruled=ruled,
        listed=listed,
        within=lambda document: [
            point["value"] for point in document["contact_points"] if point["kind"] == kind
        ],
        spell=SPELLINGS.get(kind),
    )


def _phone(text: str, tenant: Tenant) -> str:
    try:
        return e164(text, tenant.phone_region)
    except Misread as error:
        raise misfit("phone_invalid", error.words) from error


def _email(text: str, tenant: Tenant) -> str:
    return text.lower()


SPELLINGS = {"email": _email, "phone": _phone}
