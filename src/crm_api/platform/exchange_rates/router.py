from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.batch import Outcomes, answered
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import ExchangeRatePage, ExchangeRateQuery
from .resource import EXCHANGE_RATE
from .schemas import (
    ExchangeRateBatch,
    ExchangeRateCreate,
    ExchangeRateId,
    ExchangeRateRead,
    ExchangeRateUpdate,
)
from .service import ExchangeRateService

ids_in_paths(EXCHANGE_RATE.prefix)
router = resource("exchange-rates", "exchange-rates")

Reader = Annotated[ExchangeRateService, provide(ExchangeRateService, "exchange_rates:read")]
Writer = Annotated[ExchangeRateService, provide(ExchangeRateService, "exchange_rates:write")]


@router.get("", response_model=ExchangeRatePage)
async def list_exchange_rates(
    rates: Reader, query: Annotated[ExchangeRateQuery, asked(ExchangeRateQuery)]
) -> Response:
    """List exchange rates, those that begin last first; or, with `in_force_on`, of each pair of
    currencies the one that is in force on a day."""
    return listed(await rates.list(query))


@router.post("", status_code=201, response_model=ExchangeRateRead)
async def create_exchange_rate(rates: Writer, data: ExchangeRateCreate) -> Response:
    """Enter what one unit of a currency is worth from a day on, in the tenant's base currency.

    A pair of currencies has one rate that begins on a day.
    """
    return created(rates.create(data))


@router.get("/{id:fxr}", response_model=ExchangeRateRead)
async def get_exchange_rate(rates: Reader, id: ExchangeRateId) -> Response:
    """Read an exchange rate."""
    return found(await rates.get(id))


@router.patch("/{id:fxr}", response_model=ExchangeRateRead)
async def update_exchange_rate(
    rates: Writer, id: ExchangeRateId, data: ExchangeRateUpdate
) -> Response:
    """Correct a rate, or who says so. For another day, or another pair, enter another rate."""
    return changed(await rates.update(id, data))


@router.delete("/{id:fxr}", status_code=204)
async def delete_exchange_rate(rates: Writer, id: ExchangeRateId) -> Response:
    """Delete a rate that should not be there. The one before it is in force instead, until the
    next one begins."""
    await rates.delete(id)
    return gone()


@router.post("/batch-upsert", response_model=Outcomes, responses={207: {"model": Outcomes}})
async def upsert_exchange_rates(rates: Writer, data: ExchangeRateBatch) -> Response:
    """Enter or correct up to 100 rates by their pairs and days, in one statement.

    A rate that is there already makes no new version and no event; a bad item costs only itself,
    unless the batch is `atomic`. A `source` that is not sent stays.
    """
    return answered(rates.ctx, await rates.upsert(data))
