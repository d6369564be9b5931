from typing import Annotated

from fastapi import Response

from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import ClockAdvance, SandboxClock
from .service import SandboxService

router = resource("sandbox", "sandbox")

Reader = Annotated[SandboxService, provide(SandboxService, "sandbox:read")]
Writer = Annotated[SandboxService, provide(SandboxService, "sandbox:write")]


@router.get("/clock", response_model=SandboxClock)
async def get_sandbox_clock(sandbox: Reader) -> Response:
    """Tell what time it is for the tenant; in a live one it is always the real time."""
    return said(sandbox.clock())


@router.post("/clock/advance", response_model=SandboxClock)
async def advance_sandbox_clock(sandbox: Writer, data: ClockAdvance) -> Response:
    """Let time pass in a sandbox, so that what is due becomes due. It never goes back.

    The process that answers knows it at once, others within a second.
    """
    return said(await sandbox.advance(data))
