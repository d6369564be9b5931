from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .explaining import AccessService
from .me import MeService
from .resource import API_KEY
from .schemas import (
    AccessExplanation,
    AccessQuestion,
    ApiKeyCreate,
    ApiKeyId,
    ApiKeyPage,
    ApiKeyQuery,
    ApiKeyRead,
    ApiKeyRotate,
    ApiKeyWithSecret,
    Me,
)
from .service import ApiKeyService

ids_in_paths(API_KEY.prefix)
me = resource("me", "access")
access = resource("access", "access")
router = resource("api-keys", "access")

Explainer = Annotated[AccessService, provide(AccessService, "roles:read", "role_assignments:read")]
Reader = Annotated[ApiKeyService, provide(ApiKeyService, "api_keys:read")]
Writer = Annotated[ApiKeyService, provide(ApiKeyService, "api_keys:write")]


@me.get("", response_model=Me)
async def get_me(me: Annotated[MeService, provide(MeService)]) -> Response:
    """Tell who you are: user, tenant and scopes. Any valid key or token may ask."""
    return said(await me.get())


@access.post("/explain", response_model=AccessExplanation)
async def explain_access(rights: Explainer, data: AccessQuestion) -> Response:
    """Tell whether a user may do something, with a record that you see, and which role allows it or
    what each role lacks. Role rules are not looked at, as they ask a token: only roles that are
    assigned to the user."""
    return said(await rights.explain(data))


@router.get("", response_model=ApiKeyPage)
async def list_api_keys(
    keys: Reader, query: Annotated[ApiKeyQuery, asked(ApiKeyQuery)]
) -> Response:
    """List the tenant's keys, newest first. Secrets are never shown."""
    return listed(await keys.list(query))


@router.post("", status_code=201, response_model=ApiKeyWithSecret)
async def create_api_key(keys: Writer, data: ApiKeyCreate) -> Response:
    """Make a key. Its secret is in this answer and nowhere else, ever."""
    secret, key = await keys.create(data)
    return created(key, secret=secret)


@router.get("/{id:key}", response_model=ApiKeyRead)
async def get_api_key(keys: Reader, id: ApiKeyId) -> Response:
    """Read a key, without its secret."""
    return found(await keys.get(id))


@router.post("/{id:key}/rotate", response_model=ApiKeyWithSecret)
async def rotate_api_key(keys: Writer, id: ApiKeyId, data: ApiKeyRotate) -> Response:
    """Give a key another secret, in this answer and nowhere else. The one until now works for a
    while beside it, so that nothing stops while you change it; one from before that stops at once.
    """
    secret, key = await keys.rotate(id, data)
    return changed(key, secret=secret)


@router.delete("/{id:key}", status_code=204)
async def revoke_api_key(keys: Writer, id: ApiKeyId) -> Response:
    """Revoke a key. It stops working within a second; its deeds stay in the journal."""
    await keys.revoke(id)
    return gone()
