from crm_api.kit.catalogue import Catalogue, catalogues
from crm_api.kit.collection import UnknownCollection
from crm_api.kit.context import Context
from crm_api.kit.criteria import Criterion
from crm_api.kit.kinds import Choice
from crm_api.kit.languages import Speaker
from crm_api.kit.rights import rights_of
from crm_api.kit.scopes import require
from crm_api.kit.words import Words, by_language
from crm_api.platform.custom_fields.criteria import with_custom

from .schemas import FilterChoice, FilterField, FilterFields


class FilterFieldService:
    """What may be asked about the records of a collection."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def get(self, resource: str) -> tuple[FilterFields, tuple[str, ...]]:
        """The fields, and the languages of what is said for people."""
        catalogue = await with_custom(self.ctx, collection(self.ctx, resource, "?resource"))
        speaker = Speaker(self.ctx.headers)
        rights = rights_of(self.ctx)
        shown = [_field(one, speaker) for one in catalogue.all() if not rights.refusal(one)]
        told = FilterFields(object="filter_fields", resource=resource, fields=shown)
        return told, speaker.languages


def collection(ctx: Context, resource: str, pointer: str) -> Catalogue:
    """Raises UnknownCollection, and Forbidden to those who may not read the records."""
    if resource not in catalogues:
        raise UnknownCollection(pointer, catalogues)
    require(ctx, f"{resource}:read")
    return catalogues[resource]


def _field(criterion: Criterion, speaker: Speaker) -> FilterField:
    return FilterField(
        field=criterion.name,
        label=" › ".join(speaker.label(labels) for labels in criterion.labels),
        kind=criterion.kind,
        operators=[op.value for op in criterion.ops],
        options=list(criterion.options),
        choices=[_choice(v, choice, speaker) for v, choice in criterion.options.items()],
        groupable=criterion.grouped,
        description=_described(criterion.says, speaker),
    )


def _choice(value: str, choice: Choice, speaker: Speaker) -> FilterChoice:
    return FilterChoice(value=value, label=speaker.label(choice.labels), retired=choice.retired)


def _described(says: str, speaker: Speaker) -> str | None:
    """What a tenant has written itself is in one language."""
    return speaker.label(by_language(says)) if isinstance(says, Words) else says or None
