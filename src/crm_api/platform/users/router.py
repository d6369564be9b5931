from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import USER
from .schemas import (
    UserCreate,
    UserId,
    UserLink,
    UserPage,
    UserQuery,
    UserRead,
    UserUpdate,
)
from .service import UserService

ids_in_paths(USER.prefix)
router = resource("users", "users")

Reader = Annotated[UserService, provide(UserService, "users:read")]
Writer = Annotated[UserService, provide(UserService, "users:write")]


@router.get("", response_model=UserPage)
async def list_users(users: Reader, query: Annotated[UserQuery, asked(UserQuery)]) -> Response:
    """List users, without those who have left or whose invitation was revoked, unless `state` says
    otherwise; newest first."""
    return listed(await users.list(query))


@router.post("", status_code=201, response_model=UserRead)
async def create_user(users: Writer, data: UserCreate) -> Response:
    """Invite somebody: a user who is `invited` until linked to a subject, or activated.

    Nothing is sent to anybody, and nobody becomes this user by an e-mail address.
    """
    return created(await users.create(data))


@router.get("/{id:usr}", response_model=UserRead)
async def get_user(users: Reader, id: UserId) -> Response:
    """Read a user."""
    return found(await users.get(id))


@router.patch("/{id:usr}", response_model=UserRead)
async def update_user(users: Writer, id: UserId, data: UserUpdate) -> Response:
    """Change some fields of a user who has not left."""
    return changed(await users.update(id, data))


@router.post("/{id:usr}/link", response_model=UserRead)
async def link_user(users: Writer, id: UserId, data: UserLink) -> Response:
    """Say who, at an identity provider, this user is: whoever comes with such a token acts as the
    user from then on. Who was invited is active then.

    A subject is one user, and a user one subject. Tokens that are in use follow within a second.
    """
    return changed(await users.link(id, data))


@router.post("/{id:usr}/unlink", response_model=UserRead)
async def unlink_user(users: Writer, id: UserId) -> Response:
    """Separate a user from the subject. Its tokens go on, as those of nobody in particular, by the
    rules of their provider: to shut somebody out, suspend the user."""
    return changed(await users.unlink(id))


@router.post("/{id:usr}/activate", response_model=UserRead)
async def activate_user(users: Writer, id: UserId) -> Response:
    """Take in somebody who was invited and will not come with tokens of their own."""
    return changed(await users.activate(id))


@router.post("/{id:usr}/revoke", response_model=UserRead)
async def revoke_user(users: Writer, id: UserId) -> Response:
    """Take an invitation back, for good."""
    return changed(await users.revoke(id))


@router.post("/{id:usr}/suspend", response_model=UserRead)
async def suspend_user(users: Writer, id: UserId) -> Response:
    """Shut a user out for a while: tokens are refused within a second. Memberships stay."""
    return changed(await users.suspend(id))


@router.post("/{id:usr}/reactivate", response_model=UserRead)
async def reactivate_user(users: Writer, id: UserId) -> Response:
    """Let a suspended user in again."""
    return changed(await users.reactivate(id))


@router.post("/{id:usr}/depart", response_model=UserRead)
async def depart_user(users: Writer, id: UserId) -> Response:
    """Say that a user has left, for good: tokens are refused within a second.

    Who comes back is a new user, and may be linked to the same subject.
    """
    return changed(await users.depart(id))
