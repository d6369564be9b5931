from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Lifecycle, UnitProfile

UNIT_PROFILE = Resource(
    noun="unit profile",
    prefix=Prefix("upf"),
    model=UnitProfile,
    states={
        Lifecycle.prospect: (Lifecycle.active, Lifecycle.lost, Lifecycle.blocked),
        Lifecycle.active: (Lifecycle.dormant, Lifecycle.lost, Lifecycle.blocked),
        Lifecycle.dormant: (Lifecycle.active, Lifecycle.lost, Lifecycle.blocked),
        Lifecycle.lost: (Lifecycle.active, Lifecycle.blocked),
        Lifecycle.blocked: (
            Lifecycle.prospect,
            Lifecycle.active,
            Lifecycle.dormant,
            Lifecycle.lost,
        ),
    },
    merges={"unit_profiles.customer_id": "unite"},
)
residents[UNIT_PROFILE.word] = table_of(UnitProfile).c.business_unit_id
