from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    not_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from crm_api.features.customers.queries import found_by
from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.columns import told
from crm_api.kit.db import table_of
from crm_api.kit.reader import Reader
from crm_api.kit.recording import record
from crm_api.kit.sight import Seen, bound, seen_by, visible
from crm_api.kit.statement import TENANT, Statement, in_tenant, quoted
from crm_api.platform.external_ids.repository import owner_of

from .events import CustomerPresenceTold

CUSTOMERS = table_of(CUSTOMER.model)
LISTED, MOST = ("email", "phone", "wechat"), 20
USCC = bindparam("uscc", type_=Text())
NOTHING = dict.fromkeys((*LISTED, "system", "value", "uscc"))
Found = tuple[list[dict[str, Any]], UUID | None]


class ResolutionRepository(Reader[CustomerRead]):
    """Customers by what is theirs alone, or nearly so."""

    read = CustomerRead

    async def of(self, keys: Mapping[str, Any], *, tells: bool) -> Found:
        """Those whom the caller sees, and one whom he does not see in any unit, if he `tells`."""
        actor = self.ctx.actor
        anywhere = replace(actor, reach=replace(actor.reach, within=None))
        hidden = seen_by(anywhere, CUSTOMER.model) if tells else None
        asked = {**NOTHING, **bound(hidden), **keys}
        items, other = await self._fetch(resolved(self.seen, hidden), asked)
        return from_json(items or "[]"), UUID(other) if other else None

    async def tell(self, id: UUID) -> None:
        """Let the journal say that somebody was told of a customer, who stays as he is."""
        mine = (CUSTOMERS.c.tenant_id == TENANT, CUSTOMERS.c.id == id)
        held = select(CUSTOMERS.c.version).where(*mine).with_for_update(read=True)
        for row in await self.ctx.work.rows(held, {}):
            self.ctx.work.stage("leave", CUSTOMERS, {"id": id})
            record(self.ctx, self.read, CustomerPresenceTold, id, row.version)


@lru_cache
def resolved(seen: Seen | None, hidden: Seen | None = None) -> Statement:
    """`[items, id of one who is hidden]`; each may be null."""
    keyed = _keyed()
    best = (func.cardinality(keyed.c.by).desc(), CUSTOMERS.c.state.desc(), CUSTOMERS.c.id.desc())
    source = CUSTOMERS.join(keyed, keyed.c.id == CUSTOMERS.c.id)
    rows = _rows(source, keyed).where(*visible(CUSTOMERS, seen)).order_by(*best).limit(MOST)
    listed = rows.subquery("listed")
    items = select(cast(func.json_agg(listed.table_valued()), Text)).scalar_subquery()
    other: Any = cast(None, Text)
    if hidden is not None:
        unseen = not_(hidden.condition(CUSTOMERS))
        one = select(cast(CUSTOMERS.c.id, Text)).select_from(source)
        one = one.where(CUSTOMERS.c.tenant_id == TENANT, unseen).order_by(*best).limit(1)
        other = one.scalar_subquery()
    return in_tenant(select(array([items, other])).scalar_subquery())


def _rows(source: Any, keyed: Subquery) -> Select[Any]:
    shown = (CUSTOMERS.c[name] for name in ("kind", "name", "state"))
    id = told(CUSTOMERS.c.id, CUSTOMER.prefix).label("id")
    noun = quoted(CUSTOMER.word).label("object")
    return select(id, noun, *shown, keyed.c.by.label("matched_by")).select_from(source)


def _keyed() -> Subquery:
    """The ids of those whom the keys mean, each with the keys."""
    found = [found_by(key).listed(key, None).add_columns(quoted(key).label("by")) for key in LISTED]
    external = select(owner_of(CUSTOMER.word), quoted("external_id"))
    by_uscc = [_by_uscc(state) for state in CUSTOMER.machines["state"].kind]
    every: CompoundSelect[Any] = union_all(*found, external, *by_uscc)
    keys = every.subquery("keys")
    id, by = keys.c
    ordered = func.array_agg(aggregate_order_by(by, by)).label("by")
    return select(id.label("id"), ordered).where(id.is_not(None)).group_by(id).subquery("keyed")


def _by_uscc(state: str) -> Select[Any]:
    """Each state has an index of its own."""
    mine: ColumnElement[bool] = CUSTOMERS.c.state == quoted(state)
    found = select(CUSTOMERS.c.id, quoted("uscc"))
    return found.where(CUSTOMERS.c.tenant_id == TENANT, CUSTOMERS.c.uscc == USCC, mine)
