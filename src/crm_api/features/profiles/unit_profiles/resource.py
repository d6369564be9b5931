from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Lifecycle, UnitProfile, UnitProfileCollaborator

PROFILES = table_of(UnitProfile)
OPEN = (Lifecycle.prospect, Lifecycle.active, Lifecycle.dormant, Lifecycle.lost)
UNIT_PROFILE = Resource(
    noun="unit profile",
    prefix=Prefix("upf"),
    model=UnitProfile,
    machines={
        "lifecycle": Machine(
            Lifecycle.prospect,
            (
                Transition("move", Lifecycle.prospect, (Lifecycle.active, Lifecycle.lost)),
                Transition("move", Lifecycle.active, (Lifecycle.dormant, Lifecycle.lost)),
                Transition("move", Lifecycle.dormant, (Lifecycle.active, Lifecycle.lost)),
                Transition("move", Lifecycle.lost, Lifecycle.active),
                Transition("move", OPEN, Lifecycle.blocked),
                Transition(
                    "move",
                    Lifecycle.blocked,
                    OPEN,
                    say("A blocked one only goes back to where it came from: `lifecycle_before`."),
                ),
            ),
        )
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
shown["unit_profiles"] = Shown(UNIT_PROFILE, by="customer_id", sort=("-created_at",), most=20)
