"""Ids that only those are shown who see the record: in a document of another record, and in all
that tells of that one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
)

from .actor import Actor
from .columns import mark
from .db import table_of
from .filters import Form, Where
from .masking import Masked
from .reach import ByViewers
from .resource import Resource
from .ruled import NO_MASKS, Masks
from .schema import Read
from .statement import TENANT, number

DIGITS: ColumnElement[int] = number(32)
PLACES = bindparam("eyes_within", value=None, type_=ARRAY(Uuid()))
looked_at: set[str] = set()
"""First words of the scopes that reach the records whose ids are shown so."""


@dataclass(frozen=True, slots=True)
class IfSeen(Masked):
    """A field that is the id of a record, null to those who do not see it by now.

    A statement that is told nothing of who asks shows it to nobody.
    """

    sight: ByViewers | None = None

    def __post_init__(self) -> None:
        looked_at.add(self._sight.scope)

    @property
    def _sight(self) -> ByViewers:
        assert self.sight is not None
        return self.sight

    def over(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """`column` is the id as the contract has it."""
        id = cast(func.right(column, DIGITS), Uuid())
        return case((self.shown(id), column))

    def shown(self, id: ColumnElement[Any]) -> ColumnElement[bool]:
        scope, viewers = self._sight.scope, table_of(self._sight.model)
        mine = bindparam(f"eyes_{scope}", value=[], type_=ARRAY(Uuid()))
        found = select(viewers.c.viewer_id).where(
            viewers.c.tenant_id == TENANT,
            viewers.c[self._sight.record] == id,
            or_(mine.is_(None), viewers.c.viewer_id == mine.any_()),
            or_(PLACES.is_(None), viewers.c.unit_id == PLACES.any_()),
        )
        return or_(self.everything(), found.correlate_except(viewers).exists())

    def everything(self) -> ColumnElement[bool]:
        """Whether the caller sees all records, and so is shown every id."""
        all = bindparam(f"eyes_{self._sight.scope}_all", value=False, type_=Boolean())
        return func.coalesce(all, false())


def shown_if_seen(noun: Resource) -> IfSeen:
    """The mark for ids of a noun."""
    sight = noun.model.sight
    assert isinstance(sight, ByViewers)
    return IfSeen(sight=sight)


@dataclass(frozen=True, slots=True)
class WhereSeen(Where):
    """As `Where`, for such an id: nobody finds by it what he would not be shown."""

    mark: IfSeen | None = None

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        assert self.mark is not None
        same = Where.condition(self, table, name, form)
        return and_(same, self.mark.shown(table.c[self.column]))


def eyes(actor: Actor) -> Mapping[str, Any]:
    """What statements are told of a caller."""
    places = actor.reach.within
    told: dict[str, Any] = {"eyes_within": None if places is None else list(places)}
    for scope in looked_at:
        reads = f"{scope}:read"
        viewers, may = actor.reach.viewers.get(reads), actor.may([reads])
        told[f"eyes_{scope}_all"] = may and viewers is None and places is None
        told[f"eyes_{scope}"] = None if may and viewers is None else list((may and viewers) or ())
    return told


def told_apart(read: type[Read] | None, masks: Masks = NO_MASKS) -> bool:
    """Whether two who see the record may be shown different ids in it, or one has `masks`: its
    document in the journal is no answer then."""
    return read is not None and (bool(masks) or _shows_some(read))


@lru_cache
def _shows_some(read: type[Read]) -> bool:
    return any(mark(field, IfSeen) for field in read.model_fields.values())
