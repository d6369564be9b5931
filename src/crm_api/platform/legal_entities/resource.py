from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import LegalEntity, LegalEntityState

LEGAL_ENTITY = Resource(
    noun="legal entity",
    prefix=Prefix("leg"),
    model=LegalEntity,
    machines={"state": live_and_archived(LegalEntityState)},
)
