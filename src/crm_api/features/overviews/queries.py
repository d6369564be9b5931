"""The statement that tells what to show first of a customer."""

from functools import lru_cache
from types import NoneType
from typing import get_args

from pydantic import BaseModel
from sqlalchemy import Text, cast, select
from sqlalchemy.dialects.postgresql import array

from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.actor import Actor
from crm_api.kit.db import table_of
from crm_api.kit.overviews import NOTHING, Json, document, part, shown
from crm_api.kit.projection import ID, body_of
from crm_api.kit.ruled import NO_MASKS, Masks
from crm_api.kit.sight import Seen, seen_by, visible
from crm_api.kit.statement import Statement, in_tenant, quoted

from .schemas import CustomerOverview

CUSTOMERS = table_of(CustomerRead.table)
PARTS: dict[str, type[BaseModel]] = {
    name: get_args(field.annotation)[0]
    for name, field in CustomerOverview.model_fields.items()
    if NoneType in get_args(field.annotation)
}
"""Of the parts, by their members: `shown` says which records."""
Sights = tuple[tuple[str, Seen | None], ...]
"""The parts that a caller may read, each with what he sees of its records; null for all."""


def sights_of(actor: Actor) -> Sights:
    nouns = {name: shown[name].noun for name in PARTS}
    readable = (name for name, noun in nouns.items() if actor.may([noun.scope]))
    return tuple((name, seen_by(actor, nouns[name].model)) for name in readable)


@lru_cache(maxsize=256)
def overview(seen: Seen | None, sights: Sights, masks: Masks = NO_MASKS) -> Statement:
    """`[json, version]` of the customer with the id that `id` says, or null."""
    body, source = body_of(CustomerRead, masks=masks)
    version = cast(CUSTOMERS.c.version, Text)
    parts: dict[str, Json] = dict.fromkeys(PARTS, NOTHING)
    parts |= {name: part(name, PARTS[name], mine, masks) for name, mine in sights}
    kind = quoted('"customer_overview"')
    whole = document({"object": kind, "version": version, "customer": body, **parts})
    chosen = select(array([whole, version])).select_from(source)
    chosen = chosen.where(*visible(CUSTOMERS, seen), CUSTOMERS.c.id == ID)
    return in_tenant(chosen.scalar_subquery())
