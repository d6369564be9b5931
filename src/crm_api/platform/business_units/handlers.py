from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.legal_entities.events import LegalEntityArchived

from .service import BusinessUnitService

subscriptions = Subscriptions()


@subscriptions.on(LegalEntityArchived)
async def keep_what_units_belong_to(ctx: Context, event: LegalEntityArchived) -> None:
    """Raises StillInUse: the entity stays live."""
    await BusinessUnitService(ctx).check_unused(event.object_id)
