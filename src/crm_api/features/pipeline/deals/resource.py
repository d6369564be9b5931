from crm_api.features.pipeline.pipelines.schemas import StageKind
from crm_api.features.pipeline.stays.schemas import DEAL as PREFIX
from crm_api.kit.db import table_of
from crm_api.kit.machines import Machine, Transition, live_and_archived
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Deal, DealCollaborator, DealState

DEALS = table_of(Deal)
CLOSED = (StageKind.won, StageKind.lost)
OPEN = {"status": (StageKind.open,), "state": (DealState.live,)}
DEAL = Resource(
    noun="deal",
    prefix=PREFIX,
    model=Deal,
    machines={
        "state": live_and_archived(DealState),
        "status": Machine(
            StageKind.open,
            (
                Transition(
                    "move",
                    StageKind.open,
                    StageKind.open,
                    say("To another open stage: see the transitions of the deal."),
                ),
                Transition("win", StageKind.open, StageKind.won),
                Transition("lose", StageKind.open, StageKind.lost),
                Transition("reopen", CLOSED, StageKind.open),
            ),
        ),
    },
    custom=True,
    merges={"deals.customer_id": "repoint", "deal_contacts.customer_id": "unite"},
)
residents[DEAL.word] = DEALS.c.business_unit_id
belongings[DEAL.word] = Belongings(
    DEAL,
    roles=(
        Sole("owner", DEALS.c.owner_id),
        Shared(
            "collaborator",
            DEALS.c.collaborator_ids,
            table_of(DealCollaborator).c.deal_id,
            beside=DEALS.c.owner_id,
        ),
    ),
    state=DEALS.c.status,
    live=("open",),
)
shown["open_deals"] = Shown(
    DEAL, by="customer_id", where=OPEN, sort=("-created_at",), most=5, sums={"amounts": "amount"}
)
