"""Commands work as requests do: one actor, one tenant, one transaction."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.features.desk.ticket_statuses.service import TicketStatusService
from crm_api.kit.actor import OPERATOR, Actor, Tenant
from crm_api.kit.clock import SystemClock
from crm_api.kit.context import Context, House
from crm_api.kit.covering import EVERYTHING
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import uuid7
from crm_api.main import open_house
from crm_api.platform.access.schemas import ApiKeyCreate
from crm_api.platform.access.service import ApiKeyService
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.platform.organization.service import TenantService
from crm_api.platform.roles.service import RoleService
from crm_api.settings import Settings

from .trouble import Trouble


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    small = settings.model_copy(update={"database_pool_size": 2})
    house = await open_house(small, SystemClock())
    try:
        yield house
    finally:
        await house.close()


def operator(house: House, tenant: Tenant) -> Context:
    """Whoever may run commands on the server may do everything in a tenant."""
    actor = Actor(OPERATOR, tenant, frozenset({EVERYTHING}))
    return Context.open(house, actor, f"cmd_{uuid7().hex}")


async def new_tenant(house: House, settled: TenantCreate) -> tuple[Tenant, str]:
    """A tenant with what all begin with, and its first key, which may do everything."""
    tenant = Tenant.of(uuid7(), settled.model_dump())
    ctx = operator(house, tenant)
    TenantService(ctx).create(settled)
    RoleService(ctx).create_built_in()
    TicketStatusService(ctx).create_built_in()
    SlaPolicyService(ctx).create_built_in()
    secret, _ = await ApiKeyService(ctx).create(ApiKeyCreate(name="First key", scopes=[EVERYTHING]))
    await ctx.finish()
    return tenant, secret


async def new_key(
    house: House, tenant: Tenant, scopes: Iterable[str] = (EVERYTHING,), name: str = "Recovery key"
) -> str:
    ctx = operator(house, tenant)
    secret, _ = await ApiKeyService(ctx).create(ApiKeyCreate(name=name, scopes=list(scopes)))
    await ctx.finish()
    return secret


async def known_tenant(house: House, id: UUID) -> Tenant:
    """A tenant as it has settled itself."""
    nobody = Tenant(id, "", False, "", "", "", (), frozenset())
    try:
        read = (await TenantService(operator(house, nobody)).get()).value
    except NotFound as error:
        raise Trouble("There is no such tenant: see crm-api tenant list.") from error
    return Tenant.of(id, read.model_dump())
