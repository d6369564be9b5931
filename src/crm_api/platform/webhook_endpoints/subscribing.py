"""Which events an endpoint is told of: whether what was asked can be."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from crm_api.kit.actor import Actor
from crm_api.kit.asking import Asker
from crm_api.kit.catalogue import Catalogue, Through, catalogues
from crm_api.kit.context import Context
from crm_api.kit.errors import Forbidden
from crm_api.kit.events import kinds, word_of
from crm_api.kit.matching import Node, asked_in
from crm_api.kit.resource import declared
from crm_api.kit.rights import Rights
from crm_api.kit.tree import Filter
from crm_api.kit.words import say
from crm_api.platform.custom_fields.criteria import with_custom
from crm_api.platform.journal.sight import EVERY, fits

from .errors import WrongField

FILTER: TypeAdapter[Any] = TypeAdapter(Filter)


def known_types() -> set[str]:
    return {kind.type for kind in kinds()}


def visible(actor: Actor, types: Iterable[str]) -> set[str]:
    """The types of the nouns that somebody may read."""
    return {type for type in types if actor.may([declared[word_of(type)].scope])}


def check_types(actor: Actor, patterns: Sequence[str], at: str = "/event_types") -> None:
    """Raises WrongField for what no event has, Forbidden for what the actor may not read."""
    types = known_types()
    for number, pattern in enumerate(patterns):
        found = {type for type in types if fits(type, [pattern])}
        if not found:
            message = say("There is no such event: see `openapi/events.yaml`.")
            raise WrongField(f"{at}/{number}", "event_type_unknown", message)
        if pattern != EVERY and not visible(actor, found):
            scope = declared[word_of(pattern)].scope
            raise Forbidden(
                say("This needs a key with the scope {scopes}.", scopes=scope),
                missing_scope=[scope],
            )


async def understood(
    ctx: Context, patterns: Sequence[str], filter: Mapping[str, Any], rights: Rights
) -> Node:
    """The filter of an endpoint as it stands now. Raises Invalid, Forbidden."""
    asker = Asker(await with_custom(ctx, _catalogue(patterns)), ctx.tenant, ctx.now, rights)
    node = asker.understand(FILTER.validate_python(filter))
    if any(isinstance(asked.criterion, Through) for asked in asked_in(node)):
        message = say("An event has one record: ask by fields of its own.")
        raise WrongField("/filter", "field_not_in_event", message)
    return node


def _catalogue(patterns: Sequence[str]) -> Catalogue:
    nouns = {word_of(type) for type in known_types() if fits(type, patterns)}
    fitting = [catalogue for catalogue in catalogues.values() if nouns == {catalogue.noun}]
    if not fitting:
        message = say(
            "A filter needs event types of one noun, which is one of {choices}.",
            choices=", ".join(_nouns(catalogues.values())),
        )
        raise WrongField("/filter", "filter_without_noun", message)
    return fitting[0]


def _nouns(of: Collection[Catalogue]) -> Iterator[str]:
    yield from sorted(catalogue.noun for catalogue in of)
