from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource
from crm_api.platform.jobs.schemas import JobRead

from .schemas import SnapshotCreate
from .service import SnapshotService

router = resource("snapshots", "jobs")

Taker = Annotated[
    SnapshotService, provide(SnapshotService, "exports:read", "customers:read", "customers:export")
]


@router.post("", status_code=202, response_model=JobRead)
async def take_snapshot(snapshots: Taker, data: SnapshotCreate) -> Response:
    """Have all records written down as they are at one moment, live and archived ones.

    The job's `cursor` is the last event that the file shows: follow the events after it, and
    nothing is missing and nothing comes twice.
    """
    return accepted(await snapshots.start(data))
