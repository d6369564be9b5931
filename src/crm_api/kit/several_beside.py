"""Several records beside an id of a document: the first of those that name the same record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema
from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from .columns import Expanded
from .db import table_of
from .filters import OneOf
from .overviews import Shown, shown
from .places import places_of, with_id
from .projection import body_of
from .ruled import Masks
from .schema import Read
from .sight import Seen, visible
from .statement import number, quoted


@dataclass(frozen=True, slots=True)
class ExpandedAll(Expanded):
    """A field that holds the records of which an overview of the record in `by` shows the first,
    as `part`: without the document itself; absent unless asked for."""

    part: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        said = "only there when `expand` asks for it."
        described = handler(schema)
        described["description"] = f"{described.get('description', 'Records')} {said}"
        return {**described, "x-expands": self.by}


def all_beside(
    mark: ExpandedAll,
    of: ColumnElement[UUID],
    itself: ColumnElement[UUID],
    target: type[Read],
    seen: Seen | None,
    masks: Masks,
) -> ColumnElement[Any]:
    """The JSON array of the records that name `of`."""
    part, row = shown[mark.part], table_of(target.table).alias()
    body, source = body_of(target, row, masks)
    order = [place.order for place in places_of(row, with_id(part.sort))]
    first = select(body.label("body"), func.row_number().over(order_by=order).label("place"))
    mine = (row.c[part.by] == of, row.c.id != itself)
    first = first.select_from(source).where(*visible(row, seen), *mine, *_asked(part, row))
    one = first.order_by(*order).limit(number(part.most)).correlate_except(row).subquery()
    items = func.string_agg(one.c.body, aggregate_order_by(quoted(","), one.c.place))
    found = select(func.coalesce(items, quoted(""))).scalar_subquery()
    return quoted("[").concat(found).concat(quoted("]"))


def _asked(part: Shown, row: FromClause) -> list[ColumnElement[bool]]:
    return [OneOf(name).condition(row, name, values) for name, values in part.where.items()]
