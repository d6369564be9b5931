from typing import Annotated

from fastapi import Response

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.http import found
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import CustomerOverview
from .service import OverviewService

ids_in_paths(CUSTOMER.prefix)
router = resource("customers", "customers")

Reader = Annotated[OverviewService, provide(OverviewService, "customers:read")]


@router.get("/{id:cus}/overview", response_model=CustomerOverview)
async def get_customer_overview(overviews: Reader, id: CustomerId) -> Response:
    """Read what to show first of a customer, in one call: the customer, what the units know, open
    deals, activities, open tasks.

    Each record is as its own GET shows it to you; only those that you see are there, and are
    counted. `customers:read` is all that you need: what you lack the scope to read is null. An
    archived customer is answered: look at its `state`.
    """
    return found(await overviews.get(id))
