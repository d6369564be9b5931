from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.users.resource import USER
from crm_api.platform.users.schemas import UserId

from .schemas import UserHandover, UserHandoverPlan, UserHandoverPreview
from .service import NEEDS, HandoverService

ids_in_paths(USER.prefix)
router = resource("users", "users")

CHANGED_SINCE = {"x-problems": ["412"]}
Reader = Annotated[HandoverService, provide(HandoverService, "users:read")]
Giver = Annotated[HandoverService, provide(HandoverService, *NEEDS)]


@router.post("/{id:usr}/preview-handover", response_model=UserHandoverPreview)
async def preview_user_handover(handovers: Reader, id: UserId, data: UserHandoverPlan) -> Response:
    """Tell what a handover would do, and refuse what it would refuse; nothing is written.

    Without rules all is `left`: that is what belongs to the user.
    """
    return said(await handovers.preview(id, data))


@router.post(
    "/{id:usr}/handover", status_code=202, response_model=JobRead, openapi_extra=CHANGED_SINCE
)
async def hand_over_user(handovers: Giver, id: UserId, data: UserHandover) -> Response:
    """Give what belongs to a user to others, by rules: a job does it, whose result tells as the
    preview does what became of it.

    Customers of units, teams and those who report to the user get another owner, lead and manager,
    and memberships end. Users who have left can be handed over too; their state does not change.
    """
    return accepted(await handovers.start(id, data))
