from crm_api.features.desk.agents.events import (
    AgentArchived,
    AgentCreated,
    AgentUpdated,
    AgentWentOnline,
)
from crm_api.features.desk.queues.events import QueueRestored, QueueUpdated
from crm_api.features.desk.queues.service import QueueService
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.jobs.events import JobCompleted
from crm_api.platform.users.events import UserDeparted, UserSuspended

from .service import AssigningService

subscriptions = Subscriptions()


@subscriptions.on(AgentWentOnline)
@subscriptions.on(AgentUpdated)
async def offer(ctx: Context, event: AgentWentOnline | AgentUpdated) -> None:
    await AssigningService(ctx).agent_came(event.object_id)


@subscriptions.on(QueueUpdated)
@subscriptions.on(QueueRestored)
async def look_through(ctx: Context, event: QueueUpdated | QueueRestored) -> None:
    await QueueService(ctx).look_through([event.object_id])


@subscriptions.on(AgentCreated)
async def count(ctx: Context, event: AgentCreated) -> None:
    await AssigningService(ctx).agent_counted(event.object_id)


@subscriptions.on(AgentArchived)
async def take_back(ctx: Context, event: AgentArchived) -> None:
    await AssigningService(ctx).agent_left(event.object_id)


@subscriptions.on(UserSuspended)
@subscriptions.on(UserDeparted)
async def take_back_of_user(ctx: Context, event: UserSuspended | UserDeparted) -> None:
    await AssigningService(ctx).left(event.object_id)


@subscriptions.on(JobCompleted)
async def count_after(ctx: Context, event: JobCompleted) -> None:
    await AssigningService(ctx).job_done(event.object_id)
