from crm_api.kit.catalogue import Catalogue, catalogues
from crm_api.kit.context import Context
from crm_api.kit.criteria import Criterion
from crm_api.kit.errors import FieldError, Forbidden, Invalid
from crm_api.kit.words import say
from crm_api.platform.custom_fields.criteria import with_custom

from .schemas import FilterField, FilterFields


class FilterFieldService:
    """What may be asked about the records of a collection."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def get(self, resource: str) -> FilterFields:
        catalogue = await with_custom(self.ctx, self._catalogue(resource))
        masked = self.ctx.actor.masked
        shown = [_field(one) for one in catalogue.all() if not (one.secret and masked)]
        return FilterFields(object="filter_fields", resource=resource, fields=shown)

    def _catalogue(self, resource: str) -> Catalogue:
        """Raises Invalid where there is none, Forbidden to those who may not read the records."""
        if resource not in catalogues:
            known = ", ".join(sorted(catalogues))
            said: FieldError = {
                "pointer": "?resource",
                "code": "unknown_resource",
                "message": say("Send one of {choices}.", choices=known),
            }
            raise Invalid(say("There is no such collection."), said)
        scope = f"{resource}:read"
        if not self.ctx.actor.may([scope]):
            raise Forbidden(
                say("This needs a key with the scope {scopes}.", scopes=scope),
                missing_scope=[scope],
            )
        return catalogues[resource]


def _field(criterion: Criterion) -> FilterField:
    return FilterField(
        field=criterion.name,
        kind=criterion.kind,
        operators=[op.value for op in criterion.ops],
        options=list(criterion.options),
        groupable=criterion.grouped,
        description=criterion.says or None,
    )
