"""Trees of records that name their parent: where one may stand, and what stands below others."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)

from .alone import alone
from .context import Context
from .db import Base, table_of
from .errors import Invalid, UnknownReference
from .statement import TENANT, Statement, in_tenant, number
from .words import Words, say

POINTER = "/parent_id"
ONE, PARENT = bindparam("one", type_=Uuid()), bindparam("parent", type_=Uuid())


class WrongParent(Invalid):
    """Below this parent a record cannot stand in its tree."""

    def __init__(self, code: str, message: Words, **params: int) -> None:
        super().__init__(
            say("The record cannot stand there in the tree."),
            {"pointer": POINTER, "code": code, "message": message, "params": params},
        )


async def lock_tree(ctx: Context, model: type[Base]) -> None:
    """Nobody else changes this tree of the tenant until the commit: before any row is locked."""
    await alone(ctx, "tree of", table_of(model).name)


async def check_parent(
    ctx: Context, model: type[Base], id: UUID, parent: UUID, levels: int
) -> None:
    """Whether a record, with all below it, may stand below a live parent in a tree of so many
    levels. Locks the tree. Raises UnknownReference, WrongParent."""
    await lock_tree(ctx, model)
    at_place = _at_place(table_of(model), levels)
    [found] = await ctx.work.rows(at_place, {"one": id, "parent": parent})
    if found.state is None:
        raise UnknownReference(POINTER)
    if found.state == "archived":
        message = say("This record is archived: restore it, or send another.")
        raise WrongParent("archived_reference", message)
    if found.circular:
        message = say("Send a record that is not this one and not below it.")
        raise WrongParent("circular_parent", message)
    if found.levels > levels:
        message = say("The tree has {most} levels at most.", most=levels)
        raise WrongParent("too_deep", message, most=levels)


@lru_cache
def _at_place(table: Table, most: int) -> Select[Any]:
    """Of the parent its state; whether the record stands above it; the levels of the deepest line
    through both. One step more than there may be is enough to know that there are too many."""
    above, below = _line(table, most), _branch(table, most)
    state = select(table.c.state).where(table.c.tenant_id == TENANT, table.c.id == PARENT)
    deep = [select(func.max(part.c.level)).scalar_subquery() for part in (above, below)]
    return select(
        cast(state.scalar_subquery(), Text).label("state"),
        select(above.c.id).where(above.c.id == ONE).exists().label("circular"),
        (deep[0] + deep[1]).label("levels"),
    )


def _line(table: Table, most: int) -> CTE:
    """The parent and all above it, as far as the record itself."""
    line = select(PARENT.label("id"), number(1).label("level")).cte("line", recursive=True)
    next = select(table.c.parent_id, line.c.level + 1).join_from(
        table, line, table.c.id == line.c.id
    )
    mine = (table.c.tenant_id == TENANT, table.c.parent_id.is_not(None))
    return line.union_all(next.where(*mine, line.c.id != ONE, line.c.level <= most))


def _branch(table: Table, most: int) -> CTE:
    """The record and all below it."""
    branch = select(ONE.label("id"), number(1).label("level")).cte("branch", recursive=True)
    next = select(table.c.id, branch.c.level + 1)
    next = next.join_from(table, branch, table.c.parent_id == branch.c.id)
    return branch.union_all(next.where(table.c.tenant_id == TENANT, branch.c.level <= most))


async def with_all_below(ctx: Context, model: type[Base], ids: Sequence[UUID]) -> list[UUID]:
    """These, whether they are there or not, and what stands below them."""
    found = await ctx.work.fetch(all_below(table_of(model)), {"ids": list(ids)})
    return list({*ids, *(found or ())})


@lru_cache
def all_below(table: Table) -> Statement:
    """The ids of what stands below `ids`."""
    of_these = bindparam("ids", type_=ARRAY(Uuid())).any_()
    first = select(table.c.id).where(table.c.tenant_id == TENANT, table.c.parent_id == of_these)
    found = first.cte("below", recursive=True)
    next = select(table.c.id).join_from(table, found, table.c.parent_id == found.c.id)
    found = found.union(next.where(table.c.tenant_id == TENANT))
    return in_tenant(select(func.array_agg(found.c.id)).scalar_subquery())
