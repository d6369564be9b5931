from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource
from crm_api.platform.jobs.schemas import JobRead

from .schemas import ExportCreate
from .service import ExportService

router = resource("exports", "jobs")

Exporter = Annotated[
    ExportService, provide(ExportService, "exports:read", "customers:read", "customers:export")
]


@router.post("", status_code=202, response_model=JobRead)
async def start_export(exports: Exporter, data: ExportCreate) -> Response:
    """Have records written into a file, as this key sees them; its job has the `result_url`.

    A record that changes meanwhile is in the file once, as it was before or after the change.
    """
    return accepted(await exports.start(data))
