from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import FilterFieldQuery, FilterFields
from .service import FilterFieldService

router = resource("filter-fields", "filters")

Fields = Annotated[FilterFieldService, provide(FilterFieldService)]
Query = Annotated[FilterFieldQuery, asked(FilterFieldQuery)]


@router.get("", response_model=FilterFields)
async def get_filter_fields(fields: Fields, query: Query) -> Response:
    """Tell the fields of a collection that filters may ask about, and what may be asked."""
    return said(await fields.get(query.resource))
