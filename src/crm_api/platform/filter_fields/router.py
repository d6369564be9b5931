from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.contract_parts import IN_WORDS
from crm_api.kit.http import said
from crm_api.kit.languages import language_headers
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import FilterFieldQuery, FilterFields
from .service import FilterFieldService

router = resource("filter-fields", "filters")

Fields = Annotated[FilterFieldService, provide(FilterFieldService)]
Query = Annotated[FilterFieldQuery, asked(FilterFieldQuery)]


@router.get("", response_model=FilterFields, responses={200: IN_WORDS})
async def get_filter_fields(fields: Fields, query: Query) -> Response:
    """Tell the fields of a collection that filters may ask about, and what may be asked.

    Labels come in the language of `Accept-Language`, your own fields' in one that they have. An
    editor of definitions needs all languages: `GET /v1/custom-fields` has them in `labels`.
    """
    told, languages = await fields.get(query.resource)
    return said(told, *language_headers(*languages))
