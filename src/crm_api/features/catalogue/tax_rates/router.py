from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import TaxRatePage, TaxRateQuery
from .resource import TAX_RATE
from .schemas import TaxRateCreate, TaxRateId, TaxRateRead, TaxRateUpdate
from .service import TaxRateService

ids_in_paths(TAX_RATE.prefix)
router = resource("tax-rates", "tax-rates")

Reader = Annotated[TaxRateService, provide(TaxRateService, "tax_rates:read")]
Writer = Annotated[TaxRateService, provide(TaxRateService, "tax_rates:write")]


@router.get("", response_model=TaxRatePage)
async def list_tax_rates(
    rates: Reader, query: Annotated[TaxRateQuery, asked(TaxRateQuery)]
) -> Response:
    """List tax rates, newest first; or, with `in_force_on`, those that are in force on a day."""
    return listed(await rates.list(query))


@router.post("", status_code=201, response_model=TaxRateRead)
async def create_tax_rate(rates: Writer, data: TaxRateCreate) -> Response:
    """Enter what a class of goods is taxed with in a region, from a day on.

    Of a class and region one rate is in force at a time: what overlaps with another is 409
    `period-overlaps`, and `existing` names that. When a rate changes, let the old one end on the
    day on which the new one begins.
    """
    return created(await rates.create(data))


@router.get("/{id:txr}", response_model=TaxRateRead)
async def get_tax_rate(rates: Reader, id: TaxRateId) -> Response:
    """Read a tax rate."""
    return found(await rates.get(id))


@router.patch("/{id:txr}", response_model=TaxRateRead)
async def update_tax_rate(rates: Writer, id: TaxRateId, data: TaxRateUpdate) -> Response:
    """Let a tax rate end, or correct it. Documents keep the rate that they were made with.

    For another class or region, and where the law changes, enter another rate.
    """
    return changed(await rates.update(id, data))


@router.delete("/{id:txr}", status_code=204)
async def delete_tax_rate(rates: Writer, id: TaxRateId) -> Response:
    """Delete a tax rate that should not be there. Documents keep the rate that they were made
    with."""
    await rates.delete(id)
    return gone()
