from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.users.events import UserDeparted, UserSuspended

from .service import AgentService

subscriptions = Subscriptions()


@subscriptions.on(UserSuspended)
@subscriptions.on(UserDeparted)
async def sign_off(ctx: Context, event: UserSuspended | UserDeparted) -> None:
    await AgentService(ctx).sign_off(event.object_id)
