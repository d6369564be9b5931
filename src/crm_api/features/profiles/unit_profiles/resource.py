from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Lifecycle, UnitProfile, UnitProfileCollaborator

PROFILES = table_of(UnitProfile)
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
residents[UNIT_PROFILE.word] = PROFILES.c.business_unit_id
belongings[UNIT_PROFILE.word] = Belongings(
    UNIT_PROFILE,
    roles=(
        Sole("owner", PROFILES.c.owner_id),
        Shared(
            "collaborator",
            PROFILES.c.collaborator_ids,
            table_of(UnitProfileCollaborator).c.unit_profile_id,
            beside=PROFILES.c.owner_id,
        ),
    ),
    state=table_of(CUSTOMER.model).c.state,
    live=("live",),
    of=PROFILES.c.customer_id,
)
