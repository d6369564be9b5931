from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.users.events import UserLinked

from .service import RoleAssignmentService

subscriptions = Subscriptions()


@subscriptions.on(UserLinked)
async def give_no_more_than_one_holds(ctx: Context, event: UserLinked) -> None:
    """Raises GivesMore: the user stays unlinked."""
    await RoleAssignmentService(ctx).check_acting(event.object_id)
