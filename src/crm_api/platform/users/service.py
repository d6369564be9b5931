from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound, UnknownReference
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.identity_providers.service import SubjectService

from . import events
from .errors import HasGone, LinkedAlready, OwnManager, Suspended, UnknownUsers
from .models import UserState
from .repository import UserRepository
from .schemas import UserCreate, UserLink, UserQuery, UserRead, UserUpdate

ENDED = (UserState.departed, UserState.revoked)


class UserService:
    """Who works in the group, and who of them comes with which token."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.users = UserRepository(ctx)
        self.present: set[UUID] = set()

    async def list(self, query: UserQuery) -> Listing:
        spelled = [text.lower() for text in query.email]
        return await self.users.page(query.model_copy(update={"email": spelled}))

    async def get(self, id: UUID) -> Document[UserRead]:
        return await self.users.get(id)

    async def create(self, data: UserCreate) -> Written[UserRead]:
        sent = await self._fitting(data.model_dump())
        return self.users.add(events.UserCreated, **sent)

    async def update(self, id: UUID, data: UserUpdate) -> Written[UserRead]:
        user = await self.users.editable(id)
        sent = await self._fitting(data.changes())
        if sent.get("manager_id") == id:
            raise OwnManager
        return self.users.rewrite(user, events.UserUpdated, **sent)

    async def activate(self, id: UUID) -> Written[UserRead]:
        return await self.users.move(id, UserState.active, events.UserActivated, "activate")

    async def link(self, id: UUID, data: UserLink) -> Written[UserRead]:
        """Who was invited is active from now on. Nobody takes the place of another subject."""
        user = await self.users.editable(id)
        subject = await self._subject(data)
        if user.state == UserState.suspended:
            raise Suspended
        if user.subject_id not in (None, subject):
            raise LinkedAlready
        told = {"state": UserState.active, "subject_id": subject}
        return self.users.rewrite(user, events.UserLinked, **told)

    async def unlink(self, id: UUID) -> Written[UserRead]:
        """The subject goes on as one that nobody has linked, by the rules of its provider."""
        user = await self.users.editable(id)
        if user.state == UserState.suspended:
            raise Suspended
        return self.users.rewrite(user, events.UserUnlinked, subject_id=None)

    async def suspend(self, id: UUID) -> Written[UserRead]:
        return await self.users.move(id, UserState.suspended, events.UserSuspended)

    async def reactivate(self, id: UUID) -> Written[UserRead]:
        return await self.users.move(id, UserState.active, events.UserReactivated, "reactivate")

    async def depart(self, id: UUID) -> Written[UserRead]:
        return await self.users.move(id, UserState.departed, events.UserDeparted)

    async def revoke(self, id: UUID) -> Written[UserRead]:
        return await self.users.move(id, UserState.revoked, events.UserRevoked)

    async def hand_over(self, id: UUID) -> UUID:
        """Says that what belongs to a user is handed over: a version in which nothing else is new.

        The id of the event that says it. Raises HasGone for whoever never came.
        """
        user = await self.users.load(id)
        _check_came(user.state)
        self.users.change(user, events.UserHandedOver, version=user.version + 1)
        return self.ctx.events[-1].id

    async def check_came(self, id: UUID) -> None:
        """Raises NotFound, and HasGone for whoever never came."""
        state = (await self.users.states([id])).get(id)
        if state is None:
            raise NotFound
        _check_came(state)

    async def check_present(self, ids: Sequence[UUID], pointer: str) -> None:
        """Raises UnknownUsers, which names those who are not there, or not any more."""
        await self.check_named({f"{pointer}/{number}": id for number, id in enumerate(ids)})

    async def check_named(self, named: Mapping[str, UUID]) -> None:
        """The same of users by the pointers to where they stand. Raises UnknownUsers."""
        await self.look_up(named.values())
        wrong = [place for place, id in named.items() if id not in self.present]
        if wrong:
            raise UnknownUsers(wrong)

    async def is_active(self, id: UUID) -> bool:
        """Whether somebody can sign in, as it is just now."""
        return (await self.users.states([id])).get(id) == UserState.active

    async def look_up(self, ids: Iterable[UUID]) -> None:
        """Finds at once which of them are there, for whoever names them one after the other."""
        wanted = set(ids) - self.present
        states = await self.users.states(list(wanted)) if wanted else {}
        self.present |= {id for id, state in states.items() if state not in ENDED}

    async def _fitting(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(sent["business_unit_id"])
        if sent.get("email"):
            sent["email"] = sent["email"].lower()
        return sent

    async def _subject(self, data: UserLink) -> UUID:
        """Raises UnknownReference."""
        subjects = SubjectService(self.ctx)
        found = await subjects.at_provider(data.identity_provider_id, data.subject)
        if found is None:
            raise UnknownReference("/identity_provider_id")
        return found


def _check_came(state: str) -> None:
    if state == UserState.revoked:
        raise HasGone(state)
