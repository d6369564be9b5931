"""Fields that a tenant has defined, as fields that may be asked about."""

from dataclasses import replace
from functools import partial

from crm_api.kit.catalogue import Catalogue
from crm_api.kit.context import Context
from crm_api.kit.definitions import NONE, Definition, Fields

from .asked import CustomCriterion


def criterion(defined: Definition) -> CustomCriterion:
    return CustomCriterion(
        name=f"custom.{defined.key}",
        kind=defined.kind,
        labels=(defined.labels,),
        says=defined.description or "",
        options=defined.options,
        secret=defined.sensitive,
        key=defined.key,
        id=defined.id,
        indexed=defined.indexed,
    )


async def with_custom(ctx: Context, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the fields that the tenant has defined."""
    return _joined(await ctx.learn(), catalogue)


def _joined(fields: Fields, catalogue: Catalogue) -> Catalogue:
    own = map(criterion, fields.get(catalogue.noun, NONE).values())
    links = {
        name: replace(link, catalogue=partial(_joined, fields, link.catalogue()))
        for name, link in catalogue.links.items()
    }
    return replace(catalogue, fields=(*catalogue.fields, *own), links=links)
