from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import Satisfaction, SatisfactionAsked
from .service import SatisfactionService

router = resource("satisfaction", "ratings")

Reader = Annotated[SatisfactionService, provide(SatisfactionService, "ratings:read")]


@router.get("", response_model=Satisfaction)
async def get_satisfaction(
    figures: Reader, query: Annotated[SatisfactionAsked, asked(SatisfactionAsked)]
) -> Response:
    """Tell how satisfied the customers are whose ratings you see: how many were asked, how many
    have answered, and what.

    A rating counts in the period in which the customer was asked, for the unit, the assignee and
    the type that the ticket had as it was resolved. Who was not asked does not count.
    """
    return said(await figures.satisfaction(query))
