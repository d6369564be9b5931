"""Users whom a record lists: as the contract has their ids, each once; a table of their own finds
the record by them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.db import Base
from crm_api.kit.repository import Repository

from .errors import TooManyUsers
from .resource import USER
from .schemas import MOST_COLLABORATORS
from .service import UserService


def told(users: Iterable[UUID]) -> list[str]:
    return list(dict.fromkeys(USER.prefix.write(user) for user in users))


def known(ids: Iterable[str]) -> list[UUID]:
    return [USER.prefix.read(id) for id in ids]


def joined(ids: Sequence[str], added: Iterable[UUID], most: int = MOST_COLLABORATORS) -> list[str]:
    """Raises TooManyUsers."""
    all_of_them = list(dict.fromkeys([*ids, *told(added)]))
    if len(all_of_them) > most:
        raise TooManyUsers(most)
    return all_of_them


def without(ids: Sequence[str], gone: Iterable[UUID]) -> list[str]:
    left = set(told(gone))
    return [id for id in ids if id not in left]


def newly(ids: Iterable[str], sent: Iterable[UUID], pointer: str) -> dict[str, UUID]:
    """Those who were not listed before, by where they stand in the body."""
    before = set(ids)
    users = enumerate(sent)
    return {f"{pointer}/{n}": id for n, id in users if USER.prefix.write(id) not in before}


def newly_working(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, UUID]:
    """The owner and collaborators whom a record names and did not name before, by where they stand
    in the body."""
    owner, listed = sent.get("owner_id"), before.get("collaborator_ids", ())
    named = {} if owner in (None, before.get("owner_id")) else {"/owner_id": owner}
    return named | newly(listed, sent.get("collaborator_ids", ()), "/collaborator_ids")


async def with_more(ctx: Context, ids: Sequence[str], added: Sequence[UUID]) -> list[str]:
    """Collaborators, and others who are there. Raises UnknownUsers, TooManyUsers."""
    await UserService(ctx).check_named(newly(ids, added, "/collaborator_ids"))
    return joined(ids, added)


def relist(
    records: Repository[Any, Any],
    table: type[Base],
    record: dict[str, UUID],
    before: Iterable[str],
    after: Iterable[str],
) -> None:
    """The rows of `table` by which users find a record, from now on; `record` is its key there."""
    gone, come = set(known(before)), set(known(after))
    for user in sorted(gone - come):
        records.unlink(table, user_id=user, **record)
    for user in sorted(come - gone):
        records.link(table, user_id=user, **record)
