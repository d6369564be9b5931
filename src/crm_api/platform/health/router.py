"""Whether the process lives, and whether it can work: for balancers and orchestrators."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from crm_api.kit.context import House
from crm_api.kit.errors import Unavailable
from crm_api.kit.failures import told_as_problems
from crm_api.kit.words import say

from .repository import revision


async def livez(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """Ready when the database answers and has the tables that this code was written for."""
    house: House = request.app.state.house
    with told_as_problems:
        found = await revision(house)
    if found in request.app.state.behind:
        raise Unavailable(say("The database is older than this code: run crm-api migrate."))
    return JSONResponse({"status": "ready"})


def install_health(app: FastAPI) -> None:
    app.add_route("/livez", livez, include_in_schema=False)
    app.add_route("/readyz", readyz, include_in_schema=False)
