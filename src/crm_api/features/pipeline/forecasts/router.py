from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import Forecast, ForecastAsked
from .service import ForecastService

router = resource("forecasts", "forecasts")

Reader = Annotated[ForecastService, provide(ForecastService, "deals:read", "quotas:read")]


@router.get("", response_model=Forecast)
async def get_forecast(
    forecasts: Reader, query: Annotated[ForecastAsked, asked(ForecastAsked)]
) -> Response:
    """Tell what the open deals that you see may bring, beside what was won and the quotas.

    An open deal counts in the period of its `expected_close_on`, a late one in that of today; each
    counts by its probability, a lost one not at all, and one whose forecast is `omitted` neither.
    Open amounts are converted by today's rates, won ones by those of the days they were won.
    """
    return said(await forecasts.forecast(query))
