from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.http import answered
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource
from crm_api.platform.jobs.schemas import JobRead

from .schemas import BulkPreview, CustomersChange
from .service import BulkService

router = resource("customers", "customers")

Changer = Annotated[
    BulkService,
    provide(BulkService, "bulk:write", "customers:read", "customers:write", "customers:bulk"),
]
PREVIEW = {"model": BulkPreview}


@router.post("/bulk", status_code=202, response_model=JobRead, responses={200: PREVIEW})
async def change_customers(customers: Changer, data: CustomersChange) -> Response:
    """Change many customers in the same way: those of a filter, or of a list of ids.

    With `preview` nothing is changed: the answer says how many they are, and shows some. Without,
    a job works through them; its result tells what became of each.
    """
    if data.preview:
        return answered(await customers.preview(data))
    return accepted(await customers.start(data))
